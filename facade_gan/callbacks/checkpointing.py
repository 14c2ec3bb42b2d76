"""Checkpoints: the last state always, the one before it as a reserve, and the best by a metric."""

import logging
import time
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Literal

import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint
from lightning.pytorch.loggers import CSVLogger, Logger

from facade_gan.atomic_files import write_bytes
from facade_gan.callbacks.background import background_of
from facade_gan.callbacks.epochs import Turns, is_last_step
from facade_gan.checkpoints import fit_loop_counters
from facade_gan.checkpoints.write import serialised
from facade_gan.distributed.collectives import first_says
from facade_gan.errors import UserError

log = logging.getLogger(__name__)


class Checkpoints(Checkpoint):
    """Saves ``last.ckpt`` every n epochs, every n minutes and at the end, and ``best.ckpt``.

    A run killed at any moment and resumed from ``last.ckpt`` ends with the same bits on a CPU.
    The state is copied when its turn comes, and written by ``Background`` while training goes on.

    Args:
        folder: where the checkpoints go.
        every_n_epochs: epochs between two saves.
        seconds_between: from one save to the next at least, where epochs are short.
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
        seconds_between: float,
        every_n_minutes: float,
        monitor: str | None,
        keep: list[Literal["best", "last", "previous"]] | None,
    ) -> None:
        self.folder, self.monitor, self.keep = Path(folder), monitor, keep
        self.turns = Turns(every_n_epochs, seconds_between)
        self.every_n_minutes = every_n_minutes
        self.best_score: float | None = None  # of the best epoch so far
        self.kept_score: float | None = None  # of the state that best.ckpt holds on the disk
        # The value that was compared last; the same tensor was not measured since.
        self.compared: torch.Tensor | None = None
        self.was_compared = True  # the value that a resumed run begins with
        self.metrics: dict[str, float] = {}  # as read from the checkpoint
        self.saved_at, self.saved_step = time.monotonic(), -1
        self.writing: Future[None] | None = None  # of the latest state
        self.failed = False  # whether last.ckpt could not be written last
        self.received = 0  # number of the signal that this process got; 0 for none
        self.stop_by = 0  # that of the first process, when all agreed last

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
        epoch_is_whole = trainer.fit_loop.epoch_loop.batch_progress.is_last_batch
        fit_loop_counters.make_unambiguous(checkpoint["loops"]["fit_loop"], epoch_is_whole)
        metrics = {name: float(value) for name, value in trainer.callback_metrics.items()}
        checkpoint["metrics"] = metrics  # the latest value of everything logged
        checkpoint["compared"] = self.monitored(trainer) is self.compared

    def on_load_checkpoint(
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Keep the metrics until Lightning has cleared its own, and look whose photos these are."""
        self.metrics = checkpoint["metrics"]
        self.was_compared = checkpoint.get("compared", True)
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
        self.best_score = self.kept_score = state_dict["best_score"]

    # ------------------------------------------------------------------ when one is written

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Show the metrics of a resumed run as if it had never stopped."""
        known = {name: torch.tensor(value) for name, value in self.metrics.items()}
        trainer.callback_metrics.update(known)

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the clock."""
        self.saved_at = time.monotonic()
        self.compared = self.monitored(trainer) if self.was_compared else None
        there, kept = first_says(self.last.is_file(), self.best.is_file())
        self.saved_step = trainer.global_step if there else -1
        if not kept:  # going on in another folder: the best of this one is still to come
            self.best_score = self.kept_score = None

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Save when the minutes are over, but not just before the epoch's end saves anyway."""
        if trainer.is_last_batch:
            return
        (due,) = self.agree_and_hear_signals(self.minutes_are_over or is_last_step(trainer))
        if due:
            self.save(trainer, self.last)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Save the epoch if its turn has come, and keep it if it is the best."""
        metric = self.monitored(trainer)
        # A value stays until the next measurement, and says nothing of the networks in between.
        score = None if metric is None or metric is self.compared else float(metric)
        self.compared = metric
        if self.best_score != self.kept_score and self.writing is not None:
            self.writing.result()  # until then nobody knows what best.ckpt holds
        better = score is not None and (self.best_score is None or score < self.best_score)
        # The first process writes, so it alone knows what best.ckpt holds.
        better, due = self.agree_and_hear_signals(
            better, self.turns.is_up(trainer) or self.minutes_are_over
        )
        paths = []
        if better:
            self.best_score = score
            paths.append(self.best)
        if due:
            self.turns.taken()
            paths.append(self.last)
        if paths:
            self.save(trainer, *paths)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Save what was trained since the last save, and remove what isn't to be kept."""
        if not self.save_at_once(trainer):
            raise UserError(f"{self.last} could not be written, and holds an earlier state if any")
        if self.keep is not None and trainer.is_global_zero:
            written = {name: self.folder / f"{name}.ckpt" for name in ("best", "last", "previous")}
            kept = [name for name in self.keep if written[name].is_file()] or ["last"]
            for name, path in written.items():
                if name not in kept:
                    path.unlink(missing_ok=True)

    def monitored(self, trainer: Trainer) -> torch.Tensor | None:
        """The latest value of the metric; the same tensor as long as nothing new is logged."""
        return trainer.callback_metrics.get(self.monitor) if self.monitor else None

    def agree_and_hear_signals(self, *answers: bool) -> list[bool]:
        """Take the first process's answers, and learn in the same message if a signal stops it."""
        *taken, self.stop_by = first_says(*answers, self.received)
        return [bool(answer) for answer in taken]

    @property
    def minutes_are_over(self) -> bool:
        """Whether the last save was longer ago than it should be."""
        return time.monotonic() - self.saved_at > 60 * self.every_n_minutes

    def save_at_once(self, trainer: Trainer) -> bool:
        """Have this state in ``last.ckpt`` before going on; say whether it is, on all devices."""
        if self.saved_step == trainer.global_step:
            background_of(trainer).finish()
        (failed,) = first_says(self.failed)
        if failed or self.saved_step != trainer.global_step:
            self.save(trainer, self.last)
            background_of(trainer).finish()
            (failed,) = first_says(self.failed)
        return self.saved_step == trainer.global_step and not failed

    def save(self, trainer: Trainer, *paths: Path) -> None:
        """Have the state of now written to ``paths``, unless it holds NaN or infinity."""
        if self.last in paths:
            self.saved_at = time.monotonic()
        if trainer.lightning_module.note_broken_weight():  # type: ignore[operator]
            self.best_score = self.kept_score
            return  # callbacks/divergence.py acts on it
        if self.writing is not None:
            self.writing.result()  # a slow disk must not fill the memory with states

        # The curves up to here must outlive a kill as the checkpoint does. Lightning's file of
        # rows is not made for two threads: what one logs while the other saves would be lost.
        rows = [logger for logger in trainer.loggers if isinstance(logger, CSVLogger)]
        curves = [logger for logger in trainer.loggers if logger not in rows]

        def hand_over(checkpoint: dict[str, Any]) -> None:
            for logger in rows:
                try:
                    logger.save()
                except OSError as error:
                    log.error(f"the rows of {logger.log_dir} not saved: {error.strerror}")
            self.writing = background_of(trainer).run(self.write, checkpoint, paths, curves)

        trainer.save_checkpoint(self.folder, weights_only=False, storage_options=hand_over)
        if self.last in paths:
            self.saved_step = trainer.global_step

    def write(
        self, checkpoint: dict[str, Any], paths: Sequence[Path], loggers: Sequence[Logger]
    ) -> None:
        """Write one state; what ``last.ckpt`` held stays as ``previous.ckpt``."""
        try:
            for logger in loggers:
                logger.save()
            data = serialised(checkpoint)
            for path in paths:
                fresh = self.folder / "fresh.ckpt"
                write_bytes(fresh, data, durable=True)
                if path == self.last and path.is_file():
                    # A kill between these lines leaves previous.ckpt, which a resume then takes.
                    path.replace(self.folder / "previous.ckpt")
                fresh.replace(path)
                if path == self.best:
                    self.kept_score = self.best_score
        except OSError as error:
            log.error(f"{paths[-1]} not saved: {error.strerror}; those before it are intact")
            self.failed = True
            self.best_score = self.kept_score  # a later epoch may still be better than that one
        else:
            self.failed = self.failed and self.last not in paths
