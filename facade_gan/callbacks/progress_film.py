"""A run's grids as an animation, from first epoch to last."""

from pathlib import Path

from lightning.pytorch import Callback, LightningModule, Trainer

from facade_gan.film.grids import grids_in
from facade_gan.film.training import spread, write_grids


class ProgressFilm(Callback):
    """Makes an animation of the grids in ``folder`` when training ends.

    Args:
        folder: where the grids are, ``epoch_XXXX.png``.
        path: the .webp, .gif or .mp4 to write.
        pictures: how many grids at most.
        largest: pixels of the longer side, at most.
        seconds: how long it takes from the first grid to the last.
    """

    def __init__(self, folder: str, path: str, pictures: int, largest: int, seconds: float) -> None:
        self.folder, self.path = Path(folder), Path(path)
        self.pictures, self.largest, self.seconds = pictures, largest, seconds

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write it from the grids on disk, also where a resumed run was complete."""
        if trainer.is_global_zero and (grids := grids_in(self.folder)):
            write_grids(spread(grids, self.pictures), self.path, self.seconds, self.largest)
