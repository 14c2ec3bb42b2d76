"""The fixed-noise grid: what the generator makes of the same noises while it learns."""

from pathlib import Path

from lightning.pytorch import Callback, Trainer
from lightning.pytorch.loggers import TensorBoardLogger
from torch import Tensor

from facade_gan.callbacks.epochs import is_due
from facade_gan.gan import GAN
from facade_gan.sampling import grid, save_png, to_uint8


class FixedNoiseGrid(Callback):
    """Generates from ``fixed_noise`` with the averaged generator, into ``grids/`` and TensorBoard.

    After the first epoch, every ``every_n_epochs`` epochs and after the last one.

    Args:
        folder: where ``epoch_XXXX.png`` go.
        every_n_epochs: epochs between two grids.
    """

    def __init__(self, folder: str, every_n_epochs: int) -> None:
        self.folder, self.every_n_epochs = Path(folder), every_n_epochs

    def on_train_epoch_end(self, trainer: Trainer, pl_module: GAN) -> None:  # type: ignore[override]
        """Make the grid if this epoch's turn has come."""
        epoch = trainer.current_epoch + 1
        if epoch != 1 and not is_due(trainer, self.every_n_epochs):
            return
        pl_module.settle()
        if not trainer.is_global_zero:
            return
        picture = fixed_noise_grid(pl_module)
        save_png(picture, self.folder / f"epoch_{epoch:04d}.png")
        for logger in trainer.loggers:
            if isinstance(logger, TensorBoardLogger):
                logger.experiment.add_image("fixed_noise", picture, trainer.global_step)


def fixed_noise_grid(module: GAN) -> Tensor:
    """Generate from all fixed noises, as one picture, uint8 (3, H, W), eight images a row."""
    return grid(to_uint8(module.generate_fixed()).cpu(), columns=8)
