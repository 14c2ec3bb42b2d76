"""The front of a house turned upright and parallel to the picture, by where its lines vanish.

Lines that run along a front, and lines that run up it, each meet in a vanishing point; the two say
how the camera was turned, and their right angle says its focal length where neither is far away.
Line segments come from LSD (Grompone von Gioi, Jakubowicz, Morel and Randall, "LSD: a Line Segment
Detector", Image Processing On Line 2, 2012). The camera is the one that most of their length agrees
with, refined by robust least squares, with a prior for its focal length, after Lee, Shechtman, Wang
and Lee, "Automatic Upright Adjustment of Photographs" (CVPR 2012). The search is over a grid, not
by chance, so that a photo always comes out the same.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.optimize import OptimizeResult, least_squares

from facade_gan.data.files.upright_rectangle import largest_rectangle, mapped, seen_part
from facade_gan.errors import UserError, to_install

Array = npt.NDArray[np.float64]
VERSION = 2  # part of the cache's key: raise it when a photo is rectified in another way
Outcome = Literal["rectified", "upright", "unclear"]

# Lengths are in diagonals of the photo, positions from its middle: x to the right, y down.
SEARCHED_AT = 800  # pixels of the longer side
SHORTEST = 12  # pixels; below, a segment's direction says little
MOST = 700  # segments, the longest; a search takes time in proportion
TYPICAL_FOCAL = 28 / 43.27  # diagonals: 28 mm on full frame, as phones have
SPREAD = 0.35  # of the focal length's logarithm, the prior's standard deviation
FOCALS = np.log([12 / 28, 90 / 28])  # between ultra-wide and tele
STARTS = np.log([0.5, 1.0, 1.7, 2.8])  # focal lengths to refine from
YAWS, PITCHES, ROLLS = (np.radians(np.arange(-end, end + 1, 1.5)) for end in (60, 45, 15))

NEAR = np.sin(np.radians(2))  # sine of the angle to a vanishing point, of what belongs to it
AGREEING = np.sin(np.radians(1))  # the same at the end
FEWEST = 5  # segments towards each point
SUPPORT = 0.25  # of all length, below which lines don't say: photos of no front have up to 0.2
UNSURE = np.radians(3)  # standard deviation of an angle, above which they don't say either
LEAST_GAIN = 0.03  # of support, over that of facing the front; less is no reason to turn
LEAST_TURN = np.radians(1.5)  # below, a photo is upright


@dataclass(frozen=True)
class Segments:
    """``middle`` and ``direction`` are (N, 2), directions of length 1; ``length`` is (N,)."""

    middle: Array
    direction: Array
    length: Array

    def __getitem__(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> "Segments":
        return Segments(self.middle[chosen], self.direction[chosen], self.length[chosen])


@dataclass(frozen=True)
class Camera:
    """How the camera is turned away from facing the front, in radians, and its focal length."""

    yaw: float  # to the right
    pitch: float  # up
    roll: float  # clockwise
    focal: float  # diagonals

    @property
    def to_front(self) -> Array:
        """The homography (3, 3) of photo's positions to those of a photo that faces the front."""
        angles = np.array([self.yaw, self.pitch, self.roll])
        across, down = across_the_front(angles), down_the_front(angles)
        lens = np.diag([self.focal, self.focal, 1.0])
        return lens @ np.stack([across, down, np.cross(across, down)]) @ np.linalg.inv(lens)

    @property
    def turn(self) -> float:
        """The largest of its angles."""
        return max(abs(self.yaw), abs(self.pitch), abs(self.roll))


def version() -> list[int | str]:
    """What decides how photos are rectified: this file's version, and OpenCV's."""
    import cv2

    return [VERSION, cv2.__version__]


def require_opencv() -> None:
    """Raises `UserError` where the extra ``rectify`` is not installed."""
    try:
        import cv2  # noqa: F401
    except ImportError as error:
        raise UserError(f"data.rectify=true needs OpenCV: {to_install('rectify')}") from error


def rectified(image: Image.Image) -> tuple[Image.Image, Outcome]:
    """The largest upright rectangle of the front as seen from before it.

    ``image`` is in mode RGB or F, and comes back as it is where it is upright by less than
    `LEAST_TURN`, or where its lines don't say how it is turned.
    """
    camera = camera_of(image)
    if camera is None:
        return image, "unclear"
    if camera.turn < LEAST_TURN:
        return image, "upright"
    return facing_the_front(image, camera), "rectified"


