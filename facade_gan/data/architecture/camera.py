"""What a camera makes of the scene: framing, wedges, reduction, exposure, grain."""

from random import Random

import numpy as np
from PIL import Image, ImageFilter

from facade_gan.data.architecture.canvas import Canvas
from facade_gan.data.architecture.materials import smooth_noise


def supersampled(image_size: int) -> int:
    """Side of the drawing board in pixels: at least 256, at least twice the image."""
    return image_size * max(2, -(-256 // image_size))


def paint_wedges(canvas: Canvas, r: Random) -> None:
    """The flat corners that rectifying a tilted photo leaves, black or grey."""
    flat = r.choice(((128, 128, 128), (12, 12, 12), (0, 0, 0)))
    x0, x1, y0, y1, w = canvas.left, canvas.right, canvas.bottom, canvas.top, canvas.width
    for _ in range(r.choice((1, 2, 2))):
        reach, height = w * r.uniform(0.05, 0.25), w * r.uniform(0.5, 1.2)
        kind = r.random()
        if kind < 0.35:
            canvas.polygon([(x0, y0), (x0 + reach, y0), (x0, y0 + height)], flat)
        elif kind < 0.7:
            canvas.polygon([(x1, y0), (x1 - reach, y0), (x1, y0 + height)], flat)
        elif kind < 0.85:
            canvas.polygon([(x1, y1), (x1 - height, y1), (x1, y1 - reach * 1.5)], flat)
        else:
            canvas.polygon([(x0, y1), (x0 + height, y1), (x0, y1 - reach * 1.5)], flat)


def develop(scene: Image.Image, image_size: int, r: Random) -> np.ndarray:
    """Reduce the scene to uint8 (image_size, image_size, 3): lens, light, exposure, grain."""
    blur = r.uniform(0.0, 0.35) * scene.width / image_size
    if blur > 0.3:
        scene = scene.filter(ImageFilter.GaussianBlur(blur))
    small = scene.resize((image_size, image_size), Image.Resampling.BICUBIC)
    photo = np.asarray(small, dtype=np.float32) / 255
    rng = np.random.default_rng(r.getrandbits(32))
    photo = photo * _falloff(r, image_size)[..., None]
    target = min(max(r.gauss(0.465, 0.055), 0.3), 0.62)
    # The camera meters the scene, though never quite.
    gain = (target / max(float(photo.mean()), 0.05)) ** r.uniform(0.6, 1.0)
    warmth, tint = r.gauss(0.012, 0.035), r.gauss(0.004, 0.01)
    balance = np.array([1 + warmth, 1 + tint, 1 - warmth], dtype=np.float32)
    photo = photo * np.float32(gain) * balance
    photo = _contrast(photo, r.uniform(0.0, 0.5), r.uniform(0.85, 1.1))
    grain = rng.standard_normal(photo.shape, dtype=np.float32)
    haze = smooth_noise(rng, 8, (image_size, image_size))[..., None]
    photo = photo + grain * np.float32(r.uniform(0.002, 0.012)) + haze * np.float32(0.006)
    return np.clip(photo * 255 + 0.5, 0, 255).astype(np.uint8)


def _falloff(r: Random, size: int) -> np.ndarray:
    """Light that changes over the picture: from side to side, up and down, to the corners."""
    line = np.linspace(-1, 1, size, dtype=np.float32)
    across, down = r.gauss(0, 0.06), r.gauss(-0.05, 0.07)
    corners = r.uniform(0.0, 0.12)
    radius = line[:, None] ** 2 + line[None, :] ** 2
    return 1 + across * line[None, :] + down * line[:, None] - corners * radius / 2


def _contrast(photo: np.ndarray, strength: float, saturation: float) -> np.ndarray:
    """A film curve around middle grey, then more or less colour."""
    photo = np.clip(photo, 0, 1)
    curve = photo * photo * (3 - 2 * photo)
    photo = photo + np.float32(strength) * (curve - photo)
    grey = photo.mean(axis=2, keepdims=True)
    return grey + (photo - grey) * np.float32(saturation)
