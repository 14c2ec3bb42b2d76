"""A facade enlarged for print."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor

LONG_SIDE = 2048  # pixels at least: 17 cm at 300 dots an inch


def factor(height: int, width: int) -> int:
    """Say how many times a picture has to be enlarged for its longer side to be long enough."""
    return max(1, -(-LONG_SIDE // max(height, width)))


def enlarged(image: Tensor) -> Tensor:
    """Enlarge uint8 (3, H, W) by Lanczos and a whole number; no detail is added."""
    height, width = image.shape[1:]
    times = factor(height, width)
    picture = Image.fromarray(image.permute(1, 2, 0).numpy())
    larger = picture.resize((width * times, height * times), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.array(larger)).permute(2, 0, 1)
