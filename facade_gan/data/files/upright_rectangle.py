"""What a turned photo keeps: the largest upright rectangle of what it shows."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

STEEPEST = 0.5  # of the depth's reciprocal in the middle; nearer to the horizon, all is blurred
STEPS = 200  # positions of the left and right sides that are tried


def seen_part(size: Array, homography: Array) -> Array:
    """The outline of the photo, less what ``homography`` would enlarge most: (3 to 5, 2).

    Positions are from the middle of the photo of ``size`` (w, h). Towards the front's horizon a
    pixel becomes many, and beyond it nothing is of the front.
    """
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * size / 2
    above = corners @ homography[2, :2] + (1 - STEEPEST) * homography[2, 2]
    outline = []
    for i in range(4):
        if above[i] >= 0:
            outline.append(corners[i])
        j = (i + 1) % 4
        if (above[i] >= 0) != (above[j] >= 0):  # the edge is cut where `above` is 0
            share = above[i] / (above[i] - above[j])
            outline.append(corners[i] + share * (corners[j] - corners[i]))
    return np.array(outline)


def mapped(positions: Array, homography: Array) -> Array:
    """Where ``homography`` brings (N, 2) positions."""
    moved = positions @ homography[:, :2].T + homography[:, 2]
    return moved[:, :2] / moved[:, 2:]


def largest_rectangle(outline: Array) -> tuple[float, float, float, float]:
    """The largest upright rectangle in a convex outline (N, 2): left, top, right, bottom."""
    x = np.linspace(outline[:, 0].min(), outline[:, 0].max(), STEPS)
    starts, ends = outline, np.roll(outline, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (x[:, None] - starts[:, 0]) / (ends[:, 0] - starts[:, 0])
    y = starts[:, 1] + share * (ends[:, 1] - starts[:, 1])
    crossed = (share >= 0) & (share <= 1)
    top = np.where(crossed, y, np.inf).min(1)
    bottom = np.where(crossed, y, -np.inf).max(1)
    # The outline is convex: between two sides that lie in it, so does all.
    highest = np.maximum(top[:, None], top)
    lowest = np.minimum(bottom[:, None], bottom)
    area = (x - x[:, None]).clip(0) * (lowest - highest).clip(0)
    left, right = divmod(int(area.argmax()), STEPS)
    return x[left], highest[left, right], x[right], lowest[left, right]
