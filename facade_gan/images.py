"""Images between the networks' range and files."""

import math
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor


def to_uint8(images: Tensor) -> Tensor:
    """Map [-1, 1] to uint8 in [0, 255], rounded; any shape."""
    return ((images.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


def tile(images: Tensor, columns: int | None = None) -> Tensor:
    """Lay uint8 images (N, 3, S, S) out as one picture (3, H, W), 2 white pixels around each.

    ``columns`` images a row; by default as many as make the picture about square.
    ``torchvision.utils.make_grid`` does the same, but its import alone takes seconds.
    """
    columns = min(columns or math.ceil(len(images) ** 0.5), len(images))
    rows = -(-len(images) // columns)
    size, step = images.shape[-1], images.shape[-1] + 2
    picture = torch.full((3, rows * step + 2, columns * step + 2), 255, dtype=torch.uint8)
    for i, image in enumerate(images):
        top, left = i // columns * step + 2, i % columns * step + 2
        picture[:, top : top + size, left : left + size] = image
    return picture


def save_png(image: Tensor, path: Path) -> None:
    """Write uint8 (3, H, W) as a PNG; the file is whole or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    Image.fromarray(image.permute(1, 2, 0).numpy()).save(partial, format="PNG")
    partial.replace(path)
