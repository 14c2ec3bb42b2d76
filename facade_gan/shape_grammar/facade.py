"""Facades by a shape grammar: one seed, one picture of a house seen head-on from the street."""

from random import Random

import numpy as np

from facade_gan.shape_grammar.painting.building import paint_building
from facade_gan.shape_grammar.painting.camera import develop, paint_wedges, supersampled
from facade_gan.shape_grammar.painting.canvas import Canvas
from facade_gan.shape_grammar.painting.scene import Light, Scene
from facade_gan.shape_grammar.painting.surroundings import paint_foreground, paint_sky, paint_street
from facade_gan.shape_grammar.plan import Building
from facade_gan.shape_grammar.rules import draw_building

VERSION = 2
"""Raise it with every change of the drawings, so that no cache of older ones is read."""


def draw_facade(seed: int, height: int, width: int | None = None) -> np.ndarray:
    """Draw the facade of a seed.

    The plan of the scene depends on the seed and the proportions of the image; its size only sets
    how finely it is painted, so one seed shows the same house at every size.

    Args:
        seed: of the dice.
        height: of the image, pixels.
        width: of the image, pixels; the height where it is None.

    Returns:
        uint8 (height, width, 3), RGB.

    """
    # As text the seed is hashed; as numbers 2 and 2**32 + 2, for one, give the same dice.
    r = Random(f"facade {seed}")
    house = draw_building(r)
    size = height, width or height
    canvas = _frame(r, house, supersampled(size))
    neighbours = _neighbours(r, house, canvas)
    scene = Scene(canvas, Light.draw(r), r)
    paint_sky(scene)
    for neighbour in neighbours:
        paint_building(scene, neighbour)
    paint_building(scene, house)
    paint_street(scene)
    paint_foreground(scene)
    if r.random() < 0.17:
        paint_wedges(canvas, r)
    return develop(canvas.image, size, r)


def _frame(r: Random, house: Building, pixels: tuple[int, int]) -> Canvas:
    """Choose the view as photographers and a crop do: most of the height, or part of it.

    A tall image shows less of the street to both sides, a wide one more.
    """
    front = house.eaves + house.cornice + 0.5 * house.roof.height
    kind = r.random()
    if kind < 0.6:  # the whole front, with some sky and street
        height = front * r.uniform(1.04, 1.35)
        bottom = -min((height - front) * r.uniform(0.05, 0.5), 2.5)
    elif kind < 0.88:  # the front fills the picture
        height = front * r.uniform(0.75, 1.03)
        bottom = r.uniform(-0.04, 1.0) * max(front - height, 0.0)
    else:  # a part of it, near
        height = front * r.uniform(0.5, 0.75)
        bottom = r.uniform(0.0, 1.0) * (front - height)
    aspect = pixels[1] / pixels[0]
    height = min(max(height, 7.0 / min(aspect, 1.0)), 34.0)
    width = height * aspect
    if house.width > width and r.random() < 0.6:  # cut off at the sides
        left = house.left + r.uniform(0, house.width - width)
    else:
        left = house.left + (house.width - width) / 2 + r.gauss(0, 0.07) * width
    return Canvas(pixels, left, bottom, height)


def _neighbours(r: Random, house: Building, canvas: Canvas) -> list[Building]:
    """Houses to both sides, as far as the view goes; now and then the house stands alone."""
    houses: list[Building] = []
    for side in (-1, 1):
        edge = house.left if side < 0 else house.right
        if r.random() < 0.12:
            edge += side * r.uniform(1, 8)
        while (edge > canvas.left) if side < 0 else (edge < canvas.right):
            neighbour = _neighbour(r, house)
            left = edge - neighbour.width if side < 0 else edge
            houses.append(neighbour.moved(left - neighbour.left))
            edge = left if side < 0 else left + neighbour.width
    return houses


def _neighbour(r: Random, house: Building) -> Building:
    """Streets were built in one go, more or less: of a few plans the one nearest in height."""
    plans = [draw_building(r, style=house.style if r.random() < 0.5 else None) for _ in range(3)]
    if r.random() < 0.3:
        return plans[0]
    return min(plans, key=lambda plan: abs(plan.top - house.top))
