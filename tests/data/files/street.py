"""Drawn facades as a camera in the street sees them, from a side that is known."""

from dataclasses import dataclass
from random import Random

import cv2
import numpy as np
import pytest

from facade_gan.shape_grammar.facade import draw_facade
from facade_gan.shape_grammar.painting import camera

FULL_FRAME = 43.27  # mm, the diagonal that equivalent focal lengths refer to
TWICE = 2  # samples a pixel and side


@dataclass(frozen=True)
class View:
    """A photo, and how its front is seen.

    ``photo`` is uint8 (H, W, 3), RGB; ``turn`` is the rotation (3, 3) from the front's axes (right,
    down, away) to the camera's; ``focal`` is in pixels; the principal point is the middle.
    """

    photo: np.ndarray
    turn: np.ndarray
    focal: float


def rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """From the front's axes to those of a camera turned right, up and over (degrees)."""
    y, p, r = np.radians([yaw, pitch, roll])
    about_y = [[np.cos(y), 0, -np.sin(y)], [0, 1, 0], [np.sin(y), 0, np.cos(y)]]
    about_x = [[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]]
    about_z = [[np.cos(r), np.sin(r), 0], [-np.sin(r), np.cos(r), 0], [0, 0, 1]]
    return np.array(about_z) @ about_x @ about_y


def front(monkeypatch: pytest.MonkeyPatch, seed: int, height: int, width: int) -> np.ndarray:
    """A drawing without what the grammar adds to look as if rectified by hand: it is exact."""
    monkeypatch.setattr(camera, "_rectified", lambda scene, r: scene)
    monkeypatch.setattr("facade_gan.shape_grammar.facade.paint_wedges", lambda canvas, r: None)
    return draw_facade(seed, height, width)


def seen(
    drawing: np.ndarray,
    around_the_corner: np.ndarray,
    r: Random,
    angles: tuple[float, float, float],
    equivalent: float,
    size: tuple[int, int],
) -> View:
    """Photograph a street: the front, across a side street another one, ground and sky.

    Args:
        drawing: of the front, uint8 (H, W, 3).
        around_the_corner: of the front that goes away from the camera.
        r: chooses where the camera stands, what the sky and the ground look like, and the noise.
        angles: yaw, pitch, roll in degrees, see `rotation`.
        equivalent: the focal length in mm on full frame.
        size: height and width of the photo.

    """
    height, width = size
    focal = equivalent / FULL_FRAME * np.hypot(height, width)
    turn = rotation(*angles)
    high, wide = drawing.shape[:2]
    distance = focal * high / (height * r.uniform(0.7, 1.1))
    axis = turn.T @ (0, 0, 1)
    target = np.array([wide * r.uniform(0.4, 0.6), high * r.uniform(0.4, 0.6), 0])
    target[1] = min(target[1], 0.9 * high + distance * axis[1])  # the camera stays above ground
    eye = target - distance * axis

    project = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])
    project = np.diag([TWICE, TWICE, 1]) @ project @ turn
    picture = sky(drawing[0].mean(0), (height * TWICE, width * TWICE), r)
    corner = r.choice((-1, 1))
    edge = wide / 2 + corner * (wide / 2 + high * r.uniform(0.3, 0.8))
    pixel = 8 * wide / 1500
    places = (
        (asphalt(r), (-3.5 * wide, high, eye[2]), (pixel, 0, 0), (0, 0, pixel)),
        (faded(around_the_corner), (edge, -high, 0), (0, 0, 1), (0, 1, 0)),
        (faded(drawing), (0, -high, 0), (1, 0, 0), (0, 1, 0)),
    )
    for texture, origin, right, down in places:
        to_photo = project @ np.stack([right, down, origin - eye], 1)
        paint(picture, texture, to_photo)
    small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(r.getrandbits(32)).normal(0, r.uniform(1, 6), small.shape)
    photo = np.clip(small + noise, 0, 255).astype(np.uint8)
    quality = [cv2.IMWRITE_JPEG_QUALITY, r.randint(70, 95)]
    stored = cv2.imdecode(cv2.imencode(".jpg", photo, quality)[1], cv2.IMREAD_COLOR)
    return View(stored, turn, focal)


def paint(picture: np.ndarray, texture: np.ndarray, to_photo: np.ndarray) -> None:
    """Lay a plane's RGBA over the picture, float (H, W, 3), where it is before the camera."""
    height, width = picture.shape[:2]
    layer = cv2.warpPerspective(texture, to_photo, (width, height), flags=cv2.INTER_CUBIC)
    depth = np.linalg.inv(to_photo)[2]  # of one over it, each pixel's: linear
    ys, xs = np.ogrid[0:height, 0:width]
    before = depth[0] * xs + depth[1] * ys + depth[2] > 0
    alpha = layer[..., 3:].clip(0, 1) * before[..., None]
    picture += alpha * (layer[..., :3] - picture)


def faded(drawing: np.ndarray) -> np.ndarray:
    """The drawing with its top row going on above it, into the sky: no edge where it ends."""
    high, wide = drawing.shape[:2]
    whole = np.ones((2 * high, wide, 4), np.float32)
    whole[high:, :, :3] = drawing
    whole[:high, :, :3] = drawing[0]
    whole[:high, :, 3] = np.linspace(0, 1, high)[:, None] ** 2
    return whole


def sky(low: np.ndarray, size: tuple[int, int], r: Random) -> np.ndarray:
    """From the colour over the roofs to another above, with clouds."""
    rng = np.random.default_rng(r.getrandbits(32))
    up = np.linspace(1, 0, size[0])[:, None, None]
    clouds = cv2.resize(rng.normal(0, 25, (6, 8)), size[::-1], interpolation=cv2.INTER_CUBIC)
    top = np.array([r.randint(90, 230), r.randint(140, 230), 235])
    return (low + up * (top - low + clouds[..., None])).clip(0, 255).astype(np.float32)


def asphalt(r: Random) -> np.ndarray:
    """Ground for some blocks around, RGBA."""
    rng = np.random.default_rng(r.getrandbits(32))
    side = 1500
    coarse = cv2.resize(rng.normal(0, 14, (40, 40)), (side, side), interpolation=cv2.INTER_CUBIC)
    grey = (95 + coarse + rng.normal(0, 8, (side, side))).clip(0, 255)
    return np.dstack([grey, grey, grey, np.ones_like(grey)]).astype(np.float32)
