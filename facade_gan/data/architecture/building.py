"""How a planned building is painted: wall, ornament, openings, cornice, roof."""

from random import Random

from facade_gan.data.architecture.canvas import Canvas
from facade_gan.data.architecture.light import Light
from facade_gan.data.architecture.materials import RGB, mix, shade, texture_wall
from facade_gan.data.architecture.openings import (
    paint_balcony,
    paint_entry,
    paint_guard,
    paint_window,
)
from facade_gan.data.architecture.plan import Bay, Building, Storey


def paint_building(canvas: Canvas, light: Light, r: Random, house: Building) -> None:
    """Paint one house, from the back to the front."""
    if not canvas.sees(house.left, 0, house.right, house.top + 3):
        return
    _roof(canvas, light, r, house)
    _wall(canvas, r, house)
    _ornament(canvas, light, house)
    for index, storey in enumerate(house.storeys):
        _storey(canvas, light, r, house, index, storey)
    if house.oriel:
        _oriel(canvas, light, r, house)
    _cornice(canvas, light, house)


def _wall(canvas: Canvas, r: Random, house: Building) -> None:
    first = house.storeys[0].height
    canvas.box(house.left, first, house.right, house.eaves, house.wall)
    canvas.box(house.left, 0, house.right, first, house.base)
    for storey, colour in zip(house.storeys[1:], house.bands[1:], strict=False):
        canvas.box(house.left, storey.floor, house.right, storey.floor + storey.window.sill, colour)
    box = (house.left, 0, house.right, house.eaves)
    texture_wall(canvas, box, house.material, house.grime, r.getrandbits(32))
    canvas.box(house.left, 0, house.right, 0.7, shade(house.base, 0.72))


def _ornament(canvas: Canvas, light: Light, house: Building) -> None:
    """Grooves, string courses, corner stones, pilasters and panels."""
    left, right = house.left, house.right
    for storey in house.storeys:
        base, top = storey.floor, storey.floor + storey.height
        if storey.rustic:
            groove = shade(house.base if base == 0 else house.wall, 0.62)
            y = base + 0.4
            while y < top - 0.2:
                canvas.box(left, y, right, y + 0.07, groove)
                y += 0.5
        if storey.course:
            light.ledge(
                canvas, left, base - storey.course / 2, right, base + storey.course / 2,
                house.trim, 0.25,
            )  # fmt: skip
        if storey.relief:
            for a, b in zip(house.bays, house.bays[1:], strict=False):
                x = (a.x + a.width / 2 + b.x - b.width / 2) / 2
                width = (a.width - storey.window.width) * 0.22
                foot, head = base + storey.height * 0.3, base + storey.height * 0.75
                canvas.box(x - width, foot, x + width, head, shade(house.trim, 0.9))
                canvas.box(x - width * 0.6, foot + 0.2, x + width * 0.6, head - 0.2,
                           shade(house.trim, 1.06))  # fmt: skip
    if house.quoins:
        _quoins(canvas, house)
    if house.pilasters:
        half = house.pilasters / 2
        edges = [bay.x - bay.width / 2 for bay in house.bays] + [
            house.bays[-1].x + house.bays[-1].width / 2
        ]
        foot = house.storeys[0].height
        for x in edges:
            light.upright(canvas, x - half, foot, x + half, house.eaves, house.trim)
            canvas.box(x - half * 1.3, house.eaves - 0.4, x + half * 1.3, house.eaves, house.trim)


def _quoins(canvas: Canvas, house: Building) -> None:
    y, long = 0.0, True
    stone = house.trim if house.trim != house.wall else shade(house.wall, 1.15)
    while y < house.eaves:
        width = 0.75 if long else 0.45
        for x0, x1 in ((house.left, house.left + width), (house.right - width, house.right)):
            canvas.box(x0, y + 0.03, x1, y + 0.42, stone)
            canvas.box(x0, y, x1, y + 0.04, shade(stone, 0.6))
        y, long = y + 0.45, not long


def _storey(
    canvas: Canvas, light: Light, r: Random, house: Building, index: int, storey: Storey
) -> None:
    if not canvas.sees(house.left, storey.floor, house.right, storey.floor + storey.height):
        return
    wall = house.base if index == 0 else house.wall
    for bay, entry in zip(house.bays, house.entries, strict=True):
        if index == 0 and entry.kind != "window":
            box = (bay.x - bay.width / 2, 0.0, bay.x + bay.width / 2, storey.height)
            paint_entry(canvas, light, r, entry, box, house.trim, wall)
        elif bay.kind != "blank":
            window = storey.accent if bay.kind == "accent" else storey.window
            paint_window(canvas, light, r, window, bay.x, storey.floor + window.sill, wall)
    if index == 0:
        return
    slab = mix(house.trim, (150, 148, 140), 0.4)
    if storey.gallery:
        left, right = house.left + 0.2, house.right - 0.2
        paint_balcony(canvas, light, left, right, storey.floor, house.railing, slab, False)
        return
    for bay in house.bays:
        if bay.kind != "blank":
            window = storey.accent if bay.kind == "accent" else storey.window
            foot = storey.floor + (0.1 if window.guard in ("balcony", "stone") else window.sill)
            paint_guard(canvas, light, window, bay.x, foot, house.railing, slab)


