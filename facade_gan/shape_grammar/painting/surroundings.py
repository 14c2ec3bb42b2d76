"""What lies behind and before the houses: sky, backdrop, street, cars, people, shadows."""

from random import Random

from facade_gan.shape_grammar.colours import RGB, mix, shade, vary
from facade_gan.shape_grammar.painting.canvas import Canvas
from facade_gan.shape_grammar.painting.plants import paint_bushes, paint_overhang, paint_tree
from facade_gan.shape_grammar.painting.scene import Scene

CARS: tuple[RGB, ...] = (
    (40, 42, 46),
    (150, 152, 156),
    (190, 190, 188),
    (110, 44, 40),
    (52, 62, 88),
    (84, 88, 90),
    (40, 60, 54),
    (168, 162, 148),
)
SKIES: tuple[tuple[RGB, RGB, float], ...] = (  # zenith, horizon, weight
    ((234, 237, 241), (248, 248, 248), 6),
    ((214, 219, 226), (238, 239, 240), 3),
    ((112, 150, 200), (190, 208, 228), 2),
    ((78, 116, 172), (136, 170, 210), 0.7),
    ((168, 174, 184), (200, 203, 208), 0.8),
)


def paint_sky(scene: Scene) -> None:
    """White, grey or blue, paler towards the roofs, sometimes with clouds; then far houses."""
    canvas, r = scene.canvas, scene.r
    top, low, _ = r.choices(SKIES, [weight for *_, weight in SKIES])[0]
    top, low = vary(r, top, 0.04, 0.015), vary(r, low, 0.03, 0.01)
    bands = 24
    step = canvas.height / bands
    for i in range(bands):
        y = canvas.bottom + i * step
        canvas.box(canvas.left, y, canvas.right, y + step + 0.1, mix(low, top, i / bands))
    if sum(top) < 480 and r.random() < 0.6:
        for _ in range(r.randint(2, 8)):
            size = canvas.width * r.uniform(0.05, 0.2)
            x = r.uniform(canvas.left, canvas.right)
            y = r.uniform(canvas.bottom + canvas.height * 0.5, canvas.top)
            cloud = (238, 240, 244, r.randint(20, 70))
            canvas.ellipse(x, y, size, size * r.uniform(0.2, 0.45), cloud)
    _backdrop(canvas, r, low)


def _backdrop(canvas: Canvas, r: Random, haze: RGB) -> None:
    """Pale roofs and trees far behind, so that no gap between houses ends in bare sky."""
    x = canvas.left
    while x < canvas.right:
        width, height = r.uniform(2, 7), r.uniform(3, 9)
        grey = r.choice(((120, 116, 110), (140, 128, 112), (84, 92, 76), (110, 90, 80)))
        canvas.box(x, canvas.bottom, x + width, height, mix(grey, haze, r.uniform(0.1, 0.35)))
        x += width


def paint_street(scene: Scene) -> None:
    """Pavement and road below the ground line, then what stands on them."""
    canvas, r = scene.canvas, scene.r
    if canvas.bottom < 0:
        pavement = vary(r, (140, 135, 128), 0.25, 0.03)
        kerb = -r.uniform(0.4, 1.6)
        canvas.box(canvas.left, kerb, canvas.right, 0, pavement)
        canvas.box(canvas.left, kerb - 0.12, canvas.right, kerb, shade(pavement, 0.65))
        ground = r.choices(
            ((92, 92, 94), (68, 68, 70), (112, 108, 104), (80, 88, 62)), (4, 4, 2, 1)
        )
        road = vary(r, ground[0], 0.2)
        canvas.box(canvas.left, canvas.bottom, canvas.right, kerb - 0.12, road)
    canvas.box(canvas.left, -0.1, canvas.right, 0.25, scene.light.shadow(0.8))
    if canvas.bottom > 2.5:
        return
    if r.random() < 0.45:
        _cars(canvas, r)
    if r.random() < 0.3:
        _people(canvas, r)
    if r.random() < 0.18:
        paint_bushes(canvas, r)
    if r.random() < 0.25:
        _lamp(canvas, r)


def paint_foreground(scene: Scene) -> None:
    """Cast shadows, trees and wires before the house."""
    canvas, r = scene.canvas, scene.r
    if scene.light.hard > 0.5 and r.random() < 0.35:
        _cast_shadow(scene)
    if r.random() < 0.15:
        for _ in range(r.choice((1, 1, 2))):
            paint_tree(canvas, r, r.uniform(canvas.left, canvas.right), leaves=r.random() < 0.5)
    if r.random() < 0.06:
        paint_overhang(canvas, r)
    if r.random() < 0.15:
        for _ in range(r.randint(1, 4)):
            y0 = r.uniform(canvas.bottom + canvas.height * 0.4, canvas.top)
            y1 = y0 + r.uniform(-0.2, 0.2) * canvas.height
            canvas.line([(canvas.left, y0), (canvas.right, y1)], 0.05, (40, 40, 42))


