"""Checkpoints: the last state always, the one before it as a reserve, and the best by a metric."""

import os
import time
from pathlib import Path
from typing import Any

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint


class Checkpoints(Checkpoint):
    """Saves ``last.ckpt`` every n epochs, every n minutes and at the end, and ``best.ckpt``.

    Args:
        folder: where the checkpoints go.
        every_n_epochs: epochs between two saves.
        every_n_minutes: minutes between two saves inside longer epochs.
        monitor: name of a logged metric, lower is better, whose best epoch is kept; None for none.
    """

    def __init__(
        self, folder: str, every_n_epochs: int, every_n_minutes: float, monitor: str | None
    ) -> None:
        self.folder, self.monitor = Path(folder), monitor
        self.every_n_epochs, self.every_n_minutes = every_n_epochs, every_n_minutes
        self.best_score: float | None = None
        self.saved_at = time.monotonic()

    @property
    def last(self) -> Path:
        """The checkpoint to go on from."""
        return self.folder / "last.ckpt"

    @property
    def best(self) -> Path:
        """The checkpoint with the lowest metric."""
        return self.folder / "best.ckpt"

    def state_dict(self) -> dict[str, Any]:
        """What a resumed run needs to keep the best apart from the rest."""
        return {"best_score": self.best_score}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take it back."""
        self.best_score = state_dict["best_score"]

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the clock."""
        self.saved_at = time.monotonic()

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Save when the minutes are over, but not just before the epoch's end saves anyway."""
        due = time.monotonic() - self.saved_at > 60 * self.every_n_minutes
        if trainer.strategy.broadcast(due) and not trainer.is_last_batch:
            self.save_last(trainer)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Save the epoch if its turn has come, and keep it if it is the best."""
        epoch = trainer.current_epoch + 1
        score = trainer.callback_metrics.get(self.monitor) if self.monitor else None
        if score is not None and (self.best_score is None or float(score) < self.best_score):
            self.best_score = float(score)
            trainer.save_checkpoint(self.best)
        if epoch % self.every_n_epochs == 0 or epoch == trainer.max_epochs:
            self.save_last(trainer)

    def save_last(self, trainer: Trainer) -> None:
        """Write ``last.ckpt``; the one it replaces stays as ``previous.ckpt``."""
        if trainer.is_global_zero and self.last.is_file():
            os.replace(self.last, self.folder / "previous.ckpt")
        trainer.save_checkpoint(self.last)
        self.saved_at = time.monotonic()
