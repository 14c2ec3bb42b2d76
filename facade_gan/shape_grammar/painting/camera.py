"""What a camera makes of the scene: rectification, reduction, exposure, grain."""

import math
from random import Random

import numpy as np
from PIL import Image, ImageFilter

from facade_gan.shape_grammar.painting.canvas import Canvas
from facade_gan.shape_grammar.painting.textures import smooth_noise


def supersampled(size: tuple[int, int]) -> tuple[int, int]:
    """Height and width of the drawing board, pixels: at least 256, at least twice the image."""
    times = max(2, -(-256 // min(size)))
    return size[0] * times, size[1] * times


def paint_wedges(canvas: Canvas, r: Random) -> None:
    """The flat corners that rectifying a tilted photo leaves, grey or black."""
    flat = r.choice(((128, 128, 128), (12, 12, 12), (0, 0, 0)))
    x0, x1, y0, y1 = canvas.left, canvas.right, canvas.bottom, canvas.top
    w, h = canvas.width, canvas.height
    sides = r.random()
    if sides < 0.75:  # tilted up: both sides narrow towards one end
        end, far = (y0, y0 + h * r.uniform(0.6, 1.6)) if r.random() < 0.75 else (y1, y0 - 0.3 * h)
        for x, inward in ((x0, 1), (x1, -1)):
            if r.random() < 0.85:
                reach = inward * w * r.uniform(0.03, 0.18)
                canvas.polygon([(x, end), (x + reach, end), (x, far)], flat)
    if sides > 0.55:  # turned aside: a long wedge above
        reach, fall = w * r.uniform(0.5, 1.4), h * r.uniform(0.08, 0.3)
        x, inward = (x1, -1) if r.random() < 0.6 else (x0, 1)
        canvas.polygon([(x, y1), (x + inward * reach, y1), (x, y1 - fall)], flat)


def develop(scene: Image.Image, size: tuple[int, int], r: Random) -> np.ndarray:
    """Reduce the scene to uint8 (height, width, 3), ``size``: lens, light, exposure, grain."""
    height, width = size
    scene = _rectified(scene, r)
    blur = r.uniform(0.0, 0.3) * scene.width / width
    if blur > 0.3:
        scene = scene.filter(ImageFilter.GaussianBlur(blur))
    small = scene.resize((width, height), Image.Resampling.BICUBIC)
    photo = np.asarray(small, dtype=np.float32) / 255
    rng = np.random.default_rng(r.getrandbits(32))
    photo = photo * _falloff(r, size)[..., None]
    # The camera meters the scene, though never quite.
    target = min(max(r.gauss(0.465, 0.07), 0.3), 0.64)
    warmth, tint = r.gauss(0.0, 0.04), r.gauss(0.004, 0.01)
    balance = np.array([1 + warmth, 1 + tint, 1 - warmth], dtype=np.float32)
    photo = _exposed(photo, target, r.uniform(0.7, 1.0)) * balance
    photo = _contrast(photo, r.uniform(-0.5, 0.3), r.uniform(0.6, 1.0))
    grain = rng.standard_normal(photo.shape, dtype=np.float32) * np.float32(r.uniform(0.001, 0.01))
    photo = photo + grain
    return np.clip(photo * 255 + 0.5, 0, 255).astype(np.uint8)


def _rectified(scene: Image.Image, r: Random) -> Image.Image:
    """Verticals and horizontals a little off, as after a rectification by hand."""
    width, height = scene.size
    slack = min(scene.size) * 0.02
    corners = [r.uniform(0, slack) for _ in range(8)]
    quad = (
        corners[0],
        corners[1],
        corners[2],
        height - corners[3],
        width - corners[4],
        height - corners[5],
        width - corners[6],
        corners[7],
    )
    return scene.transform(scene.size, Image.Transform.QUAD, quad, Image.Resampling.BILINEAR)


def _falloff(r: Random, size: tuple[int, int]) -> np.ndarray:
    """Light that changes over the picture: from side to side, up and down, to the corners."""
    y, x = (np.linspace(-1, 1, side, dtype=np.float32) for side in size)
    across, down = r.gauss(0, 0.07), r.gauss(-0.06, 0.08)
    corners = r.uniform(0.0, 0.12)
    radius = y[:, None] ** 2 + x[None, :] ** 2
    cloud = smooth_noise(np.random.default_rng(r.getrandbits(32)), 3, size)
    return 1 + across * x[None, :] + down * y[:, None] - corners * radius / 2 + 0.03 * cloud


def _exposed(photo: np.ndarray, target: float, share: float) -> np.ndarray:
    """Go ``share`` of the way to a mean of ``target``; a sky that is white stays white."""
    mean = min(max(float(photo.mean()), 0.05), 0.95)
    if mean < target:
        return photo * np.float32((target / mean) ** share)
    gamma = 1 + share * (math.log(target) / math.log(mean) - 1)
    return np.clip(photo, 0, 1) ** np.float32(gamma)


def _contrast(photo: np.ndarray, strength: float, saturation: float) -> np.ndarray:
    """A film curve around middle grey, then more or less colour."""
    photo = np.clip(photo, 0, 1)
    curve = photo * photo * (3 - 2 * photo)
    photo = photo + np.float32(strength) * (curve - photo)
    grey = photo.mean(axis=2, keepdims=True)
    return grey + (photo - grey) * np.float32(saturation)