def _cars(canvas: Canvas, r: Random) -> None:
    """Parked cars along the kerb, with gaps."""
    x = canvas.left - r.uniform(0, 4)
    ground = max(canvas.bottom - 0.5, -r.uniform(0.8, 2.2))
    while x < canvas.right:
        length = r.uniform(3.6, 4.8)
        if r.random() < 0.65:
            _car(canvas, vary(r, r.choice(CARS)), x, ground, length, r.uniform(1.35, 1.7))
        x += length + r.choice((0.4, 0.8, 1.5, 6.0, 12.0))


def _car(canvas: Canvas, body: RGB, x: float, y: float, length: float, height: float) -> None:
    def across(share: float) -> float:
        return x + length * share

    def up(share: float) -> float:
        return y + height * share

    canvas.box(x - 0.1, y - 0.12, x + length + 0.1, y + 0.3, (16, 16, 18, 190))
    lower = [(0, 0.2), (0.02, 0.5), (0.16, 0.6), (0.86, 0.6), (0.99, 0.48), (1, 0.2)]
    upper = [(0.14, 0.58), (0.27, 0.98), (0.7, 1.0), (0.88, 0.58)]
    canvas.polygon([(across(a), up(b)) for a, b in upper], shade(body, 0.9))
    canvas.polygon([(across(a), up(b)) for a, b in lower], body)
    glass = [(0.2, 0.62), (0.29, 0.92), (0.68, 0.92), (0.8, 0.62)]
    canvas.polygon([(across(a), up(b)) for a, b in glass], (46, 52, 58))
    canvas.box(across(0.47), up(0.6), across(0.5), up(0.95), shade(body, 0.9))
    canvas.box(across(0.03), up(0.5), across(0.97), up(0.56), shade(body, 1.25))
    for wheel in (0.2, 0.8):
        canvas.ellipse(across(wheel), y + 0.28, 0.33, 0.33, (22, 22, 24))
        canvas.ellipse(across(wheel), y + 0.28, 0.16, 0.16, (110, 110, 112))


def _people(canvas: Canvas, r: Random) -> None:
    for _ in range(r.randint(1, 5)):
        x, foot = r.uniform(canvas.left, canvas.right), r.uniform(-1.2, -0.2)
        coat = vary(r, r.choice(((40, 44, 60), (90, 66, 56), (146, 142, 134), (104, 48, 48))), 0.3)
        canvas.ellipse(x, foot + 0.45, 0.17, 0.5, (36, 36, 44))
        canvas.ellipse(x, foot + 1.1, 0.24, 0.42, coat)
        canvas.ellipse(x, foot + 1.6, 0.12, 0.16, (170, 136, 116))


def _lamp(canvas: Canvas, r: Random) -> None:
    """A lamp post, or a post with a traffic sign."""
    x, height = r.uniform(canvas.left, canvas.right), r.uniform(3.5, 8)
    colour = vary(r, (56, 58, 58), 0.3)
    if r.random() < 0.4:
        plate = r.choice(((56, 80, 132), (160, 60, 56), (196, 192, 184)))
        canvas.box(x - 0.05, -1.0, x + 0.05, 2.9, colour)
        canvas.ellipse(x, 2.6, 0.32, 0.32, plate)
    else:
        canvas.box(x - 0.07, -1.0, x + 0.07, height, colour)
        canvas.ellipse(x, height + 0.25, 0.24, 0.34, (196, 194, 182))


def _cast_shadow(scene: Scene) -> None:
    """The house across the street keeps the sun from the lower part of the front."""
    canvas, r, w, h = scene.canvas, scene.r, scene.canvas.width, scene.canvas.height
    low = canvas.bottom + h * r.uniform(0.1, 0.5)
    tilt = h * r.uniform(0.0, 0.3) * (1 if scene.light.side > 0 else -1)
    step = canvas.left + w * r.uniform(0.2, 0.8)
    points = [
        (canvas.left, canvas.bottom),
        (canvas.left, low + tilt),
        (step, low + tilt * 0.3),
        (step, low + h * r.uniform(-0.08, 0.08)),
        (canvas.right, low - tilt),
        (canvas.right, canvas.bottom),
    ]
    canvas.polygon(points, (14, 18, 34, r.randint(60, 120)))
