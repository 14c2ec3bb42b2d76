"""How windows, doors and shop fronts are painted."""

import math
from random import Random

from facade_gan.data.architecture.canvas import Canvas, Colour
from facade_gan.data.architecture.light import Light
from facade_gan.data.architecture.materials import RGB, mix, shade, vary
from facade_gan.data.architecture.plan import Entry, Window


def paint_window(
    canvas: Canvas, light: Light, r: Random, window: Window, x: float, y: float, wall: RGB
) -> None:
    """Paint a window with its axis at ``x`` and the lower edge of its opening at ``y``."""
    half = window.width / 2
    top = y + window.height
    if not canvas.sees(x - half - 1, y - 1, x + half + 1, top + 1):
        return
    if window.surround:
        _surround(canvas, light, window, x, y, top)
    if window.apron and window.sill > 0.5:
        depth = min(window.sill, 0.9) * 0.75
        canvas.box(x - half, y - 0.15 - depth, x + half, y - 0.15, shade(window.trim, 0.86))
        canvas.box(x - half + 0.08, y - 0.07 - depth, x + half - 0.08, y - 0.23, window.trim)
    _openings(canvas, light, r, window, x, y, wall)
    if window.ledge and window.guard in ("none", "rail"):
        over = window.surround + 0.12
        light.ledge(canvas, x - half - over, y - 0.13, x + half + over, y, window.trim, 0.18)
    _hood(canvas, light, window, x, top)
    if window.shutters != "none":
        _shutters(canvas, light, r, window, x, y)


def paint_guard(
    canvas: Canvas, light: Light, window: Window, x: float, y: float, railing: RGB, slab: RGB
) -> None:
    """Paint the rail or balcony in front of a window whose opening starts at ``y``."""
    half = window.width / 2
    if window.guard == "rail":
        paint_railing(canvas, x - half, x + half, y, y + 0.85, railing)
    elif window.guard in ("balcony", "stone"):
        reach = half + max(0.3, window.surround + 0.2)
        paint_balcony(canvas, light, x - reach, x + reach, y, railing, slab, window.guard == "stone")


def paint_balcony(
    canvas: Canvas,
    light: Light,
    x0: float,
    x1: float,
    y: float,
    railing: RGB,
    slab: RGB,
    solid: bool,
) -> None:
    """Paint a balcony: slab on brackets, its shadow, an iron railing or a parapet."""
    y -= 0.05
    for x in (x0 + 0.2, x1 - 0.2):
        canvas.box(x - 0.1, y - 0.55, x + 0.1, y - 0.1, shade(slab, 0.8))
    light.ledge(canvas, x0, y - 0.2, x1, y, slab, 0.75)
    if not solid:
        paint_railing(canvas, x0, x1, y, y + 0.95, railing)
        return
    canvas.box(x0, y, x1, y + 0.9, shade(slab, 0.9))
    step = 0.3
    for i in range(int((x1 - x0 - 0.3) / step)):
        x = x0 + 0.25 + i * step
        canvas.box(x, y + 0.12, x + step * 0.45, y + 0.72, shade(slab, 0.55))
    canvas.box(x0, y + 0.78, x1, y + 0.9, shade(slab, 1.1))


def paint_railing(
    canvas: Canvas, x0: float, x1: float, y0: float, y1: float, colour: RGB
) -> None:
    """Iron bars between two rails; from afar a dark veil."""
    canvas.box(x0, y1 - 0.08, x1, y1, colour)
    canvas.box(x0, y0 + 0.02, x1, y0 + 0.1, colour)
    if canvas.scale < 14:
        canvas.box(x0, y0, x1, y1, (*colour, 105))
        return
    for i in range(int((x1 - x0) / 0.14) + 1):
        x = x0 + 0.14 * i
        canvas.box(x, y0, x + 0.045, y1, colour)