def facing_the_front(image: Image.Image, camera: Camera) -> Image.Image:
    """As a camera would take it that faces the front; at most 0.7 of the photo's pixels.

    It then takes 9 bytes a pixel of the photo, 11 in mode F, which decoding took before.
    """
    import cv2

    diagonal = np.hypot(image.width, image.height)
    outline = seen_part(np.array(image.size) / diagonal, camera.to_front)
    left, top, right, bottom = largest_rectangle(mapped(outline, camera.to_front))
    wide, high = right - left, bottom - top
    middle = camera.to_front[2, 2]  # a step there becomes one over this, or more
    scale = min(diagonal * middle, np.sqrt(0.7 * image.width * image.height / (wide * high)))
    size = max(1, round(wide * scale)), max(1, round(high * scale))
    to_positions = [[1 / diagonal, 0, -image.width / 2 / diagonal],
                    [0, 1 / diagonal, -image.height / 2 / diagonal], [0, 0, 1]]  # fmt: skip
    to_pixels = [[size[0] / wide, 0, -left * size[0] / wide],
                 [0, size[1] / high, -top * size[1] / high], [0, 0, 1]]  # fmt: skip
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])  # OpenCV counts from pixels' middles
    warp = np.linalg.inv(half) @ to_pixels @ camera.to_front @ to_positions @ half
    return Image.fromarray(
        cv2.warpPerspective(
            np.asarray(image), warp, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
    )


# -- photo -> camera


def camera_of(image: Image.Image) -> Camera | None:
    """The camera that most of the lines agree with; None where they don't say.

    It faces the front where the lines agree with that about as well.
    """
    segments = segments_of(image)
    steep = np.abs(segments.direction[:, 1]) > 0.6 * np.abs(segments.direction[:, 0])
    if steep.sum() < FEWEST:
        return None
    pitch, roll = best_vertical(segments[steep])
    vertical = vanishing_points(np.array([0, pitch, roll, 0]))[1]
    others = segments[np.abs(sines(segments, vertical)) > NEAR]
    found = []
    for focal in STARTS:
        start = np.array([0, np.arctan(np.tan(pitch) * np.exp(focal)), roll, focal])
        start[0] = best_yaw(others, start)
        result = refined(segments, start)
        if result is not None:
            found.append(result)
    if not found:
        return None
    best = max(found, key=lambda result: support(segments, result.x))
    # For its focal length, which lines may leave open: a wrong one only makes the front too wide.
    angles = best.jac[:, :3]
    unsure = np.sqrt(np.diag(np.linalg.pinv(angles.T @ angles)))
    if support(segments, best.x) < SUPPORT or unsure.max() > UNSURE:
        return None
    if support(segments, best.x) < support(segments, np.zeros(4)) + LEAST_GAIN:
        return Camera(0, 0, 0, TYPICAL_FOCAL)
    yaw, pitch, roll, focal = best.x
    if abs(yaw) > YAWS[-1] or abs(pitch) > PITCHES[-1] or abs(roll) > ROLLS[-1]:
        return None
    if np.isclose(focal, FOCALS, atol=1e-3).any():  # it wants a lens that hardly is
        return None
    return Camera(yaw, pitch, roll, TYPICAL_FOCAL * np.exp(focal))


def segments_of(image: Image.Image) -> Segments:
    """The longest line segments of the photo, seen at a reduced size."""
    import cv2

    reduction = min(1, SEARCHED_AT / max(image.size))
    size = max(1, round(image.width * reduction)), max(1, round(image.height * reduction))
    grey = image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2).convert("L")
    diagonal = np.hypot(size[0], size[1])
    found = cv2.createLineSegmentDetector().detect(np.asarray(grey))[0]
    ends = np.zeros((0, 4)) if found is None else found.reshape(-1, 4).astype(float)
    ends = (ends + 0.5 - np.tile(size, 2) / 2) / diagonal
    along = ends[:, 2:] - ends[:, :2]
    length = np.hypot(along[:, 0], along[:, 1])
    order = np.argsort(-length, kind="stable")[:MOST]
    order = order[length[order] * diagonal > SHORTEST]
    middle = (ends[:, :2] + ends[:, 2:]) / 2
    return Segments(middle[order], along[order] / length[order, None], length[order])


def best_vertical(steep: Segments) -> tuple[float, float]:
    """Pitch and roll, for the typical focal length, that most of the steep segments agree with."""
    pitch, roll = (grid.ravel() for grid in np.meshgrid(PITCHES, ROLLS, indexing="ij"))
    angles = np.stack([0 * pitch, pitch, roll, 0 * pitch], -1)
    best = np.argmax(agreement(steep, vanishing_points(angles)[1], NEAR))
    return pitch[best], roll[best]


