"""A bound on what threads hold together."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class MemoryBudget:
    """Lets threads hold ``total`` bytes together: who would exceed it waits for others to end.

    Who wants more than ``total`` gets it alone.
    """

    def __init__(self, total: int):
        self.total = total
        self.free = total
        self.changed = threading.Condition()

    @contextmanager
    def held(self, wanted: int) -> Iterator[None]:
        """Hold ``wanted`` bytes for the time of the ``with`` block."""
        wanted = min(wanted, self.total)
        with self.changed:
            self.changed.wait_for(lambda: self.free >= wanted)
            self.free -= wanted
        try:
            yield
        finally:
            with self.changed:
                self.free += wanted
                self.changed.notify_all()
