"""Whose turn it is at the end of an epoch."""

import math
import time
from dataclasses import dataclass
from typing import Any

from lightning.pytorch import Trainer

from facade_gan.distributed.collectives import first_says


class Turns:
    """Come up every n epochs, but not sooner than some seconds after the one before.

    An epoch of few photos takes a GPU a hundredth of a second, less than what is done behind it.

    Args:
        every_n_epochs: epochs between two turns; the last epoch has one in any case.
        seconds_between: from one turn to the next at least.
    """

    def __init__(self, every_n_epochs: int, seconds_between: float) -> None:
        self.every_n_epochs, self.seconds_between = every_n_epochs, seconds_between
        self.latest = -math.inf

    def is_up(self, trainer: Trainer) -> bool:
        """Whether this device finds that the epoch that ends has a turn: their clocks differ."""
        if is_last_epoch(trainer):
            return True
        over = time.monotonic() - self.latest >= self.seconds_between
        return over and (trainer.current_epoch + 1) % self.every_n_epochs == 0

    def taken(self) -> None:
        """Start the clock for the next turn."""
        self.latest = time.monotonic()

    def take(self, trainer: Trainer) -> bool:
        """Take the turn if it is up on the first device; say whether, alike on all devices."""
        (up,) = first_says(self.is_up(trainer))
        if up:
            self.taken()
        return bool(up)


@dataclass(frozen=True)
class End:
    """What ends a run, if nothing stops it before."""

    blocks: int
    """How many blocks it has in all."""
    words: str
    """Such as "epoch 100" or "step 5000"."""
    epochs: int | None
    """How many epochs it has; None where it is ended by a number of steps."""


def end_of(trainer: Trainer) -> End | None:
    """Find what ends the run, max_epochs or max_steps; None where neither says.

    Steps are counted in blocks of the data module, see ``data/module.py``.
    """
    blocks = trainer.num_training_batches
    if blocks == math.inf:
        return None
    epochs, steps = trainer.max_epochs or -1, trainer.max_steps
    ends = [End(int(blocks) * epochs, f"epoch {epochs}", epochs)] if epochs > 0 else []
    if steps > -1:
        ends.append(End(blocks_of(steps, trainer), f"step {steps}", None))
    return min(ends, key=lambda end: end.blocks, default=None)


def blocks_of(steps: int, trainer: Trainer) -> int:
    """Count the blocks that so many steps are, the last one maybe in part."""
    data: Any = trainer.datamodule  # type: ignore[attr-defined]
    per_epoch = math.ceil(data.samples // trainer.world_size / data.batch_size)
    rest = math.ceil(steps % per_epoch / data.steps_per_call)
    return steps // per_epoch * int(trainer.num_training_batches) + rest


def blocks_done(trainer: Trainer, end: End | None) -> int:
    """Count the blocks that lie behind a run as it is now, on the way to ``end``.

    Before a resume with another ``batch_size`` they may have been of another size.
    """
    batches = trainer.fit_loop.epoch_loop.batch_progress
    if end is None:
        return batches.total.ready
    if end.epochs is None:
        return blocks_of(trainer.global_step, trainer)
    return trainer.current_epoch * int(trainer.num_training_batches) + batches.current.ready


def is_last_epoch(trainer: Trainer) -> bool:
    """Whether training stops after this epoch."""
    return trainer.current_epoch + 1 == trainer.max_epochs or is_last_step(trainer)


def is_last_step(trainer: Trainer) -> bool:
    """Whether training stops after this batch, be the epoch over or not."""
    return trainer.should_stop or trainer.global_step == trainer.max_steps
