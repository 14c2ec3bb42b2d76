"""Images between the networks' range and files."""

import os
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor


def to_uint8(images: Tensor) -> Tensor:
    """Map [-1, 1] to uint8 in [0, 255], rounded; any shape."""
    return ((images.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


def save_png(image: Tensor, path: Path) -> None:
    """Write uint8 (3, H, W) as a PNG; the file is whole or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    Image.fromarray(image.permute(1, 2, 0).numpy()).save(partial, format="PNG")
    os.replace(partial, path)
