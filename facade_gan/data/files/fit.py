"""From a photo of any shape to a square, resized as clean-fid says it must be done.

Bicubic with antialiasing, each channel in float, rounded once at the end by the caller (Parmar,
Zhang and Zhu, "On Aliased Resizing and Surprising Subtleties in GAN Evaluation", CVPR 2022).
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.float32]  # (height, width, 3); 0..255, bicubic overshoots a little
Fit = Callable[[Image.Image, int], Pixels]  # the picture in mode RGB or F, and the square's side


def crop(image: Image.Image, size: int) -> Pixels:
    """The centre square of the photo, its shorter side brought to ``size``."""
    side = min(image.size)
    left, top = ((length - side) / 2 for length in image.size)
    return resized(image, (size, size), (left, top, left + side, top + side))


def squash(image: Image.Image, size: int) -> Pixels:
    """The whole photo, width and height scaled each by its own factor."""
    return resized(image, (size, size))


def pad(image: Image.Image, size: int) -> Pixels:
    """The whole photo in its own proportions, centred, with black beside or above and below it."""
    width, height = (max(1, round(length * size / max(image.size))) for length in image.size)
    square = np.zeros((size, size, 3), np.float32)
    left, top = (size - width) // 2, (size - height) // 2
    square[top : top + height, left : left + width] = resized(image, (width, height))
    return square


FITS: dict[str, Fit] = {"crop": crop, "squash": squash, "pad": pad}


def resized(
    image: Image.Image,
    size: tuple[int, int],
    box: tuple[float, float, float, float] | None = None,
) -> Pixels:
    """``box`` (left, top, right, bottom) of the picture, or all of it, at ``size`` (w, h)."""
    bands = [
        np.asarray(float_band(image, index).resize(size, Image.Resampling.BICUBIC, box))
        for index in range(len(image.getbands()))
    ]
    return np.stack(bands if len(bands) == 3 else bands * 3, axis=-1)


def float_band(image: Image.Image, index: int) -> Image.Image:
    """One channel in mode F; all at once would take thrice the memory."""
    return image if image.mode == "F" else image.getchannel(index).convert("F")
