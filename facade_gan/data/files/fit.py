"""From a photo of any shape to the image size, resized as clean-fid says it must be done.

Bicubic with antialiasing, each channel in float, rounded once at the end by the caller (Parmar,
Zhang and Zhu, "On Aliased Resizing and Surprising Subtleties in GAN Evaluation", CVPR 2022).
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from facade_gan.image_size import ImageSize, sides

Pixels = npt.NDArray[np.float32]  # (height, width, 3); 0..255, bicubic overshoots a little
Fit = Callable[[Image.Image, ImageSize], Pixels]  # the picture is in mode RGB or F

COARSE = 32  # pixels of a side, for photos to be compared at


def crop(image: Image.Image, size: ImageSize) -> Pixels:
    """The largest rectangle of ``size``'s proportions in the centre of the photo."""
    height, width = sides(size)
    wide = min(image.width, image.height * width / height)
    high = min(image.height, image.width * height / width)
    left, top = (image.width - wide) / 2, (image.height - high) / 2
    return resized(image, (width, height), (left, top, left + wide, top + high))


def squash(image: Image.Image, size: ImageSize) -> Pixels:
    """The whole photo, width and height scaled each by its own factor."""
    height, width = sides(size)
    return resized(image, (width, height))


def pad(image: Image.Image, size: ImageSize) -> Pixels:
    """The whole photo in its own proportions, centred, with black beside or above and below it."""
    height, width = sides(size)
    wide, high = width, height
    if image.width * height > image.height * width:
        high = max(1, round(image.height * width / image.width))
    else:
        wide = max(1, round(image.width * height / image.height))
    frame = np.zeros((height, width, 3), np.float32)
    left, top = (width - wide) // 2, (height - high) // 2
    frame[top : top + high, left : left + wide] = resized(image, (wide, high))
    return frame


FitName = Literal["crop", "squash", "pad"]
FITS: dict[FitName, Fit] = {"crop": crop, "squash": squash, "pad": pad}


def coarse(image: Image.Image) -> npt.NDArray[np.uint8]:
    """The whole photo at `COARSE` pixels, whatever the networks see of it: uint8 (H, W, 3).

    As `squash`, but in 8 bits and reduced by whole boxes first: close enough to find copies by, in
    14 ms where `squash` takes 250 for 12 megapixels (one core of an AMD EPYC).
    """
    small = image.resize((COARSE, COARSE), Image.Resampling.BICUBIC, reducing_gap=3)
    return np.array(small.convert("RGB"))


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
