"""The fixed-noise grid: what the generator makes of the same noises while it learns.

Photos as the networks see them stand beside the first one.
"""

import logging
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.loggers import Logger, TensorBoardLogger
from torch import Tensor

from facade_gan.callbacks.background import Background
from facade_gan.callbacks.epochs import is_due
from facade_gan.gan import GAN
from facade_gan.sampling import grid, save_png, to_uint8

log = logging.getLogger(__name__)


class FixedNoiseGrid(Callback):
    """Generates from ``fixed_noise`` with the averaged generator, into ``grids/`` and TensorBoard.

    After the first epoch, every ``every_n_epochs`` epochs and after the last one; with the first,
    as many photos to train on.

    Args:
        folder: where ``epoch_XXXX.png`` and ``photos.png`` go.
        every_n_epochs: epochs between two grids.
    """

    def __init__(self, folder: str, every_n_epochs: int) -> None:
        self.folder, self.every_n_epochs = Path(folder), every_n_epochs
        self.background = Background()

    def on_train_epoch_end(self, trainer: Trainer, pl_module: GAN) -> None:  # type: ignore[override]
        """Make the grid if this epoch's turn has come."""
        epoch = trainer.current_epoch + 1
        if epoch != 1 and not is_due(trainer, self.every_n_epochs):
            return
        pl_module.settle()
        if not trainer.is_global_zero:
            return
        pictures = {f"epoch_{epoch:04d}": ("fixed_noise", fixed_noise_grid(pl_module))}
        if epoch == 1 or not (self.folder / "photos.png").exists():
            photos = trainer.datamodule.examples(len(pl_module.fixed_noise))  # type: ignore[attr-defined]
            pictures["photos"] = ("photos", grid(photos, columns=8))
        for name, (tag, picture) in pictures.items():
            of = (self.folder / f"{name}.png", tag, trainer.global_step, trainer.loggers)
            self.background.run(self.write, picture, *of)

    def write(
        self, picture: Tensor, path: Path, tag: str, step: int, loggers: list[Logger]
    ) -> None:
        """Encode uint8 (3, H, W) into a file and for TensorBoard: longer than an epoch on a GPU."""
        try:
            save_png(picture, path)
        except OSError as error:
            log.error(f"{path} not written: {error.strerror}; training goes on")
        for logger in loggers:
            if isinstance(logger, TensorBoardLogger):
                logger.experiment.add_image(tag, picture, step)

    def on_save_checkpoint(
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Have all grids there before a checkpoint says that their epochs are over."""
        self.background.finish()

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Leave all grids where the figure of the run looks for them."""
        self.background.finish()


def fixed_noise_grid(module: GAN) -> Tensor:
    """Generate from all fixed noises, as one picture, uint8 (3, H, W), eight images a row."""
    return grid(to_uint8(module.generate_fixed()).cpu(), columns=8)
