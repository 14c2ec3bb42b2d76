"""The chapter's Figure 4-8 for a run: its grids side by side, from first epoch to last."""

from pathlib import Path

import numpy as np
from lightning.pytorch import Callback, LightningModule, Trainer
from PIL import Image

from facade_gan.figures import save_figure
from facade_gan.film.grids import grids_in, labelled


class ProgressFigure(Callback):
    """Puts grids in ``folder``, first to last, into one labelled picture when training ends.

    Args:
        folder: where the grids are, ``epoch_XXXX.png``.
        path: the picture to write.
        panels: how many grids at most.
    """

    def __init__(self, folder: str, path: str, panels: int) -> None:
        self.folder, self.path, self.panels = Path(folder), Path(path), panels

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the figure from the grids on disk, also where a resumed run was complete."""
        if trainer.is_global_zero:
            grids = grids_in(self.folder)
            if grids:
                save_figure(progress_figure(choose(grids, self.panels)), self.path)


def columns_of(count: int) -> int:
    """Say in how many columns ``count`` grids fill a rectangle; 0 where they fill none well."""
    if count <= 3:
        return count
    return next((n for n in (2, 3, 4) if count % n == 0 and n * n >= count), 0)


def choose(grids: list[Path], count: int) -> list[Path]:
    """Choose at most ``count`` grids that fill a rectangle: first, last, and those that differ.

    One after the other comes the grid whose pixels are farthest from the nearest one chosen, so
    that epochs that look the same are shown once.
    """
    count = max(n for n in range(1, min(count, len(grids)) + 1) if columns_of(n))
    small = [np.asarray(Image.open(g).convert("RGB").reduce(8), np.float32) for g in grids]
    chosen = [len(grids) - 1]
    nearest = np.full(len(grids), np.inf)
    while len(chosen) < count:
        nearest = np.minimum(nearest, [np.abs(each - small[chosen[-1]]).mean() for each in small])
        chosen.append(0 if len(chosen) == 1 else int(nearest.argmax()))
        nearest[chosen] = -1
    return [grids[i] for i in sorted(chosen)]


def progress_figure(grids: list[Path]) -> Image.Image:
    """Place grids in rows of the same length, each under a line with its epoch."""
    pages = list(map(labelled, grids))
    width, height = pages[0].size
    columns = columns_of(len(pages))
    rows = -(-len(pages) // columns)
    gap = (height - Image.open(grids[0]).height) // 2
    figure = Image.new("RGB", (columns * (width + gap) - gap, rows * (height + gap) - gap), "white")
    for i, page in enumerate(pages):
        figure.paste(page, (i % columns * (width + gap), i // columns * (height + gap)))
    return figure