def _surround(
    canvas: Canvas, light: Light, window: Window, x: float, y: float, top: float
) -> None:
    half, s = window.width / 2, window.surround
    if window.head == "flat":
        light.upright(canvas, x - half - s, y, x + half + s, top + s, window.trim)
    else:
        rise = _rise(window)
        light.upright(canvas, x - half - s, y, x + half + s, top - rise, window.trim)
        canvas.arch(x - half - s, x + half + s, top - rise, rise + s, window.trim)


def _rise(window: Window) -> float:
    """Height of the arch above its springing."""
    if window.head == "arch":
        return min(window.width / 2, window.height * 0.45)
    return window.width * 0.16 if window.head == "segment" else 0.0


def _openings(
    canvas: Canvas, light: Light, r: Random, window: Window, x: float, y: float, wall: RGB
) -> None:
    pier = 0.18 if window.units > 1 else 0.0
    width = (window.width - pier * (window.units - 1)) / window.units
    rise = _rise(window) / (window.units if window.head == "arch" else 1)
    for i in range(window.units):
        x0 = x - window.width / 2 + i * (width + pier)
        _opening(canvas, light, r, window, (x0, y, x0 + width, y + window.height), rise, wall)


def _opening(
    canvas: Canvas,
    light: Light,
    r: Random,
    window: Window,
    box: tuple[float, float, float, float],
    rise: float,
    wall: RGB,
) -> None:
    """Reveal, frame, panes, what is behind them and the shadow on them."""
    x0, y0, x1, y1 = box
    spring = y1 - rise
    reveal = shade(wall, 0.5 - 0.15 * light.hard)
    canvas.box(x0, y0, x1, spring, reveal)
    depth = min(0.1, (x1 - x0) * 0.08)
    left = x0 + depth * max(light.side, 0.15)
    right = x1 - depth * max(-light.side, 0.15)
    frame = shade(window.frame, r.uniform(0.86, 1.0))
    glass = shade(window.glass, r.uniform(0.7, 1.35))
    if rise:
        canvas.arch(x0, x1, spring, rise, reveal)
        canvas.arch(left, right, spring, rise - depth, frame)
        canvas.arch(left + 0.07, right - 0.07, spring + 0.03, rise - depth - 0.09, glass)
        middle = (left + right) / 2
        canvas.box(middle - 0.03, spring, middle + 0.03, spring + rise - depth, frame)
    head = spring if rise else y1 - depth
    canvas.box(left, y0, right, head, frame)
    _panes(canvas, r, window, (left, y0, right, head), glass)
    if r.random() < window.blind:
        low = head - (head - y0) * r.choice((0.25, 0.4, 0.6, 0.8, 1.0))
        blind = vary(r, r.choice(((196, 190, 176), (168, 164, 156), (206, 204, 198))), 0.1)
        canvas.box(left, low, right, head, blind)
        canvas.box(left, low, right, low + 0.06, shade(blind, 0.6))
    drop = 0.1 + 0.2 * light.hard
    canvas.box(x0, head - drop, x1, head + 0.02, light.shadow(1.1))
    if abs(light.side) > 0.3:
        cast = 0.22 * light.hard * abs(light.side)
        strip = (x1 - cast, x1) if light.side > 0 else (x0, x0 + cast)
        canvas.box(strip[0], y0, strip[1], head, light.shadow(0.9))


