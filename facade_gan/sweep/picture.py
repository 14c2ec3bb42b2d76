"""One picture of a sweep: the last fixed-noise grid of each job, under its settings and metric."""

import math
import textwrap
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from facade_gan.film.grids import grids_in
from facade_gan.sweep.rows import Row

PICTURE_WIDTH = 2400  # pixels at most; grids are made smaller to fit
GAP = 16


def sweep_picture(rows: Sequence[Row], metric: str) -> Image.Image | None:
    """Place the jobs' last grids beside one another, in the order of ``rows``.

    A job that left no grid has a grey panel that says why; None where no job left one.
    """
    grids = [last_grid(row.folder) for row in rows]
    size = next((grid.size for grid in grids if grid is not None), None)
    if size is None:
        return None
    columns = math.ceil(math.sqrt(len(rows)))
    width = min(size[0], PICTURE_WIDTH // columns - GAP)
    height = round(size[1] * width / size[0])
    text_size = max(12, width // 26)
    font = ImageFont.load_default(size=text_size)
    letters = int(width / (0.55 * text_size))  # that fit in a line
    labels = [panel_label(row, metric, letters) for row in rows]
    head = round(1.35 * text_size * max(label.count("\n") + 1 for label in labels)) + GAP
    lines = math.ceil(len(rows) / columns)
    picture = Image.new(
        "RGB", (columns * (width + GAP) + GAP, lines * (height + head + GAP)), "white"
    )
    draw = ImageDraw.Draw(picture)
    for i, (row, grid, label) in enumerate(zip(rows, grids, labels, strict=True)):
        left, top = GAP + i % columns * (width + GAP), i // columns * (height + head + GAP)
        draw.text((left, top + GAP // 2), label, "black", font, spacing=text_size // 4)
        if grid is None:
            draw.rectangle((left, top + head, left + width, top + head + height), "lightgrey")
            reason = textwrap.fill(f"{row.job.status}: {row.job.reason}", letters - 4)
            draw.text((left + 2 * GAP, top + head + 2 * GAP), reason, "black", font)
        else:
            panel = grid.resize((width, height), Image.Resampling.LANCZOS)
            picture.paste(panel, (left, top + head))
    return picture


def panel_label(row: Row, metric: str, letters: int) -> str:
    """Write rank and metric in the first line, then the settings, a line each where they fit."""
    rank = f"{row.rank}. " if row.rank is not None else ""
    value = f"{metric} {row.job.value:.4f}" if row.job.value is not None else ""
    status = "" if row.job.status == "done" else f" {row.job.status}"
    first = f"{rank}{value}{status}".strip()
    settings = [f"{key}={value}" for key, value in row.shown.items()] or [row.folder.name]
    wrapped = [line for setting in settings for line in textwrap.wrap(setting, letters)]
    return "\n".join([first, *wrapped] if first else wrapped)


def last_grid(folder: Path) -> Image.Image | None:
    """Open the grid of the latest epoch that a run left."""
    grids = grids_in(folder / "grids")
    return Image.open(grids[-1]).convert("RGB") if grids else None
