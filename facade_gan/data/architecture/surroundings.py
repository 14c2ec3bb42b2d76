"""What stands around the house: sky, street, cars, trees, lamps, wires, cast shadows."""

import math
from random import Random

from facade_gan.data.architecture.canvas import Canvas, Colour
from facade_gan.data.architecture.light import Light
from facade_gan.data.architecture.materials import RGB, mix, shade, vary

CARS: tuple[RGB, ...] = (
    (40, 42, 46), (150, 152, 156), (196, 196, 194), (110, 34, 34), (44, 58, 92), (84, 88, 90),
    (30, 60, 52), (172, 166, 148),
)  # fmt: skip


def paint_sky(canvas: Canvas, r: Random) -> None:
    """White, grey or blue, paler towards the roofs, sometimes with clouds."""
    top, low = r.choices(
        (
            ((236, 238, 242), (248, 248, 248)),
            ((200, 206, 214), (226, 228, 230)),
            ((92, 134, 190), (176, 200, 224)),
            ((58, 98, 160), (120, 158, 204)),
            ((150, 158, 170), (186, 190, 196)),
        ),
        (5, 3, 2, 0.8, 1.2),
    )[0]
    top, low = vary(r, top, 0.05, 0.02), vary(r, low, 0.03, 0.02)
    bands = 24
    step = canvas.width / bands
    for i in range(bands):
        y = canvas.bottom + i * step
        canvas.box(canvas.left, y, canvas.right, y + step + 0.1, mix(low, top, i / bands))
    if sum(top) < 560 and r.random() < 0.6:
        for _ in range(r.randint(2, 8)):
            size = canvas.width * r.uniform(0.05, 0.2)
            x = r.uniform(canvas.left, canvas.right)
            y = r.uniform(canvas.bottom + canvas.width * 0.5, canvas.top)
            canvas.ellipse(x, y, size, size * r.uniform(0.2, 0.45), (238, 240, 244, r.randint(20, 70)))


def paint_street(canvas: Canvas, light: Light, r: Random) -> None:
    """Pavement and road below the ground line, then who stands in front of the house."""
    if canvas.bottom < 0:
        pavement = vary(r, (146, 140, 132), 0.25, 0.04)
        kerb = -r.uniform(0.4, 1.6)
        canvas.box(canvas.left, kerb, canvas.right, 0, pavement)
        canvas.box(canvas.left, kerb - 0.12, canvas.right, kerb, shade(pavement, 0.65))
        road = vary(r, r.choice(((92, 92, 94), (70, 70, 72), (116, 112, 108), (84, 96, 68))), 0.2)
        canvas.box(canvas.left, canvas.bottom, canvas.right, kerb - 0.12, road)
    canvas.box(canvas.left, -0.1, canvas.right, 0.25, light.shadow(0.8))
    if canvas.bottom > 2.5:
        return
    if r.random() < 0.45:
        _cars(canvas, light, r)
    if r.random() < 0.25:
        _people(canvas, r)
    if r.random() < 0.2:
        _bushes(canvas, r)
    if r.random() < 0.25:
        _lamp(canvas, r)


def paint_foreground(canvas: Canvas, light: Light, r: Random) -> None:
    """Cast shadows, trees and wires before the house."""
    if light.hard > 0.5 and r.random() < 0.4:
        _cast_shadow(canvas, light, r)
    if r.random() < 0.14:
        for _ in range(r.choice((1, 1, 2))):
            _tree(canvas, r, r.uniform(canvas.left, canvas.right), leaves=r.random() < 0.6)
    if r.random() < 0.15:
        for _ in range(r.randint(1, 4)):
            y0 = r.uniform(canvas.bottom + canvas.width * 0.4, canvas.top)
            y1 = y0 + r.uniform(-0.2, 0.2) * canvas.width
            ends = [(canvas.left, y0), (canvas.right, y1)]
            canvas.line(ends, 0.05, (40, 40, 42))


def _cars(canvas: Canvas, light: Light, r: Random) -> None:
    x = canvas.left - r.uniform(0, 4)
    ground = max(canvas.bottom, -r.uniform(0.8, 2.2))
    while x < canvas.right:
        length, height = r.uniform(3.6, 4.8), r.uniform(1.35, 1.7)
        if r.random() < 0.65:
            body = vary(r, r.choice(CARS))
            canvas.box(x - 0.1, ground - 0.12, x + length + 0.1, ground + 0.3, (16, 16, 18, 190))
            canvas.box(x, ground + 0.25, x + length, ground + height * 0.58, body)
            cabin = [
                (x + length * 0.14, ground + height * 0.55), (x + length * 0.27, ground + height),
                (x + length * 0.72, ground + height), (x + length * 0.9, ground + height * 0.55),
            ]  # fmt: skip
            canvas.polygon(cabin, shade(body, 0.9))
            canvas.box(x + length * 0.27, ground + height * 0.6, x + length * 0.5,
                       ground + height * 0.92, (50, 58, 66))  # fmt: skip
            canvas.box(x + length * 0.53, ground + height * 0.6, x + length * 0.76,
                       ground + height * 0.92, (60, 68, 76))  # fmt: skip
            canvas.box(x, ground + height * 0.5, x + length, ground + height * 0.56, shade(body, 1.3))
            for wheel in (0.2, 0.8):
                canvas.ellipse(x + length * wheel, ground + 0.28, 0.32, 0.32, (22, 22, 24))
        x += length + r.choice((0.4, 0.8, 1.5, 6.0, 12.0))