def _oriel(canvas: Canvas, light: Light, r: Random, house: Building) -> None:
    """A bay window over the middle storeys: lit front, dark cheeks, roof or balcony on top."""
    bay: Bay = next(b for b in house.bays if b.kind == "accent")
    upper = house.storeys[1 : max(2, len(house.storeys) - r.randint(0, 1))]
    half = bay.width * 0.46
    foot, top = upper[0].floor + 0.1, upper[-1].floor + upper[-1].height * 0.92
    cheek = half * 0.28
    canvas.box(bay.x - half - 0.3 * light.side, foot - 0.5, bay.x + half + 0.5, top, light.shadow(0.8))
    bright, dark = shade(house.wall, 1.06), shade(house.wall, 0.78)
    canvas.box(bay.x - half, foot, bay.x + half, top, bright)
    canvas.box(bay.x - half, foot, bay.x - half + cheek, top, dark if light.side > 0 else bright)
    canvas.box(bay.x + half - cheek, foot, bay.x + half, top, bright if light.side > 0 else dark)
    canvas.polygon(
        [(bay.x - half, foot), (bay.x + half, foot), (bay.x + half * 0.4, foot - 0.8),
         (bay.x - half * 0.4, foot - 0.8)],
        shade(house.trim, 0.7),
    )  # fmt: skip
    for storey in upper:
        window = storey.accent
        paint_window(canvas, light, r, window, bay.x, storey.floor + window.sill, house.wall)
        low, high = storey.floor + window.sill, storey.floor + window.sill + window.height
        for side in (-1, 1):
            x = bay.x + side * (half - cheek / 2)
            canvas.box(x - cheek * 0.3, low, x + cheek * 0.3, high, window.glass)
        light.ledge(canvas, bay.x - half - 0.1, storey.floor, bay.x + half + 0.1,
                    storey.floor + 0.2, house.trim, 0.2)  # fmt: skip
    light.ledge(canvas, bay.x - half - 0.2, top, bay.x + half + 0.2, top + 0.3, house.trim, 0.3)


def _cornice(canvas: Canvas, light: Light, house: Building) -> None:
    """The main cornice under the eaves, with brackets and a deep shadow on the wall."""
    left, right, y = house.left, house.right, house.eaves
    reach = house.roof.overhang
    height = house.cornice
    drop = 0.3 + reach * (0.5 + 0.8 * light.hard)
    canvas.box(left, y - drop, right, y, light.shadow(0.9))
    canvas.box(left, y - drop * 0.45, right, y, light.shadow(0.8))
    canvas.box(left - reach * 0.3, y, right + reach * 0.3, y + height * 0.55, shade(house.trim, 0.84))
    if house.brackets:
        step = max(0.5, height)
        for i in range(int((right - left) / step) + 1):
            x = left + i * step
            canvas.box(x, y, x + step * 0.4, y + height * 0.5, shade(house.trim, 1.04))
            canvas.box(x + step * 0.4, y, x + step * 0.6, y + height * 0.5, light.shadow())
    canvas.box(left - reach * 0.6, y + height * 0.5, right + reach * 0.6, y + height, house.trim)
    canvas.box(left - reach * 0.6, y + height * 0.8, right + reach * 0.6, y + height,
               shade(house.trim, 1.12))  # fmt: skip
    if house.roof.kind == "pitched":
        gutter = (86, 84, 82)
        canvas.box(left - reach * 0.6, y + height, right + reach * 0.6, y + height + 0.14, gutter)


