"""The fixed-noise grid: what the generator makes of the same noises while it learns.

Photos as the networks see them stand beside the first one.
"""

import logging
from pathlib import Path

from lightning.pytorch import Callback, Trainer
from lightning.pytorch.loggers import Logger
from torch import Tensor

from facade_gan.atomic_files import write_bytes
from facade_gan.callbacks.background import background_of
from facade_gan.callbacks.epochs import Turns
from facade_gan.callbacks.loggers import log_image
from facade_gan.figures import FIGURE
from facade_gan.gan import GAN
from facade_gan.sampling import encode_png, grid, to_uint8

log = logging.getLogger(__name__)


class FixedNoiseGrid(Callback):
    """Generates from ``fixed_noise`` by the averaged generator, into ``grids/`` and to the loggers.

    After the first epoch, every ``every_n_epochs`` epochs and after the last one; with the first,
    as many photos to train on.

    Args:
        folder: where ``epoch_XXXX.png`` and ``photos.png`` go.
        every_n_epochs: epochs between two grids.
        seconds_between: from one grid to the next at least, where epochs are short.
    """

    def __init__(self, folder: str, every_n_epochs: int, seconds_between: float) -> None:
        self.folder, self.turns = Path(folder), Turns(every_n_epochs, seconds_between)

    def on_train_start(self, trainer: Trainer, pl_module: GAN) -> None:  # type: ignore[override]
        """Look now whether there is a grid of photos: later one may be on its way to the disk."""
        self.photos_shown = (self.folder / "photos.png").exists()

    def on_train_epoch_end(self, trainer: Trainer, pl_module: GAN) -> None:  # type: ignore[override]
        """Make the grid if this epoch's turn has come."""
        epoch = trainer.current_epoch + 1
        if epoch != 1 and not self.turns.take(trainer):
            return
        pl_module.prepare_average()
        if not trainer.is_global_zero:
            return
        pictures = {f"epoch_{epoch:04d}": ("fixed_noise", fixed_noise_grid(pl_module))}
        if epoch == 1 or not self.photos_shown:
            self.photos_shown = True
            photos = trainer.datamodule.examples(len(pl_module.fixed_noise))  # type: ignore[attr-defined]
            pictures["photos"] = ("photos", grid(photos, columns=8))
        for name, (tag, picture) in pictures.items():
            of = (self.folder / f"{name}.png", tag, trainer.global_step, trainer.loggers)
            background_of(trainer).run(self.write, picture, *of)

    def write(
        self, picture: Tensor, path: Path, tag: str, step: int, loggers: list[Logger]
    ) -> None:
        """Encode uint8 (3, H, W), once for the file and for the loggers."""
        png = encode_png(picture, FIGURE)
        try:
            write_bytes(path, png)
        except OSError as error:
            log.error(f"{path} not written: {error.strerror}; training goes on")
        for logger in loggers:
            log_image(logger, tag, png, step)


def fixed_noise_grid(module: GAN) -> Tensor:
    """Generate from all fixed noises, as one picture, uint8 (3, H, W), eight images a row."""
    return grid(to_uint8(module.generate_fixed()).cpu(), columns=8)
