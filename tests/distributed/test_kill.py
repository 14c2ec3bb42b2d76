"""One of several processes is killed: what the others do."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import REPOSITORY, TINY


def children(pid: int) -> list[int]:
    """The processes that ``pid`` started, on Linux."""
    tasks = Path(f"/proc/{pid}/task")
    return [int(c) for task in tasks.iterdir() for c in (task / "children").read_text().split()]


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.parametrize(
    ("victim", "line"),
    [
        (0, "error: the first process ({}) was ended from outside, so all have stopped"),
        (1, "error: process 1 of 2 ended with signal SIGKILL, so all have stopped"),
    ],
)
def test_when_one_process_is_killed_all_end_with_a_line_that_says_which(
    tmp_path: Path, victim: int, line: str
) -> None:
    run = subprocess.Popen(
        [
            sys.executable,
            "train.py",
            *TINY,
            "trainer=ddp",
            "trainer.devices=2",
            "data.count=16",
            "trainer.max_epochs=100000",
            f"data.cache_dir={tmp_path}",
            f"hydra.run.dir={tmp_path}/r",
        ],
        cwd=REPOSITORY,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    deadline = time.monotonic() + 200
    while not (tmp_path / "r" / "grids" / "epoch_0001.png").exists():
        assert run.poll() is None and time.monotonic() < deadline, run.communicate()
        time.sleep(0.1)
    (other,) = children(run.pid)
    os.kill([run.pid, other][victim], signal.SIGKILL)
    printed, _ = run.communicate(timeout=60)  # ends when the last process has closed its output
    assert line.format(run.pid) in printed
    assert run.returncode == (-signal.SIGKILL if victim == 0 else 2)
