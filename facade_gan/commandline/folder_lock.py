"""One process at a time in a folder of a run or of a sweep."""

import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from filelock import FileLock, Timeout
from hydra.experimental.callback import Callback
from omegaconf import DictConfig

LOCK = ".lock"
# What a process is numbered by among those of one run; Lightning's own have LOCAL_RANK alone.
RANKS = ("RANK", "SLURM_PROCID", "LOCAL_RANK")

_held: list[FileLock] = []  # locks of this process, let go when it ends; no part of a pickle


class OneRunAFolder(Callback):
    """Holds a run's folder from before anything is written into it until the process ends."""

    def on_run_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Take the folder, or end the command where another process has it."""
        rank = next((os.environ[name] for name in RANKS if name in os.environ), "0")
        if rank == "0":
            folder = Path(config.hydra.run.dir)
            hold(folder, f"another process trains in {folder}: wait for it, or set hydra.run.dir")


def hold(folder: Path, mistake: str) -> None:
    """Keep ``folder`` for this process, or end the command with ``mistake``.

    Where the file system knows no locks, or nothing can be written, there is none.
    """
    lock = FileLock(folder / LOCK)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(blocking=False)
    except Timeout:
        stop(mistake)
    except (OSError, NotImplementedError):
        return
    _held.append(lock)


def stop(mistake: str) -> NoReturn:
    """End the command; Hydra makes a mere warning of an exception in a callback."""
    print(f"error: {mistake}", file=sys.stderr)
    sys.exit(2)