def best_yaw(segments: Segments, camera: Array) -> float:
    """The yaw that most of the segments agree with, for ``camera``'s other parameters."""
    cameras = np.repeat(camera[None], len(YAWS), 0)
    cameras[:, 0] = YAWS
    return YAWS[np.argmax(agreement(segments, vanishing_points(cameras)[0], NEAR))]


def refined(segments: Segments, camera: Array) -> OptimizeResult | None:
    """The camera nearby that agrees best, in ``x``; None where too few segments point anywhere."""
    result = None
    for tolerance in (1.5 * NEAR, 0.75 * NEAR):
        deviations = np.abs(sines(segments, vanishing_points(camera)))
        nearer = deviations.argmin(0)  # 0: across the front, 1: down it
        near = deviations.min(0) < tolerance
        if min(np.bincount(nearer[near], minlength=2)) < FEWEST:
            return None
        result = fitted(segments[near], nearer[near], camera)
        camera = result.x
    return result


def fitted(segments: Segments, point: npt.NDArray[np.intp], camera: Array) -> OptimizeResult:
    """The camera under which each segment points best to its vanishing point, 0 or 1."""
    weight = np.sqrt(segments.length / 0.05) / AGREEING  # a longer one is surer of its direction
    numbers = np.arange(len(point))

    def residuals(camera: Array) -> Array:
        all_sines = sines(segments, vanishing_points(camera))
        return np.append(all_sines[point, numbers] * weight, camera[3] / SPREAD)

    def cauchy_but_for_the_prior(squares: Array) -> Array:
        loss = np.stack([np.log1p(squares), 1 / (1 + squares), -1 / (1 + squares) ** 2])
        loss[:, -1] = squares[-1], 1, 0
        return loss

    low = np.array([-np.inf, -np.inf, -np.inf, FOCALS[0]])
    high = np.array([np.inf, np.inf, np.inf, FOCALS[1]])
    return least_squares(
        residuals, camera, loss=cauchy_but_for_the_prior, bounds=(low, high), max_nfev=20
    )


def support(segments: Segments, camera: Array) -> float:
    """The share of length, 0 to 1, that agrees with the camera, less what its lens is unlikely."""
    nearest = np.abs(sines(segments, vanishing_points(camera))).min(0)
    agreeing = (segments.length * (1 - (nearest / AGREEING) ** 2).clip(0)).sum()
    return agreeing / segments.length.sum() - 0.01 * (camera[3] / SPREAD) ** 2


def agreement(segments: Segments, points: Array, tolerance: float) -> Array:
    """How much length points to each of (P, 3) ``points``, less the farther off it is."""
    off = (sines(segments, points) / tolerance) ** 2
    return (1 - off).clip(0) @ segments.length


# -- camera -> vanishing points


def across_the_front(camera: Array) -> Array:
    """The front's direction to the right in the camera's axes (right, down, forward).

    ``camera`` is (..., 3) or (..., 4): yaw, pitch, roll and the logarithm of the focal length over
    the typical one; the result is (..., 3).
    """
    yaw, pitch, roll = np.moveaxis(camera[..., :3], -1, 0)
    x, y, z = np.cos(yaw), np.sin(yaw) * np.sin(pitch), np.sin(yaw) * np.cos(pitch)
    return np.stack(
        [np.cos(roll) * x + np.sin(roll) * y, np.cos(roll) * y - np.sin(roll) * x, z], -1
    )


def down_the_front(camera: Array) -> Array:
    """As above, its direction down."""
    _, pitch, roll = np.moveaxis(camera[..., :3], -1, 0)
    return np.stack(
        [np.sin(roll) * np.cos(pitch), np.cos(roll) * np.cos(pitch), -np.sin(pitch)], -1
    )


def vanishing_points(camera: Array) -> Array:
    """Of lines across the front and down it, (2, ..., 3), homogeneous, for (..., 4) cameras."""
    points = np.stack([across_the_front(camera), down_the_front(camera)])
    points[..., :2] *= TYPICAL_FOCAL * np.exp(camera[..., 3, None])
    return points


def sines(segments: Segments, points: Array) -> Array:
    """Of the angles between segments and the lines from their middles to (..., 3): (..., N)."""
    x = points[..., 0, None] - points[..., 2, None] * segments.middle[:, 0]
    y = points[..., 1, None] - points[..., 2, None] * segments.middle[:, 1]
    along = segments.direction
    return (along[:, 0] * y - along[:, 1] * x) / (np.hypot(x, y) + 1e-12)
