"""The chapter's Figure 4-8 for a run: its grids side by side, from first epoch to last."""

from pathlib import Path

from lightning.pytorch import Callback, LightningModule, Trainer
from PIL import Image, ImageDraw, ImageFont


class ProgressFigure(Callback):
    """Puts about six of the grids in ``folder`` into one labelled picture when training ends.

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
            grids = sorted(self.folder.glob("epoch_*.png"))
            if grids:
                progress_figure(spread(grids, self.panels)).save(self.path)


def spread(grids: list[Path], count: int) -> list[Path]:
    """Choose at most ``count`` grids: first, last, and between them each about twice the epoch.

    A generator changes most at the start, so equal ratios of epochs show more than equal gaps.
    """
    if len(grids) <= count:
        return grids
    epochs = [epoch_of(grid) for grid in grids]
    ratio = epochs[-1] / epochs[0]
    wanted = [epochs[0] * ratio ** (i / (count - 1)) for i in range(count)]
    chosen = {min(range(len(grids)), key=lambda i: abs(epochs[i] - w)) for w in wanted}
    return [grids[i] for i in sorted(chosen)]


def epoch_of(grid: Path) -> int:
    """Read the epoch from the name ``epoch_XXXX.png``."""
    return int(grid.stem.removeprefix("epoch_"))


def progress_figure(grids: list[Path]) -> Image.Image:
    """Place grids three a row, each under a line with its epoch."""
    pictures = [Image.open(grid).convert("RGB") for grid in grids]
    width, height = pictures[0].size
    label = max(16, height // 16)
    font = ImageFont.load_default(size=label * 0.7)
    columns = min(3, len(pictures))
    rows = -(-len(pictures) // columns)
    gap = label // 2
    figure = Image.new(
        "RGB", (columns * (width + gap) - gap, rows * (height + label + gap) - gap), "white"
    )
    draw = ImageDraw.Draw(figure)
    for i, (grid, picture) in enumerate(zip(grids, pictures, strict=True)):
        left, top = i % columns * (width + gap), i // columns * (height + label + gap)
        text = f"epoch {epoch_of(grid)}"
        draw.text((left + width / 2, top + label / 2), text, "black", font, anchor="mm")
        figure.paste(picture, (left, top + label))
    return figure
