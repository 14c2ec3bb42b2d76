"""How the ground floor opens to the street: doors, gates, shops, garages, arcades."""

from facade_gan.shape_grammar.colours import RGB, shade, vary
from facade_gan.shape_grammar.painting.scene import Scene
from facade_gan.shape_grammar.plan import Entry

Box = tuple[float, float, float, float]  # left, bottom, right, top in metres


def paint_entry(scene: Scene, entry: Entry, box: Box, trim: RGB, wall: RGB) -> None:
    """Paint the entry into its bay of the ground floor."""
    if not scene.canvas.sees(*box):
        return
    if entry.kind == "shop":
        _shop(scene, entry, box)
    elif entry.kind == "garage":
        _garage(scene, box)
    elif entry.kind == "door":
        _door(scene, entry, box, trim, wall)
    elif entry.kind == "gate":
        _gate(scene, entry, box, trim, wall)
    else:
        _arcade(scene, box, trim, wall)


def _door(scene: Scene, entry: Entry, box: Box, trim: RGB, wall: RGB) -> None:
    """A two-leaved door under a fanlight and a ledge."""
    canvas, (x0, y0, x1, y1) = scene.canvas, box
    x, half = (x0 + x1) / 2, min(0.75, (x1 - x0) * 0.35)
    top = min(y0 + 2.9, y1 - 0.4)
    scene.upright(x - half - 0.25, y0, x + half + 0.25, top + 0.25, trim)
    canvas.box(x - half, y0, x + half, top, shade(wall, 0.3))
    canvas.box(x - half + 0.08, y0 + 0.12, x + half - 0.08, y0 + 2.15, entry.colour)
    for panel in (x - half / 2, x + half / 2):
        left, right = panel - half * 0.3, panel + half * 0.3
        canvas.box(left, y0 + 0.4, right, y0 + 1.0, shade(entry.colour, 0.7))
        canvas.box(left, y0 + 1.2, right, y0 + 1.95, shade(entry.colour, 1.35))
    canvas.box(x - half + 0.08, y0 + 2.25, x + half - 0.08, top - 0.06, (96, 104, 110))
    canvas.box(x - half, top - 0.3, x + half, top, scene.light.shadow())
    scene.ledge(x - half - 0.4, top + 0.25, x + half + 0.4, top + 0.45, trim, 0.25)


def _gate(scene: Scene, entry: Entry, box: Box, trim: RGB, wall: RGB) -> None:
    """A carriage gate under an arch, shut or open to a dark passage."""
    canvas, r, (x0, y0, x1, y1) = scene.canvas, scene.r, box
    x, half = (x0 + x1) / 2, min(1.4, (x1 - x0) * 0.4)
    rise = half * r.choice((0.4, 1.0, 1.0))
    spring = min(y0 + 2.4, y1 - rise - 0.3)
    scene.upright(x - half - 0.3, y0, x + half + 0.3, spring, trim)
    canvas.arch(x - half - 0.3, x + half + 0.3, spring, rise + 0.3, trim)
    dark = shade(wall, 0.22)
    canvas.box(x - half, y0, x + half, spring, dark)
    canvas.arch(x - half, x + half, spring, rise, dark)
    if r.random() < 0.7:
        leaf = shade(entry.colour, 0.9)
        canvas.box(x - half + 0.12, y0, x + half - 0.12, spring - 0.2, leaf)
        for i in range(4):
            panel = x - half + 0.2 + i * (half - 0.1) / 2
            canvas.box(panel, y0 + 0.4, panel + half * 0.3, spring - 0.5, shade(leaf, 0.72))
        canvas.box(x - 0.04, y0, x + 0.04, spring - 0.2, shade(leaf, 0.5))


