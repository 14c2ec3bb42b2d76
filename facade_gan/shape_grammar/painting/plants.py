"""How trees and bushes in front of a house are painted."""

import math
from random import Random

from facade_gan.shape_grammar.colours import RGB, shade, vary
from facade_gan.shape_grammar.painting.canvas import Canvas, Point

LEAVES: tuple[RGB, ...] = ((62, 74, 44), (48, 60, 40), (82, 86, 56), (98, 88, 54))


def paint_bushes(canvas: Canvas, r: Random) -> None:
    """A hedge or a few bushes along the foot of the house."""
    colour = vary(r, r.choice(LEAVES), 0.25, 0.06)
    x = r.uniform(canvas.left, canvas.right)
    for _ in range(r.randint(1, 6)):
        width, height = r.uniform(0.8, 2.5), r.uniform(0.8, 2.4)
        _foliage(canvas, r, (x, min(canvas.bottom, -0.5), x + width, height), colour, 90)
        x += width * r.uniform(0.6, 1.1)


def paint_tree(canvas: Canvas, r: Random, x: float, leaves: bool) -> None:
    """A tree on the pavement, in leaf or bare."""
    height = r.uniform(5, 12)
    bark = vary(r, (58, 50, 44), 0.3)
    crown = height * r.uniform(0.22, 0.34)
    if not leaves:
        canvas.line([(x, -1), (x, height * 0.35)], 0.26, bark)
        _branch(canvas, r, (x, height * 0.34), math.pi / 2, height * 0.2, 0.16, bark, 6)
        return
    canvas.line([(x, -1), (x + r.uniform(-0.4, 0.4), height - crown * 0.6)], 0.26, bark)
    colour = vary(r, r.choice(LEAVES), 0.25, 0.06)
    for _ in range(r.randint(4, 7)):
        size = crown * r.uniform(0.4, 0.7)
        cx = x + r.uniform(-0.6, 0.6) * crown
        cy = height - crown + r.uniform(-0.7, 0.7) * crown
        _foliage(canvas, r, (cx - size, cy - size, cx + size, cy + size), colour, 110)


def paint_overhang(canvas: Canvas, r: Random) -> None:
    """Branches of a tree beside the photographer, hanging into a side of the picture."""
    colour = vary(r, r.choice(LEAVES), 0.25, 0.06)
    w = min(canvas.width, canvas.height)
    edge = canvas.left if r.random() < 0.5 else canvas.right
    y = canvas.bottom + canvas.height * r.uniform(0.3, 1.0)
    for _ in range(r.randint(3, 7)):
        size = w * r.uniform(0.06, 0.16)
        cx, cy = edge + r.uniform(-0.12, 0.12) * w, y + r.uniform(-0.3, 0.3) * w
        _foliage(canvas, r, (cx - size, cy - size, cx + size, cy + size), colour, 70)


def _foliage(
    canvas: Canvas, r: Random, box: tuple[float, float, float, float], colour: RGB, count: int
) -> None:
    """Tufts of leaves, dark ones first, lighter ones on top; loose towards the edge."""
    x0, y0, x1, y1 = box
    leaf = max(0.06, min(canvas.width, canvas.height) / 150)
    for i in range(count):
        tone = shade(colour, (0.35 + 0.8 * i / count) * r.uniform(0.75, 1.25))
        angle, radius = r.uniform(0, 2 * math.pi), math.sqrt(r.random()) * r.uniform(0.8, 1.1)
        x = (x0 + x1) / 2 + (x1 - x0) / 2 * radius * math.cos(angle)
        y = (y0 + y1) / 2 + (y1 - y0) / 2 * radius * math.sin(angle)
        size = leaf * r.uniform(0.6, 1.5) * (2.0 if i < count / 3 else 1.0)
        canvas.ellipse(x, y, size, size * 0.8, tone)


def _branch(
    canvas: Canvas,
    r: Random,
    start: Point,
    angle: float,
    length: float,
    width: float,
    colour: RGB,
    depth: int,
) -> None:
    """A branch and, at its end, two thinner ones."""
    end = (start[0] + length * math.cos(angle), start[1] + length * math.sin(angle))
    canvas.line([start, end], width, colour)
    if depth:
        for turn in (r.uniform(0.2, 0.6), -r.uniform(0.2, 0.6)):
            shorter = length * r.uniform(0.65, 0.88)
            _branch(canvas, r, end, angle + turn, shorter, width * 0.68, colour, depth - 1)
