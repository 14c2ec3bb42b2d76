"""Ctrl-C and SIGTERM: save, stop within seconds, and say how to go on."""

import logging
import signal
import threading
from types import FrameType
from typing import Any

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint

from facade_gan.callbacks.checkpointing import Checkpoints
from facade_gan.callbacks.epochs import is_last_epoch
from facade_gan.commandline.resume_command import command_to_go_on
from facade_gan.errors import Stopped, StoppedWhenDone

log = logging.getLogger(__name__)

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopOnSignal(Checkpoint):
    """Ends training at the first signal, after the current block of steps; a second one at once.

    The state is saved before, so a stopped run loses no step. A signal during the work at an
    epoch's end (grid, metrics) waits for that work, as it belongs to the epoch. A ``Checkpoint``,
    because Lightning calls those after all other callbacks.

    Raises:
        Stopped: after the checkpoint is written.
    """

    def __init__(self) -> None:
        self.handlers: dict[signal.Signals, Any] = {}

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Take the signals over."""
        self.speaks = trainer.is_global_zero
        self.checkpoints = next(c for c in trainer.callbacks if isinstance(c, Checkpoints))  # type: ignore[attr-defined]
        if threading.current_thread() is threading.main_thread():  # signals reach no other thread
            self.handlers = {each: signal.signal(each, self.receive) for each in SIGNALS}

    def receive(self, number: int, frame: FrameType | None) -> None:
        """Remember the first signal; a second one then ends the process."""
        self.checkpoints.received = number
        for each in SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        if self.speaks:
            name = signal.Signals(number).name
            log.info(f"{name}: saving, then stopping. Once more stops at once.")

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Stop between two blocks; at the end of an epoch its own hook does."""
        if not trainer.is_last_batch:
            self.stop_if_asked(trainer)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Stop between two epochs; after the last one the run ends anyway."""
        if not is_last_epoch(trainer):
            self.stop_if_asked(trainer)

    def stop_if_asked(self, trainer: Trainer) -> None:
        """Save and leave the training loop if the first process has received a signal."""
        if not self.checkpoints.stop_by:
            return
        saved = self.checkpoints.save_at_once(trainer)
        place = f"at step {trainer.global_step} in epoch {trainer.current_epoch + 1}"
        state = f"Stopped and saved {place}" if saved else f"Stopped {place}, but could not save"
        received = signal.Signals(self.checkpoints.stop_by)
        words = f"{state}. To go on:\n  {command_to_go_on()}" if self.speaks else ""
        raise Stopped(received, words)

    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Give the signals back."""
        for each, handler in self.handlers.items():
            signal.signal(each, handler)
        self.handlers = {}


def stop_what_follows(trainer: Trainer, value: float | None) -> None:
    """Raise where a signal came too late to stop the run, such as during its last metrics.

    Args:
        trainer: of the run, which is done.
        value: what the run is ranked by.

    Raises:
        StoppedWhenDone: with the value.
    """
    checkpoints = next(c for c in trainer.callbacks if isinstance(c, Checkpoints))  # type: ignore[attr-defined]
    if checkpoints.received:
        raise StoppedWhenDone(signal.Signals(checkpoints.received), value)
