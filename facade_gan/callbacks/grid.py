"""The fixed-noise grid: the same noises drawn again and again while the generator learns."""

from pathlib import Path

from lightning.pytorch import Callback, Trainer
from lightning.pytorch.loggers import TensorBoardLogger
from torch import Tensor

from facade_gan.gan import GAN
from facade_gan.images import save_png, tile, to_uint8


class FixedNoiseGrid(Callback):
    """Draws ``fixed_noise`` with the averaged generator, into ``grids/`` and TensorBoard.

    After the first epoch, every ``every_n_epochs`` epochs and after the last one.

    Args:
        folder: where ``epoch_XXXX.png`` go.
        every_n_epochs: epochs between two grids.
    """

    def __init__(self, folder: str, every_n_epochs: int) -> None:
        self.folder, self.every_n_epochs = Path(folder), every_n_epochs

    def on_train_epoch_end(self, trainer: Trainer, pl_module: GAN) -> None:  # type: ignore[override]
        """Draw the grid if this epoch's turn has come."""
        epoch = trainer.current_epoch + 1
        due = epoch == 1 or epoch % self.every_n_epochs == 0 or epoch == trainer.max_epochs
        if not due:
            return
        pl_module.settle()
        if not trainer.is_global_zero:
            return
        grid = fixed_noise_grid(pl_module)
        save_png(grid, self.folder / f"epoch_{epoch:04d}.png")
        for logger in trainer.loggers:
            if isinstance(logger, TensorBoardLogger):
                logger.experiment.add_image("fixed_noise", grid, trainer.global_step)


def fixed_noise_grid(module: GAN) -> Tensor:
    """Draw all fixed noises as one picture, uint8 (3, H, W), eight images a row."""
    return tile(to_uint8(module.draw_fixed()).cpu(), columns=8)