def _shop(scene: Scene, entry: Entry, box: Box) -> None:
    """A show window under a sign: lamps and goods behind the glass, sometimes an awning."""
    canvas, r, (x0, y0, x1, y1) = scene.canvas, scene.r, box
    pier = (x1 - x0) * r.uniform(0.04, 0.12)
    left, right = x0 + pier, x1 - pier
    top = y0 + (y1 - y0) * r.uniform(0.66, 0.8)
    frame = shade(entry.sign, 0.55) if r.random() < 0.4 else shade(entry.colour, 0.9)
    canvas.box(left, y0, right, top, frame)
    glass = r.randint(26, 74)
    pane = (left + 0.1, y0 + 0.45, right - 0.1, top - 0.12)
    canvas.box(*pane, (glass, glass + 3, glass + 5))
    for _ in range(r.randint(2, 7)):
        x, y = r.uniform(left + 0.2, right - 0.3), r.uniform(y0 + 0.5, top - 0.5)
        goods = r.choice(((176, 160, 128), (128, 66, 56), (196, 192, 184), (78, 92, 112)))
        width, height = r.uniform(0.15, 0.6), r.uniform(0.15, 0.6)
        canvas.box(x, y, x + width, y + height, (*vary(r, goods), 150))
    if r.random() < 0.5:
        canvas.box(left + 0.1, top - 0.6, right - 0.1, top - 0.12, (214, 206, 176, 80))
    for i in range(1, r.randint(2, 4)):
        x = left + (right - left) * i / 3
        canvas.box(x - 0.05, y0, x + 0.05, top, frame)
    _sign(scene, entry, (left - pier * 0.6, top, right + pier * 0.6, min(top + 0.7, y1 - 0.1)))
    if entry.awning:
        _awning(scene, left, right, top + 0.1, entry.sign)


def _sign(scene: Scene, entry: Entry, box: Box) -> None:
    canvas, r, (left, low, right, high) = scene.canvas, scene.r, box
    canvas.box(left, low, right, high, entry.sign)
    canvas.box(left, low - 0.08, right, low, scene.light.shadow())
    letters = (226, 222, 210) if sum(entry.sign) < 380 else (56, 50, 48)
    x, end = left + r.uniform(0.2, 0.7), right - r.uniform(0.2, 0.7)
    while x < end:
        step = r.uniform(0.14, 0.3)
        canvas.box(x, low + 0.2, x + step * 0.7, high - 0.22, letters)
        x += step if r.random() > 0.15 else step * 2


def _awning(scene: Scene, left: float, right: float, y: float, colour: RGB) -> None:
    canvas, r = scene.canvas, scene.r
    drop, flare = r.uniform(0.6, 1.2), 0.15
    canvas.box(left - flare, y - drop - 0.5, right + flare, y - drop, scene.light.shadow(1.2))
    corners = [(left, y), (right, y), (right + flare, y - drop), (left - flare, y - drop)]
    canvas.polygon(corners, shade(colour, 1.1))
    if r.random() < 0.4:
        count = max(2, int((right - left) / 0.5))
        width = (right - left) / count
        for i in range(0, count, 2):
            x = left + i * width
            canvas.box(x, y - drop, x + width, y, (212, 206, 194))
    canvas.box(left - flare, y - drop - 0.18, right + flare, y - drop, shade(colour, 0.75))


def _garage(scene: Scene, box: Box) -> None:
    canvas, r, (x0, y0, x1, y1) = scene.canvas, scene.r, box
    inset = (x1 - x0) * 0.1
    top = min(y0 + 2.5, y1 - 0.5)
    door = vary(r, r.choice(((150, 148, 142), (110, 96, 82), (92, 100, 104), (170, 164, 154))))
    canvas.box(x0 + inset, y0, x1 - inset, top, door)
    for i in range(1, 6):
        y = y0 + (top - y0) * i / 6
        canvas.box(x0 + inset, y, x1 - inset, y + 0.05, shade(door, 0.75))
    canvas.box(x0 + inset, top - 0.3, x1 - inset, top, scene.light.shadow())


def _arcade(scene: Scene, box: Box, trim: RGB, wall: RGB) -> None:
    """An open arch, deep shadow behind it."""
    canvas, r, (x0, y0, x1, y1) = scene.canvas, scene.r, box
    x, half = (x0 + x1) / 2, (x1 - x0) * 0.36
    rise = min(half, (y1 - y0) * 0.4)
    spring = y1 - rise - 0.35
    canvas.box(x - half - 0.15, y0, x + half + 0.15, spring, shade(trim, 1.05))
    canvas.arch(x - half - 0.15, x + half + 0.15, spring, rise + 0.15, shade(trim, 1.05))
    dark = shade(wall, r.uniform(0.15, 0.35))
    canvas.box(x - half, y0, x + half, spring, dark)
    canvas.arch(x - half, x + half, spring, rise, dark)
    lit = (120, 116, 104, r.randint(30, 120))
    canvas.box(x - half * 0.6, y0 + 0.4, x + half * 0.6, spring, lit)
