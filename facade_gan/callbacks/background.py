"""Encoding and writing beside the training: an epoch on a GPU is over before a picture is a PNG."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer


class Background(Callback):
    """Runs what others give it in one thread, in order, while training goes on.

    So whatever was given before a checkpoint is on the disk before that checkpoint takes its name.
    It is done with everything when training ends; a process that fails waits for it too.
    """

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Start with nothing to do."""
        self.thread = ThreadPoolExecutor(1)
        self.pending: list[Future[Any]] = []

    def run(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Have ``work`` done, behind what was given before."""
        self.pending = [each for each in self.pending if not each.done() or each.exception()]
        self.pending.append(self.thread.submit(work, *arguments))
        return self.pending[-1]

    def finish(self) -> None:
        """Wait until everything is done.

        Raises:
            Exception: the first that the work raised.
        """
        pending, self.pending = self.pending, []
        for each in pending:
            each.result()

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Leave everything where it is looked for after the training."""
        self.finish()


def background_of(trainer: Trainer) -> Background:
    """Find the one of this run."""
    return next(c for c in trainer.callbacks if isinstance(c, Background))  # type: ignore[attr-defined]
