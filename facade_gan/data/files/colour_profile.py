"""From the colours that a photo's profile describes to sRGB's, which is what networks see.

Phones store Display P3, cameras Adobe RGB, scanners ProPhoto or a press's CMYK: the same numbers
are other colours in each. What the profile calls white stays white (relative colorimetric).
"""

import functools
import io
import itertools

import numpy as np
from PIL import Image, ImageCms

COLOUR_SPACES = {"RGB": "RGB", "CMYK": "CMYK", "L": "GRAY"}  # a mode, and its profiles' space
SAME = 2  # levels of 255: a profile that changes no colour by more is sRGB by another name


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image | None:
    """The picture, of mode RGB, CMYK or L, in RGB of sRGB by its ICC ``profile``.

    None, and the picture unchanged, where there is no profile, or one that is broken, is for
    another kind of picture, or is sRGB's own.
    """
    transform = transform_to_srgb(profile, image.mode) if profile else None
    if transform is None:
        return None
    if image.mode == "RGB":  # in its own memory
        ImageCms.applyTransform(image, transform, inPlace=True)
        return image
    return ImageCms.applyTransform(image, transform)


@functools.lru_cache(64)  # a set's photos share a few
def transform_to_srgb(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """What turns ``mode`` under ``profile`` to sRGB; None where nothing is to be done."""
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if opened.profile.xcolor_space.strip() != COLOUR_SPACES.get(mode):
            return None
        transform = ImageCms.buildTransform(
            opened,
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    if mode == "CMYK":
        return transform
    samples = some_colours(mode)
    changed = ImageCms.applyTransform(samples, transform)
    difference = np.abs(np.asarray(changed, int) - np.asarray(samples.convert("RGB"), int))
    return transform if difference.max() > SAME else None


def some_colours(mode: str) -> Image.Image:
    """A picture of colours from all of RGB's cube, or of all greys."""
    if mode == "L":
        return Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    steps = range(0, 256, 15)
    return Image.fromarray(np.array([list(itertools.product(steps, repeat=3))], np.uint8))