def _people(canvas: Canvas, r: Random) -> None:
    for _ in range(r.randint(1, 5)):
        x, foot = r.uniform(canvas.left, canvas.right), r.uniform(-1.2, -0.2)
        coat = vary(r, r.choice(((40, 44, 60), (90, 60, 50), (150, 146, 138), (110, 36, 40))), 0.3)
        canvas.box(x - 0.13, foot, x + 0.13, foot + 0.85, (36, 36, 44))
        canvas.box(x - 0.22, foot + 0.8, x + 0.22, foot + 1.45, coat)
        canvas.ellipse(x, foot + 1.62, 0.13, 0.16, (176, 138, 116))


def _lamp(canvas: Canvas, r: Random) -> None:
    x, height = r.uniform(canvas.left, canvas.right), r.uniform(3.5, 8)
    colour = vary(r, (56, 58, 58), 0.3)
    canvas.box(x - 0.08, -1.0, x + 0.08, height, colour)
    if r.random() < 0.4:
        plate = r.choice(((40, 70, 140), (180, 40, 40), (210, 206, 196)))
        canvas.box(x - 0.35, 2.2, x + 0.35, 2.9, plate)
    else:
        canvas.ellipse(x, height + 0.25, 0.28, 0.35, (206, 202, 186))


def _leaf_colour(r: Random) -> RGB:
    return vary(r, r.choice(((62, 78, 40), (48, 64, 36), (84, 92, 50), (104, 92, 48))), 0.25, 0.1)


def _bushes(canvas: Canvas, r: Random) -> None:
    colour = _leaf_colour(r)
    start = r.uniform(canvas.left, canvas.right)
    end = start + r.uniform(0.1, 1.0) * canvas.width
    height = r.uniform(0.8, 2.4)
    _foliage(canvas, r, (start, -1.2, end, height), colour, int((end - start) * 14))


def _foliage(
    canvas: Canvas, r: Random, box: tuple[float, float, float, float], colour: RGB, count: int
) -> None:
    """Blobs of leaves, dark ones first, lighter ones on top."""
    x0, y0, x1, y1 = box
    count = min(count, 260)
    for i in range(count):
        tone: Colour = shade(colour, 0.45 + 0.9 * i / count * r.uniform(0.7, 1.1))
        angle, radius = r.uniform(0, 2 * math.pi), math.sqrt(r.random())
        x = (x0 + x1) / 2 + (x1 - x0) / 2 * radius * math.cos(angle)
        y = (y0 + y1) / 2 + (y1 - y0) / 2 * radius * math.sin(angle)
        size = r.uniform(0.12, 0.45) * (1.4 if i < count / 3 else 1.0)
        canvas.ellipse(x, y, size, size * 0.8, tone)


def _tree(canvas: Canvas, r: Random, x: float, leaves: bool) -> None:
    height = r.uniform(5, 12)
    bark = vary(r, (58, 50, 44), 0.3)
    crown = height * r.uniform(0.25, 0.4)
    canvas.line([(x, -1), (x + r.uniform(-0.4, 0.4), height - crown * 0.6)], 0.3, bark)
    if leaves:
        box = (x - crown, height - 2.2 * crown, x + crown, height)
        _foliage(canvas, r, box, _leaf_colour(r), int(crown * crown * 40))
    else:
        _branch(canvas, r, (x, height * 0.35), math.pi / 2, height * 0.24, 0.16, bark, 5)


def _branch(
    canvas: Canvas,
    r: Random,
    start: tuple[float, float],
    angle: float,
    length: float,
    width: float,
    colour: RGB,
    depth: int,
) -> None:
    end = (start[0] + length * math.cos(angle), start[1] + length * math.sin(angle))
    canvas.line([start, end], width, colour)
    if depth:
        for turn in (r.uniform(0.2, 0.7), -r.uniform(0.2, 0.7)):
            _branch(canvas, r, end, angle + turn, length * r.uniform(0.65, 0.85), width * 0.65,
                    colour, depth - 1)  # fmt: skip


def _cast_shadow(canvas: Canvas, light: Light, r: Random) -> None:
    """The house across the street keeps the sun from the lower part of the front."""
    w = canvas.width
    low = canvas.bottom + w * r.uniform(0.1, 0.55)
    tilt = w * r.uniform(0.0, 0.5) * (1 if light.side > 0 else -1)
    points = [
        (canvas.left, canvas.bottom), (canvas.left, low + tilt), (canvas.left + w * 0.4, low + tilt * 0.3),
        (canvas.left + w * 0.4, low + w * r.uniform(-0.08, 0.08)), (canvas.right, low - tilt),
        (canvas.right, canvas.bottom),
    ]  # fmt: skip
    canvas.polygon(points, (12, 16, 34, r.randint(70, 130)))
