"""Images per second, and early in a run how long it will take."""

import logging
import time
from typing import Any

import torch
from lightning.pytorch import Callback, Trainer
from torch import Tensor

from facade_gan.callbacks.epochs import blocks_done, end_of
from facade_gan.callbacks.training_cost import tally_of
from facade_gan.gan import GAN

log = logging.getLogger(__name__)


class Throughput(Callback):
    """Logs images per second over all devices, each time the losses are logged.

    Losses are logged by reading them off the device, so no waiting is added: the device has then
    done the steps up to that one, and those after it in a block don't count yet. Images are counted
    by ``Tally``, which has to come before.

    Args:
        announce_after: steps after which one line says how long the run will take.
        slow_below: share of the first minute's images per second; a line says once when a later
            minute of steps falls below it. What is done between epochs, as measuring, is no part
            of these minutes.
    """

    def __init__(self, announce_after: int, slow_below: float) -> None:
        self.announce_after, self.slow_below = announce_after, slow_below

    def on_train_start(self, trainer: Trainer, pl_module: GAN) -> None:  # type: ignore[override]
        """Start the clock."""
        self.seen, self.since = tally_of(trainer).images_seen, time.perf_counter()
        self.logged_at = trainer.global_step
        self.first_step, self.first_time = -1, 0.0
        self.announced = False
        self.minute_seen, self.minute_since = self.seen, self.since
        self.first_minute: float | None = None  # images a second in it
        self.said_slow = False
        self.epoch_ended: float | None = None

    def on_train_epoch_start(self, trainer: Trainer, pl_module: GAN) -> None:  # type: ignore[override]
        """Leave what was done since the last epoch out of the minute."""
        if self.epoch_ended is not None:
            self.minute_since += time.perf_counter() - self.epoch_ended

    def on_train_batch_end(  # type: ignore[override]
        self, trainer: Trainer, pl_module: GAN, outputs: Any, batch: Tensor, batch_idx: int
    ) -> None:
        """Log if the module just logged."""
        self.announce(trainer)
        now = self.epoch_ended = time.perf_counter()  # should this be its last batch
        every = trainer.log_every_n_steps  # type: ignore[attr-defined]
        if trainer.global_step // every == self.logged_at // every:
            return
        late = 0 if pl_module.device.type == "cpu" else trainer.global_step % every
        queued = late * pl_module.batch_size * trainer.world_size
        seen = tally_of(trainer).images_seen - queued
        rate = (seen - self.seen) / (now - self.since)
        trainer.callback_metrics["images_per_second"] = torch.tensor(rate)
        for logger in trainer.loggers:
            logger.log_metrics({"images_per_second": rate}, step=trainer.global_step)
        self.seen, self.since, self.logged_at = seen, now, trainer.global_step
        if now - self.minute_since >= 60:
            self.compare_minute(trainer, (seen - self.minute_seen) / (now - self.minute_since))
            self.minute_seen, self.minute_since = seen, now

    def compare_minute(self, trainer: Trainer, rate: float) -> None:
        """Say once that a minute made far fewer images per second than the first one."""
        if self.first_minute is None:
            self.first_minute = rate
        elif rate < self.slow_below * self.first_minute and not self.said_slow:
            self.said_slow = True
            if trainer.is_global_zero:
                log.warning(
                    f"{rate:.1f} images/s, after {self.first_minute:.1f} in the first minute: does "
                    "another program take the cores, or the GPU?"
                )

    def announce(self, trainer: Trainer) -> None:
        """Say once, from the pace of some steps after the first, how long the run will take."""
        if self.announced or (end := end_of(trainer)) is None:
            return
        blocks = blocks_done(trainer, end)
        if self.first_step < 0:  # the first block also sets things up
            self.first_step, self.first_time = trainer.global_step, time.perf_counter()
            self.first_block = blocks
        elif trainer.global_step - self.first_step >= self.announce_after:
            pace = (time.perf_counter() - self.first_time) / (blocks - self.first_block)
            left = pace * (end.blocks - blocks)
            if left > 0 and trainer.is_global_zero:
                log.info(f"About {duration(left)} to {end.words} at this pace.")
            self.announced = True


def duration(seconds: float) -> str:
    """Write seconds as a person says them: "1 second", "12 minutes", "3.5 hours"."""
    if seconds < 90:
        whole = max(1, round(seconds))
        return "1 second" if whole == 1 else f"{whole} seconds"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"