def _roof(canvas: Canvas, light: Light, r: Random, house: Building) -> None:
    roof, foot = house.roof, house.eaves + house.cornice
    if canvas.top < foot:
        return
    left, right, ridge = house.left, house.right, foot + roof.height
    for _ in range(roof.chimneys):
        x = r.uniform(left + 0.5, right - 1.5)
        stack = shade(r.choice(((146, 92, 72), (170, 160, 146), (120, 112, 104))), r.uniform(0.8, 1.1))
        canvas.box(x, foot, x + r.uniform(0.6, 1.8), ridge + r.uniform(0.4, 1.4), stack)
    if roof.kind in ("pitched", "mansard"):
        lean = min(1.5, roof.height * 0.4) if r.random() < 0.4 else 0.0
        canvas.polygon(
            [(left - roof.overhang * 0.5, foot), (left + lean, ridge), (right - lean, ridge),
             (right + roof.overhang * 0.5, foot)],
            roof.colour,
        )  # fmt: skip
        y = foot + 0.2
        while y < ridge:
            canvas.box(left + lean, y, right - lean, y + 0.1, shade(roof.colour, 0.82))
            y += 0.35
        canvas.box(left + lean, ridge - 0.12, right - lean, ridge, shade(roof.colour, 1.2))
        _dormers(canvas, light, r, house, foot)
    elif roof.kind == "flat":
        canvas.box(left, foot, right, ridge, shade(house.wall, 0.95))
        canvas.box(left, ridge - 0.12, right, ridge, shade(house.trim, 1.1))
    else:
        _gable(canvas, light, r, house, foot, ridge)


def _dormers(canvas: Canvas, light: Light, r: Random, house: Building, foot: float) -> None:
    roof = house.roof
    if roof.dormers == "none" or roof.height < 1.4:
        return
    every = r.choice((1, 1, 2))
    width = min(1.5, house.bays[0].width * 0.5)
    height = min(roof.height * 0.7, 1.7)
    window = house.storeys[-1].window
    face: RGB = house.trim if r.random() < 0.6 else shade(roof.colour, 1.2)
    for bay in house.bays[r.randrange(every) :: every]:
        x0, x1, y = bay.x - width / 2, bay.x + width / 2, foot + 0.35
        canvas.box(x0 + 0.1, y, x1 + 0.35, y + height, light.shadow())
        canvas.box(x0, y, x1, y + height, face)
        canvas.box(x0 + 0.2, y + 0.15, x1 - 0.2, y + height - 0.15, window.frame)
        canvas.box(x0 + 0.28, y + 0.22, x1 - 0.28, y + height - 0.22, window.glass)
        canvas.box(bay.x - 0.03, y + 0.2, bay.x + 0.03, y + height - 0.2, window.frame)
        if roof.dormers == "gabled":
            canvas.polygon([(x0 - 0.2, y + height), (bay.x, y + height + 0.7), (x1 + 0.2, y + height)],
                           shade(face, 0.8))  # fmt: skip
        elif roof.dormers == "round":
            canvas.arch(x0 - 0.1, x1 + 0.1, y + height - 0.05, 0.5, shade(face, 0.85))
        else:
            canvas.box(x0 - 0.15, y + height, x1 + 0.15, y + height + 0.18, shade(roof.colour, 0.7))


def _gable(
    canvas: Canvas, light: Light, r: Random, house: Building, foot: float, ridge: float
) -> None:
    """A gable over the whole front or over its middle, straight or curved."""
    middle = (house.left + house.right) / 2
    half = (house.right - house.left) / 2
    if house.width > 12:
        canvas.polygon(
            [(house.left, foot), (house.left + 0.6, foot + 2.2), (house.right - 0.6, foot + 2.2),
             (house.right, foot)],
            house.roof.colour,
        )  # fmt: skip
        half = min(half * 0.5, 4.5)
    face = house.wall
    if house.roof.kind == "gable":
        canvas.polygon([(middle - half - 0.3, foot), (middle, ridge + 0.3), (middle + half + 0.3, foot)],
                       shade(house.trim, 1.06))  # fmt: skip
        canvas.polygon([(middle - half + 0.2, foot), (middle, ridge - 0.2), (middle + half - 0.2, foot)],
                       face)  # fmt: skip
    else:
        shoulder = (ridge - foot) * 0.45
        canvas.box(middle - half, foot, middle + half, foot + shoulder, shade(house.trim, 1.06))
        canvas.box(middle - half + 0.2, foot, middle + half - 0.2, foot + shoulder - 0.2, face)
        rise = ridge - foot - shoulder
        canvas.arch(middle - half * 0.7, middle + half * 0.7, foot + shoulder, rise, house.trim)
        canvas.arch(middle - half * 0.7 + 0.2, middle + half * 0.7 - 0.2, foot + shoulder, rise - 0.2, face)
    window = house.storeys[-1].window
    size = min(0.6, (ridge - foot) * 0.2)
    y = foot + (ridge - foot) * 0.25
    canvas.box(middle - size, y, middle + size, y + size * 2, window.frame)
    canvas.box(middle - size + 0.08, y + 0.08, middle + size - 0.08, y + size * 2 - 0.08, window.glass)
