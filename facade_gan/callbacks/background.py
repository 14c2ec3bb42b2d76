"""Encoding and writing of pictures beside the training."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class Background:
    """Runs what it is given in one thread, in order, while training goes on."""

    def __init__(self) -> None:
        self.thread = ThreadPoolExecutor(1)
        self.pending: list[Future[Any]] = []

    def run(self, work: Callable[..., Any], *arguments: Any) -> None:
        """Have ``work`` done, behind what was given before."""
        self.pending.append(self.thread.submit(work, *arguments))

    def finish(self) -> None:
        """Wait until everything is done.

        Raises:
            Exception: the first that the work raised.
        """
        pending, self.pending = self.pending, []
        for each in pending:
            each.result()
