"""Photo files, good, odd and bad, each with what must come of it; and what they are made of."""

import importlib.util
import io
import os
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from facade_gan.data.files import decode as decoder
from facade_gan.data.files.fit import Fit

SIDE = 96
COLOURS = np.array([[(200, 40, 40), (40, 180, 60)], [(40, 60, 200), (230, 200, 40)]], np.uint8)
PICTURE = COLOURS.repeat(SIDE // 2, 0).repeat(SIDE // 2, 1)  # four quadrants
GREYS = np.array([[10, 100], [180, 250]], np.uint8).repeat(SIDE // 2, 0).repeat(SIDE // 2, 1)


@dataclass
class Case:
    """A file, and what must come of it.

    ``quadrants``: the four colours (2, 2, 3) that it must show, within ``tolerance`` levels.
    ``reason``: what the reason for leaving it out starts with.
    ``like``: it must be left out, or decode to the very pixels of that file: no half pictures.
    """

    name: str | bytes
    data: bytes
    quadrants: np.ndarray | None = None
    tolerance: int = 2
    reason: str | None = None
    like: bytes | None = None


def decode(path: Path, size: int, fit: Fit) -> np.ndarray:
    """The pixels of the photo at ``path``, as it was taken."""
    return decoder.decode(path, size, fit, rectify=False).pixels


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def has_heic_encoder() -> bool:
    return importlib.util.find_spec("pillow_heif") is not None


def heic(image: Image.Image, **options: object) -> bytes:
    import pillow_heif

    file = io.BytesIO()
    pillow_heif.from_pillow(image).save(file, quality=95, **options)
    return file.getvalue()


def rgb() -> Image.Image:
    return Image.fromarray(PICTURE)


def grey_quadrants() -> np.ndarray:
    return np.stack([GREYS[:: SIDE // 2, :: SIDE // 2]] * 3, -1)


def texture(width: int = 120, height: int = 90) -> Image.Image:
    small = np.random.default_rng(0).integers(0, 256, (18, 24, 3), np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


def without_adobe_marker(jpeg: bytes) -> bytes:
    start = jpeg.index(b"\xff\xee")
    length = struct.unpack(">H", jpeg[start + 2 : start + 4])[0]
    return jpeg[:start] + jpeg[start + 2 + length :]


def stored_for(orientation: int, seen: np.ndarray) -> np.ndarray:
    """The pixels to store so that a viewer that knows EXIF shows ``seen``."""
    return {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, 1),  # seen is stored turned clockwise
        7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
        8: lambda a: np.rot90(a, -1),
    }[orientation](seen).copy()


def write(case: Case, folder: Path) -> str:
    """Write the case's file below ``folder``; returns its path as the system knows it."""
    path = folder / os.fsdecode(case.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(case.data)
    return str(path)
