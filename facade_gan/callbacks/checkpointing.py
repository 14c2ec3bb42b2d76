"""Checkpoints: the last state always, the one before it as a reserve, and the best by a metric."""

import logging
import time
from pathlib import Path
from typing import Any, Literal

import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint

from facade_gan.callbacks.epochs import is_due, is_last_step
from facade_gan.checkpoints import fit_loop_counters
from facade_gan.compute.finite import non_finite
from facade_gan.errors import UserError

log = logging.getLogger(__name__)


class Checkpoints(Checkpoint):
    """Saves ``last.ckpt`` every n epochs, every n minutes and at the end, and ``best.ckpt``.

    A run killed at any moment and resumed from ``last.ckpt`` ends with the same bits on a CPU.

    Args:
        folder: where the checkpoints go.
        every_n_epochs: epochs between two saves.
        every_n_minutes: minutes between two saves.
        monitor: name of a logged metric, lower is better, whose best epoch is kept; None for none.
        keep: which of "best", "last" and "previous" are left when the run is done; None for all.
            The last one is left where that would be none.

    Raises:
        UserError: when the last state of the run can't be written. A failure before that is a
            warning: the disk may have room again by the next time.
    """

    def __init__(
        self,
        folder: str,
        every_n_epochs: int,
        every_n_minutes: float,
        monitor: str | None,
        keep: list[Literal["best", "last", "previous"]] | None,
    ) -> None:
        self.folder, self.monitor, self.keep = Path(folder), monitor, keep
        self.every_n_epochs, self.every_n_minutes = every_n_epochs, every_n_minutes
        self.best_score: float | None = None
        self.metrics: dict[str, float] = {}  # of the checkpoint, until training starts
        self.saved_at, self.saved_step = time.monotonic(), 0

    @property
    def last(self) -> Path:
        """The checkpoint to go on from."""
        return self.folder / "last.ckpt"

    @property
    def best(self) -> Path:
        """The checkpoint with the lowest metric."""
        return self.folder / "best.ckpt"

    # ------------------------------------------------------------------ what a checkpoint holds

    def on_save_checkpoint(
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Write down where the run stands."""
        for logger in trainer.loggers:
            logger.save()  # the curves up to here must outlive a kill as the checkpoint does
        epoch_is_whole = trainer.fit_loop.epoch_loop.batch_progress.is_last_batch
        fit_loop_counters.make_unambiguous(checkpoint["loops"]["fit_loop"], epoch_is_whole)
        metrics = {name: float(value) for name, value in trainer.callback_metrics.items()}
        checkpoint["metrics"] = metrics  # the latest value of everything logged

    def on_load_checkpoint(
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Keep the metrics until Lightning has cleared its own, and look whose photos these are."""
        self.metrics = checkpoint["metrics"]
        data: Any = trainer.datamodule  # type: ignore[attr-defined]
        changed = data.what_changed(checkpoint.get(type(data).__qualname__, {}))
        if changed is not None:
            epoch = fit_loop_counters.start_epoch_anew(checkpoint["loops"]["fit_loop"])
            data.go_on_at(epoch)
            log.warning(f"Going on from the start of epoch {epoch + 1}: {changed}")

    def state_dict(self) -> dict[str, Any]:
        """What a resumed run needs to keep the best apart from the rest."""
        return {"best_score": self.best_score}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore what ``state_dict`` gave."""
        self.best_score = state_dict["best_score"]

    # ------------------------------------------------------------------ when one is written

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Show the metrics of a resumed run as if it had never stopped."""
        known = {name: torch.tensor(value) for name, value in self.metrics.items()}
        trainer.callback_metrics.update(known)

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the clock."""
        self.saved_at, self.saved_step = time.monotonic(), trainer.global_step

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Save when the minutes are over, but not just before the epoch's end saves anyway."""
        due = self.minutes_are_over or is_last_step(trainer)
        if trainer.strategy.broadcast(due) and not trainer.is_last_batch:
            self.save_last(trainer)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Save the epoch if its turn has come, and keep it if it is the best."""
        score = trainer.callback_metrics.get(self.monitor) if self.monitor else None
        if score is not None and (self.best_score is None or float(score) < self.best_score):
            self.best_score = float(score)
            self.save(trainer, self.best)
        due = is_due(trainer, self.every_n_epochs) or self.minutes_are_over
        if trainer.strategy.broadcast(due):
            self.save_last(trainer)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Save what was trained since the last save, and remove what isn't to be kept."""
        if self.saved_step != trainer.global_step and not self.save_last(trainer):
            raise UserError(f"{self.last} could not be written, and holds an earlier state if any")
        if self.keep is not None and trainer.is_global_zero:
            written = {name: self.folder / f"{name}.ckpt" for name in ("best", "last", "previous")}
            kept = [name for name in self.keep if written[name].is_file()] or ["last"]
            for name, path in written.items():
                if name not in kept:
                    path.unlink(missing_ok=True)

    @property
    def minutes_are_over(self) -> bool:
        """Whether the last save was longer ago than it should be."""
        return time.monotonic() - self.saved_at > 60 * self.every_n_minutes

    def save_last(self, trainer: Trainer) -> bool:
        """Write ``last.ckpt``; the one it replaces stays as ``previous.ckpt``. Say if it worked."""
        if self.saved_step == trainer.global_step and self.last.is_file():
            return True
        fresh = self.folder / "fresh.ckpt"
        written = self.save(trainer, fresh)
        if written and trainer.is_global_zero:
            # A kill between these two lines leaves previous.ckpt, which a resume then takes.
            if self.last.is_file():
                self.last.replace(self.folder / "previous.ckpt")
            fresh.replace(self.last)
        if written:
            self.saved_step = trainer.global_step
        self.saved_at = time.monotonic()
        return written

    def save(self, trainer: Trainer, path: Path) -> bool:
        """Write a checkpoint, unless it would hold no numbers; say whether it was written."""
        if non_finite(trainer.lightning_module) is not None:
            return False  # callbacks/divergence.py speaks of it
        try:
            trainer.save_checkpoint(path, weights_only=False)
        except OSError as error:
            log.error(f"{path} not saved: {error.strerror}; the checkpoints before it are intact")
            return False
        return True
