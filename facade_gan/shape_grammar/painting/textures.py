"""The textures of building materials."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from facade_gan.shape_grammar.painting.canvas import Canvas


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