def _panes(
    canvas: Canvas,
    r: Random,
    window: Window,
    box: tuple[float, float, float, float],
    glass: RGB,
) -> None:
    """Glass between the bars, with reflections and curtains."""
    x0, y0, x1, y1 = box
    bar = 0.065
    columns, rows = window.columns, window.rows
    width = (x1 - x0 - bar) / columns
    # Two rows are a casement under a fanlight; more are even.
    edges = (0.0, 0.7, 1.0) if rows == 2 else tuple(i / rows for i in range(rows + 1))
    height = y1 - y0 - bar
    curtained = r.random() < window.curtain
    cloth = (r.randint(150, 205), r.randint(146, 196), r.randint(132, 182))
    fall = r.choice((0.35, 0.6, 1.0))
    sheer = r.randint(70, 170)
    mirror = r.random()
    for row in range(rows):
        low = y0 + bar + height * edges[row]
        high = y0 + height * edges[row + 1]
        for column in range(columns):
            left = x0 + bar + column * width
            right = left + width - bar
            pane = shade(glass, r.uniform(0.8, 1.25))
            if mirror > 0.72 and r.random() < 0.8:
                pane = mix(pane, (158, 176, 196), (mirror - 0.6) * r.uniform(1.0, 1.9))
            canvas.box(left, low, right, high, pane)
    if curtained:
        canvas.box(x0 + bar, y0 + bar, x1 - bar, y0 + (y1 - y0) * fall, (*cloth, sheer))
        side = (x1 - x0) * r.uniform(0.08, 0.26)
        canvas.box(x0 + bar, y0 + bar, x0 + side, y1 - bar, (*cloth, 150))
        canvas.box(x1 - side, y0 + bar, x1 - bar, y1 - bar, (*cloth, 150))
        for column in range(1, columns):
            middle = x0 + bar / 2 + column * width
            canvas.box(middle - bar / 2, y0, middle + bar / 2, y1, window.frame)


def _hood(canvas: Canvas, light: Light, window: Window, x: float, top: float) -> None:
    """The lintel, ledge, pediment or keystone above a window."""
    hood = window.hood
    if hood == "none":
        return
    s = window.surround
    reach = window.width / 2 + s + 0.1
    base = top + s
    if hood == "keystone":
        canvas.box(x - 0.16, top - 0.1, x + 0.16, base + 0.28, shade(window.trim, 1.06))
        canvas.box(x + 0.12, top - 0.1, x + 0.18, base + 0.28, light.shadow())
        return
    if hood == "lintel":
        canvas.box(x - reach, top, x + reach, top + 0.26, window.trim)
        canvas.box(x - reach, top + 0.2, x + reach, top + 0.26, shade(window.trim, 1.1))
        return
    reach += 0.12
    if hood == "ledge" or window.head == "arch":
        light.ledge(canvas, x - reach, base + 0.12, x + reach, base + 0.32, window.trim, 0.22)
        return
    rise = 0.32 * reach + 0.12
    foot = base + 0.12
    dark = shade(window.trim, 0.74)
    if hood == "gable":
        light.ledge(canvas, x - reach, foot, x + reach, foot + 0.14, window.trim, 0.2)
        outer = [(x - reach, foot + 0.14), (x, foot + 0.2 + rise), (x + reach, foot + 0.14)]
        canvas.polygon(outer, shade(window.trim, 1.08))
        inner = [(x - reach * 0.62, foot + 0.2), (x, foot + rise - 0.02), (x + reach * 0.62, foot + 0.2)]
        canvas.polygon(inner, dark)
    else:
        light.ledge(canvas, x - reach, foot, x + reach, foot + 0.14, window.trim, 0.2)
        canvas.arch(x - reach, x + reach, foot + 0.14, rise + 0.1, shade(window.trim, 1.08))
        canvas.arch(x - reach * 0.7, x + reach * 0.7, foot + 0.16, rise * 0.72, dark)


def _shutters(
    canvas: Canvas, light: Light, r: Random, window: Window, x: float, y: float
) -> None:
    closed = window.shutters == "mixed" and r.random() < 0.35
    half, height = window.width / 2, window.height
    if closed:
        leaves = [(x - half, x), (x, x + half)]
    else:
        wing = half * r.uniform(0.92, 1.0)
        gap = window.surround * 0.5
        leaves = [(x - half - gap - wing, x - half - gap), (x + half + gap, x + half + gap + wing)]
    colour = shade(window.shutter, r.uniform(0.9, 1.08))
    for x0, x1 in leaves:
        canvas.box(x0 + 0.05, y - 0.08, x1 + 0.07, y + height - 0.04, light.shadow(0.8))
        canvas.box(x0, y, x1, y + height, colour)
        if canvas.scale > 10:
            slat = 0.16
            for i in range(int((height - 0.3) / slat)):
                low = y + 0.15 + i * slat
                canvas.box(x0 + 0.07, low, x1 - 0.07, low + 0.06, shade(colour, 0.68))
        canvas.box(x0, y + height * 0.48, x1, y + height * 0.52, shade(colour, 1.12))


