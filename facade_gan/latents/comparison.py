"""A picture of photos beside what was found for them, with a name over each column."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

WIDTH = 192  # pixels of a column at least
LINE, TEXT, GAP = 22, 14, 4  # height of a line, size of its letters, and white between images


MISSING = "\U0010ffff"  # no letter of any font


def can_be_written(text: str) -> bool:
    """Whether the picture's font has each letter of ``text``; where it lacks one it has a box."""
    font = ImageFont.load_default(size=TEXT)
    box = bytes(font.getmask(MISSING))
    return not any(bytes(font.getmask(letter)) == box for letter in text)


def comparison(columns: Mapping[str, Tensor], captions: Sequence[Sequence[str]]) -> Tensor:
    """Lay images out, enlarged by a whole number, each pixel a square: uint8 (3, H', W').

    Args:
        columns: their names, and uint8 (N, 3, H, W) each.
        captions: of each column, N texts that stand under its images, each ``can_be_written``; cut
            on the left where longer.
    """
    images = np.stack([part.permute(0, 2, 3, 1).numpy() for part in columns.values()])
    times = -(-WIDTH // images.shape[3])
    images = images.repeat(times, 2).repeat(times, 3)
    many, count, height, width = images.shape[:4]
    size = (many * (width + GAP) - GAP, LINE + count * (height + LINE))
    page, font = Image.new("RGB", size, "white"), ImageFont.load_default(size=TEXT)
    draw = ImageDraw.Draw(page)
    for column, (name, texts) in enumerate(zip(columns, captions, strict=True)):
        left, middle = column * (width + GAP), column * (width + GAP) + width / 2
        draw.text((middle, LINE / 2), name, "black", font, anchor="mm")
        for row, text in enumerate(texts):
            top = LINE + row * (height + LINE)
            page.paste(Image.fromarray(images[column, row]), (left, top))
            while font.getlength(text) > width:
                text = text[1:]
            draw.text((middle, top + height + LINE / 2), text, "black", font, anchor="mm")
    return torch.from_numpy(np.array(page)).permute(2, 0, 1)
