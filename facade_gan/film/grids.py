"""A run's grids on disk, and a grid under a line that says its epoch."""

import re
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

NAME = re.compile(r"epoch_[0-9]+\.png")


def grids_in(folder: Path) -> list[Path]:
    """List the grids ``epoch_XXXX.png`` of a folder, first epoch to last; copies are none."""
    grids = [path for path in folder.glob("epoch_*.png") if NAME.fullmatch(path.name)]
    return sorted(grids, key=epoch_of)


def epoch_of(grid: Path) -> int:
    """Read the epoch from the name ``epoch_XXXX.png``."""
    return int(grid.stem.removeprefix("epoch_"))


def labelled(grid: Path) -> Image.Image:
    """Put a grid under a white line with its epoch."""
    picture = Image.open(grid).convert("RGB")
    width, height = picture.size
    line = max(16, height // 16)
    page = Image.new("RGB", (width, height + line), "white")
    font = ImageFont.load_default(size=line * 0.7)
    middle = width / 2, line / 2
    ImageDraw.Draw(page).text(middle, f"epoch {epoch_of(grid)}", "black", font, anchor="mm")
    page.paste(picture, (0, line))
    return page
