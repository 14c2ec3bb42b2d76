"""The progress of the whole run: epoch, losses, images per second, time left."""

import logging
import sys
import time
from typing import Any

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import ProgressBar
from tqdm import tqdm

from facade_gan.callbacks.epochs import End, blocks_done, end_of, is_last_epoch
from facade_gan.callbacks.throughput import duration

log = logging.getLogger(__name__)

LINE_EVERY = 60.0  # seconds between two lines at least, but for the first epoch's and the last's


class RunBar(ProgressBar):
    """A bar over all epochs of the run, as an epoch of few photos takes seconds.

    Where the output is no terminal, but a file or another program, a line each minute instead.
    """

    def __init__(self) -> None:
        super().__init__()
        self.enabled = True
        self.bar: tqdm | None = None
        self.end: End | None = None

    def disable(self) -> None:
        """Stay silent; Lightning asks this of all processes but the first."""
        self.enabled = False

    def enable(self) -> None:
        """Draw again."""
        self.enabled = True

    def print(self, *args: Any, **kwargs: Any) -> None:
        """Print a line above the bar."""
        if self.enabled:
            tqdm.write(" ".join(map(str, args)))

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Open the bar where the run stands."""
        self.since = self.last_line = time.monotonic()
        self.end = end_of(trainer)
        self.blocks_before = blocks_done(trainer, self.end)
        self.bar = tqdm(
            total=None if self.end is None else self.end.blocks,
            initial=self.blocks_before,
            disable=not self.enabled or not sys.stderr.isatty(),
            dynamic_ncols=True,
            bar_format="{desc} {percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}",
        )

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Say which epoch runs."""
        if self.bar is not None:
            self.bar.set_description_str(epoch(trainer, self.end), refresh=False)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Move on by a block, and show the latest logged values."""
        if self.bar is None or self.bar.disable:
            if time.monotonic() - self.last_line >= LINE_EVERY:
                self.say_line(trainer)
            return
        self.bar.set_postfix_str(latest(trainer), refresh=False)
        self.bar.update(1)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Without a bar, say how the first epoch and the last one ended."""
        if trainer.current_epoch == 0 or is_last_epoch(trainer):
            self.say_line(trainer)

    def say_line(self, trainer: Trainer) -> None:
        """Log the progress as one line, where there is no bar to show it."""
        if not self.enabled or self.bar is None or not self.bar.disable:
            return
        self.last_line = time.monotonic()
        parts = [epoch(trainer, self.end), latest(trainer)]
        done, all_blocks = blocks_done(trainer, self.end), self.bar.total
        if all_blocks is not None and self.blocks_before < done < all_blocks:
            pace = (self.last_line - self.since) / (done - self.blocks_before)
            parts.append(f"{duration(pace * (all_blocks - done))} left")
        log.info(", ".join(filter(None, parts)))

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Leave the finished bar on the screen."""
        self.close()

    def on_exception(
        self, trainer: Trainer, pl_module: LightningModule, exception: BaseException
    ) -> None:
        """Leave the bar as it stands, so that the message that follows has its own line."""
        self.close()

    def close(self) -> None:
        """Close the bar, if one is open."""
        if self.bar is not None:
            self.bar.close()
            self.bar = None


def epoch(trainer: Trainer, end: End | None) -> str:
    """Write which epoch runs, and of how many where their number ends the run."""
    of_all = "" if end is None or end.epochs is None else f"/{end.epochs}"
    return f"epoch {trainer.current_epoch + 1}{of_all}"


def latest(trainer: Trainer) -> str:
    """Write the latest logged losses and images per second; empty before the first are logged."""
    values = trainer.callback_metrics
    shown = {
        "loss/discriminator": "loss D {:.3f}",
        "loss/generator": "loss G {:.3f}",
        "images_per_second": "{:.0f} images/s",
    }
    return ", ".join(text.format(float(values[k])) for k, text in shown.items() if k in values)
