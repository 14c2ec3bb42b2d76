"""Colours of walls, roofs, frames and shutters, and the textures of building materials."""

from dataclasses import dataclass
from random import Random

import numpy as np
from PIL import Image

from facade_gan.data.architecture.canvas import Canvas, Colour

RGB = tuple[int, int, int]

# Muted tones of European streets, before light and exposure.
WALLS: dict[str, RGB] = {
    "ochre": (205, 172, 112),
    "yellow": (222, 186, 104),
    "cream": (222, 206, 166),
    "beige": (198, 180, 148),
    "sand": (180, 158, 124),
    "sandstone": (168, 144, 108),
    "limestone": (196, 186, 164),
    "warm grey": (168, 160, 146),
    "grey": (152, 150, 144),
    "dark grey": (108, 104, 98),
    "white": (226, 222, 212),
    "blue": (160, 176, 190),
    "green": (164, 170, 142),
    "pink": (208, 168, 154),
    "salmon": (204, 142, 108),
    "orange": (206, 132, 82),
    "brown": (134, 108, 88),
    "mauve": (150, 128, 124),
    "brick": (146, 86, 66),
    "dark brick": (108, 66, 56),
    "tan brick": (176, 138, 104),
    "red": (156, 78, 62),
    "concrete": (160, 154, 144),
}
ROOFS: dict[str, RGB] = {
    "tile": (132, 82, 64),
    "old tile": (102, 74, 64),
    "slate": (72, 74, 80),
    "zinc": (126, 132, 140),
    "dark": (58, 54, 54),
    "copper": (112, 140, 126),
}
FRAMES: dict[str, RGB] = {
    "white": (218, 216, 210),
    "cream": (196, 186, 162),
    "brown": (92, 66, 48),
    "dark": (48, 46, 46),
    "green": (60, 78, 66),
    "grey": (132, 134, 136),
    "red": (132, 58, 48),
}
SHUTTERS: dict[str, RGB] = {
    "green": (58, 82, 70),
    "dark green": (40, 58, 50),
    "blue grey": (92, 112, 124),
    "blue": (50, 84, 120),
    "brown": (88, 62, 48),
    "grey": (128, 128, 124),
    "red": (150, 48, 44),
    "white": (206, 204, 196),
    "sand": (166, 150, 122),
}
SIGNS: tuple[RGB, ...] = (
    (44, 60, 104),
    (132, 40, 38),
    (40, 84, 66),
    (208, 186, 88),
    (196, 192, 182),
    (52, 48, 46),
    (90, 62, 44),
    (186, 108, 48),
)


def shade(colour: Colour, factor: float) -> RGB:
    """Scale the brightness of a colour."""
    return (
        min(255, max(0, int(colour[0] * factor))),
        min(255, max(0, int(colour[1] * factor))),
        min(255, max(0, int(colour[2] * factor))),
    )


def mix(a: Colour, b: Colour, share: float) -> RGB:
    """``a`` with ``share`` of ``b`` in it."""
    return (
        int(a[0] + (b[0] - a[0]) * share),
        int(a[1] + (b[1] - a[1]) * share),
        int(a[2] + (b[2] - a[2]) * share),
    )


def vary(r: Random, colour: Colour, value: float = 0.14, hue: float = 0.05) -> RGB:
    """A neighbour of a colour: other brightness (share ``value``), other tint (``hue``)."""
    level = r.uniform(1 - value, 1 + value)
    red, green, blue = (int(v * level * r.uniform(1 - hue, 1 + hue)) for v in colour[:3])
    return min(red, 255), min(green, 255), min(blue, 255)


@dataclass(frozen=True)
class Masonry:
    """Blocks a wall is made of: size in metres, spread of their tone, depth of the joints."""

    width: float
    height: float
    spread: float
    joint: float
    joint_width: float = 0.012


MASONRY: dict[str, Masonry | None] = {
    "stucco": None,
    "brick": Masonry(0.25, 0.075, 0.1, 0.12),
    "ashlar": Masonry(0.85, 0.42, 0.05, 0.16, 0.025),
    "panel": Masonry(2.4, 1.4, 0.025, 0.18, 0.03),
    "rubble": Masonry(0.38, 0.22, 0.13, 0.2, 0.03),
}


def smooth_noise(rng: np.random.Generator, cells: int, shape: tuple[int, int]) -> np.ndarray:
    """Random hills, float32 of ``shape`` with unit spread, ``cells`` of them along each side."""
    hills = Image.fromarray(rng.standard_normal((cells, cells), dtype=np.float32))
    return np.asarray(hills.resize((shape[1], shape[0]), Image.Resampling.BICUBIC))


def texture_wall(
    canvas: Canvas,
    box: tuple[float, float, float, float],
    material: str,
    grime: float,
    seed: int,
) -> None:
    """Lay tone variation, blocks with joints and weathering over a painted wall (metres)."""
    left, top, right, bottom = canvas.pixel_box(*box)
    if right - left < 2 or bottom - top < 2:
        return
    rng = np.random.default_rng(seed)
    shape = (bottom - top, right - left)
    tone = 1 + grime * (0.5 * smooth_noise(rng, 4, shape) + 0.3 * smooth_noise(rng, 12, shape))
    tone += (0.006 + 0.12 * grime) * smooth_noise(rng, 64, shape)
    masonry = MASONRY[material]
    if masonry is not None:
        tone *= _blocks(canvas, masonry, left, top, shape, rng)
    # Rain runs down: dark vertical streaks, stronger towards the ground.
    streaks = np.maximum(smooth_noise(rng, 40, (1, shape[1])), 0)
    tone -= 0.4 * grime * streaks * np.linspace(0.3, 1, shape[0], dtype=np.float32)[:, None]
    region = np.asarray(canvas.image.crop((left, top, right, bottom)), dtype=np.float32)
    shaded = np.clip(region * tone[..., None], 0, 255).astype(np.uint8)
    canvas.image.paste(Image.fromarray(shaded), (left, top))


def _blocks(
    canvas: Canvas,
    masonry: Masonry,
    left: int,
    top: int,
    shape: tuple[int, int],
    rng: np.random.Generator,
) -> np.ndarray:
    """The tone of each pixel's block, joints darker by their share of the pixel."""
    x = (np.arange(shape[1], dtype=np.float32) + left) / canvas.scale / masonry.width
    y = (np.arange(shape[0], dtype=np.float32) + top) / canvas.scale / masonry.height
    row = np.floor(y).astype(np.int32)
    shifted = x[None, :] + 0.5 * (row % 2)[:, None].astype(np.float32)
    column = np.floor(shifted).astype(np.int32)
    table = 1 + masonry.spread * rng.standard_normal((64, 64), dtype=np.float32)
    tone = table[row[:, None] % 64, column % 64]
    pixel_height = 1 / (canvas.scale * masonry.height)
    pixel_width = 1 / (canvas.scale * masonry.width)
    lie = masonry.joint_width / masonry.height
    stand = masonry.joint_width / masonry.width
    # A joint thinner than a pixel darkens the pixel it falls into by the share it covers.
    joint_row = (y - row < max(lie, pixel_height)) * min(1.0, lie / pixel_height)
    joint_column = (shifted - column < max(stand, pixel_width)) * min(1.0, stand / pixel_width)
    return tone * (1 - masonry.joint * np.maximum(joint_row[:, None], joint_column))
