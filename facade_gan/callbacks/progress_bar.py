"""One progress bar for the whole run: epoch, losses, images per second, time left."""

from typing import Any

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import ProgressBar
from tqdm import tqdm


class RunBar(ProgressBar):
    """A bar over all epochs of the run, as an epoch of few photos takes seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.enabled = True
        self.bar: tqdm | None = None

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
        blocks, epochs = trainer.num_training_batches, trainer.max_epochs or -1
        known = epochs > 0 and blocks != float("inf")
        self.bar = tqdm(
            total=int(blocks * epochs) if known else None,
            initial=trainer.fit_loop.epoch_loop.batch_progress.total.completed,
            disable=not self.enabled,
            dynamic_ncols=True,
            bar_format="{desc} {percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}",
        )

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Say which epoch runs."""
        if self.bar is not None:
            self.bar.set_description_str(
                f"epoch {trainer.current_epoch + 1}/{trainer.max_epochs}", refresh=False
            )

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Move on by a block, and show the latest logged values."""
        if self.bar is None or self.bar.disable:
            return
        values = trainer.callback_metrics
        if "loss/discriminator" in values:
            rate = values.get("images_per_second")
            self.bar.set_postfix_str(
                f"loss D {float(values['loss/discriminator']):.3f}, "
                f"loss G {float(values['loss/generator']):.3f}"
                + (f", {float(rate):.0f} images/s" if rate is not None else ""),
                refresh=False,
            )
        self.bar.update(1)

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