def paint_entry(
    canvas: Canvas,
    light: Light,
    r: Random,
    entry: Entry,
    box: tuple[float, float, float, float],
    trim: RGB,
    wall: RGB,
) -> None:
    """Paint a door, gate, shop, garage or arcade into its bay (x0, ground, x1, storey top)."""
    x0, y0, x1, y1 = box
    if not canvas.sees(x0, y0, x1, y1):
        return
    painter = {
        "door": _door,
        "gate": _gate,
        "shop": _shop,
        "garage": _garage,
        "arcade": _arcade,
    }[entry.kind]
    painter(canvas, light, r, entry, (x0, y0, x1, y1), trim, wall)


def _door(
    canvas: Canvas,
    light: Light,
    r: Random,
    entry: Entry,
    box: tuple[float, float, float, float],
    trim: RGB,
    wall: RGB,
) -> None:
    x0, y0, x1, y1 = box
    x, half = (x0 + x1) / 2, min(0.75, (x1 - x0) * 0.35)
    top = min(y0 + 2.9, y1 - 0.4)
    light.upright(canvas, x - half - 0.25, y0, x + half + 0.25, top + 0.25, trim)
    canvas.box(x - half, y0, x + half, top, shade(wall, 0.3))
    canvas.box(x - half + 0.08, y0 + 0.12, x + half - 0.08, y0 + 2.15, entry.colour)
    for side in (-0.5, 0.5):
        panel = x + side * half
        canvas.box(panel - half * 0.3, y0 + 0.4, panel + half * 0.3, y0 + 1.0, shade(entry.colour, 0.7))
        canvas.box(panel - half * 0.3, y0 + 1.2, panel + half * 0.3, y0 + 1.95, shade(entry.colour, 1.35))
    canvas.box(x - half + 0.08, y0 + 2.25, x + half - 0.08, top - 0.06, (96, 104, 110))
    canvas.box(x - half, top - 0.3, x + half, top, light.shadow())
    light.ledge(canvas, x - half - 0.4, top + 0.25, x + half + 0.4, top + 0.45, trim, 0.25)


def _gate(
    canvas: Canvas,
    light: Light,
    r: Random,
    entry: Entry,
    box: tuple[float, float, float, float],
    trim: RGB,
    wall: RGB,
) -> None:
    x0, y0, x1, y1 = box
    x, half = (x0 + x1) / 2, min(1.5, (x1 - x0) * 0.42)
    rise = half * r.choice((0.4, 1.0, 1.0))
    spring = min(y0 + 2.6, y1 - rise - 0.3)
    light.upright(canvas, x - half - 0.3, y0, x + half + 0.3, spring, trim)
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


