import threading
import time
from concurrent.futures import ThreadPoolExecutor

from facade_gan.data.files.memory_budget import MemoryBudget


def test_threads_never_hold_more_than_the_budget_together() -> None:
    budget, held, peaks, lock = MemoryBudget(10), 0, [], threading.Lock()

    def work(wanted: int) -> None:
        nonlocal held
        with budget.held(wanted):
            with lock:
                held += wanted
                peaks.append(held)
            time.sleep(0.001)
            with lock:
                held -= wanted

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, [3, 4, 5, 1, 9, 10, 2, 6] * 10))
    assert max(peaks) <= 10
    assert not set(peaks) <= {3, 4, 5, 1, 9, 10, 2, 6}, "never did two hold some at once"
    assert budget.free == 10


def test_who_wants_more_than_there_is_gets_all_of_it() -> None:
    budget = MemoryBudget(10)
    with budget.held(1000):
        assert budget.free == 0
    assert budget.free == 10


def test_an_error_gives_the_memory_back() -> None:
    budget = MemoryBudget(10)
    try:
        with budget.held(7):
            raise ValueError
    except ValueError:
        pass
    assert budget.free == 10