def _shop(
    canvas: Canvas,
    light: Light,
    r: Random,
    entry: Entry,
    box: tuple[float, float, float, float],
    trim: RGB,
    wall: RGB,
) -> None:
    """Show window under a sign, sometimes an awning, lamps and goods behind the glass."""
    x0, y0, x1, y1 = box
    pier = (x1 - x0) * r.uniform(0.04, 0.1)
    left, right = x0 + pier, x1 - pier
    top = y0 + (y1 - y0) * r.uniform(0.66, 0.8)
    frame = shade(entry.sign, 0.55) if r.random() < 0.5 else shade(entry.colour, 0.9)
    canvas.box(left, y0, right, top, frame)
    glass = (r.randint(26, 70), r.randint(30, 72), r.randint(34, 74))
    canvas.box(left + 0.1, y0 + 0.45, right - 0.1, top - 0.12, glass)
    for _ in range(r.randint(2, 7)):
        x, y = r.uniform(left + 0.2, right - 0.3), r.uniform(y0 + 0.5, top - 0.5)
        goods = vary(r, r.choice(((190, 170, 130), (150, 60, 50), (210, 205, 195), (70, 90, 120))))
        canvas.box(x, y, x + r.uniform(0.15, 0.6), y + r.uniform(0.15, 0.6), (*goods, 170))
    if r.random() < 0.5:
        canvas.box(left + 0.1, top - 0.6, right - 0.1, top - 0.12, (214, 206, 176, 90))
    for i in range(1, r.randint(2, 4)):
        x = left + (right - left) * i / 3
        canvas.box(x - 0.05, y0, x + 0.05, top, frame)
    sign = entry.sign
    canvas.box(left - pier * 0.6, top, right + pier * 0.6, min(top + 0.7, y1 - 0.1), sign)
    canvas.box(left - pier * 0.6, top - 0.08, right + pier * 0.6, top, light.shadow())
    letters = (235, 230, 216) if sum(sign) < 380 else (50, 44, 44)
    x, end = left + r.uniform(0.1, 0.6), right - r.uniform(0.1, 0.6)
    while x < end:
        step = r.uniform(0.14, 0.3)
        canvas.box(x, top + 0.2, x + step * 0.7, top + 0.48, letters)
        x += step if r.random() > 0.15 else step * 2
    if entry.awning:
        _awning(canvas, light, r, left, right, top + 0.1, sign)


def _awning(
    canvas: Canvas, light: Light, r: Random, left: float, right: float, y: float, colour: RGB
) -> None:
    drop, flare = r.uniform(0.6, 1.2), 0.15
    canvas.box(left - flare, y - drop - 0.5, right + flare, y - drop, light.shadow(1.2))
    corners = [(left, y), (right, y), (right + flare, y - drop), (left - flare, y - drop)]
    canvas.polygon(corners, shade(colour, 1.1))
    if r.random() < 0.4:
        count = max(2, int((right - left) / 0.5))
        width = (right - left) / count
        for i in range(0, count, 2):
            x = left + i * width
            canvas.polygon(
                [(x, y), (x + width, y), (x + width, y - drop), (x, y - drop)], (226, 220, 206)
            )
    canvas.box(left - flare, y - drop - 0.18, right + flare, y - drop, shade(colour, 0.75))


def _garage(
    canvas: Canvas,
    light: Light,
    r: Random,
    entry: Entry,
    box: tuple[float, float, float, float],
    trim: RGB,
    wall: RGB,
) -> None:
    x0, y0, x1, y1 = box
    inset = (x1 - x0) * 0.1
    top = min(y0 + 2.5, y1 - 0.5)
    door = vary(r, r.choice(((150, 148, 142), (110, 96, 82), (92, 100, 104), (178, 172, 160))))
    canvas.box(x0 + inset, y0, x1 - inset, top, door)
    for i in range(1, 6):
        y = y0 + (top - y0) * i / 6
        canvas.box(x0 + inset, y, x1 - inset, y + 0.05, shade(door, 0.75))
    canvas.box(x0 + inset, top - 0.3, x1 - inset, top, light.shadow())


def _arcade(
    canvas: Canvas,
    light: Light,
    r: Random,
    entry: Entry,
    box: tuple[float, float, float, float],
    trim: RGB,
    wall: RGB,
) -> None:
    x0, y0, x1, y1 = box
    x, half = (x0 + x1) / 2, (x1 - x0) * 0.38
    rise = min(half, (y1 - y0) * 0.4)
    spring = y1 - rise - math.copysign(0.35, 1)
    canvas.box(x - half - 0.15, y0, x + half + 0.15, spring, shade(trim, 1.05))
    canvas.arch(x - half - 0.15, x + half + 0.15, spring, rise + 0.15, shade(trim, 1.05))
    dark: Colour = shade(wall, r.uniform(0.15, 0.3))
    canvas.box(x - half, y0, x + half, spring, dark)
    canvas.arch(x - half, x + half, spring, rise, dark)
    canvas.box(x - half * 0.6, y0 + 0.4, x + half * 0.6, spring, (120, 116, 104, r.randint(30, 120)))
