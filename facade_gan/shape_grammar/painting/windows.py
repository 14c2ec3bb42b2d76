"""How windows are painted: surround, reveal, frame, panes, curtains, hood, shutters."""

from facade_gan.shape_grammar.colours import RGB, mix, shade, vary
from facade_gan.shape_grammar.painting.scene import Scene
from facade_gan.shape_grammar.plan import Window

Box = tuple[float, float, float, float]  # left, bottom, right, top in metres
BAR = 0.07  # thickness of frames and glazing bars in metres


def paint_window(scene: Scene, window: Window, x: float, y: float, wall: RGB) -> None:
    """Paint a window with its axis at ``x`` and the lower edge of its opening at ``y``."""
    half, top = window.width / 2, y + window.height
    if not scene.canvas.sees(x - half - 1, y - 1, x + half + 1, top + 1):
        return
    if window.surround:
        _surround(scene, window, x, y, top)
    if window.apron and window.sill > 0.5:
        _apron(scene, window, x, y)
    pier = 0.18 if window.units > 1 else 0.0
    width = (window.width - pier * (window.units - 1)) / window.units
    rise = _rise(window) / (window.units if window.head == "arch" else 1)
    for i in range(window.units):
        x0 = x - half + i * (width + pier)
        _opening(scene, window, (x0, y, x0 + width, top), rise, wall)
    if window.ledge and window.guard in ("none", "rail"):
        over = window.surround + 0.12
        scene.ledge(x - half - over, y - 0.14, x + half + over, y, window.trim, 0.2)
    _hood(scene, window, x, top)
    if window.shutters != "none":
        _shutters(scene, window, x, y)


def _rise(window: Window) -> float:
    """Height of the arch above its springing."""
    if window.head == "arch":
        return min(window.width / 2, window.height * 0.45)
    return window.width * 0.16 if window.head == "segment" else 0.0


def _surround(scene: Scene, window: Window, x: float, y: float, top: float) -> None:
    half, s, rise = window.width / 2, window.surround, _rise(window)
    if not rise:
        scene.upright(x - half - s, y, x + half + s, top + s, window.trim)
        return
    scene.upright(x - half - s, y, x + half + s, top - rise, window.trim)
    scene.canvas.arch(x - half - s, x + half + s, top - rise, rise + s, window.trim)


def _apron(scene: Scene, window: Window, x: float, y: float) -> None:
    half, depth = window.width / 2, min(window.sill, 0.9) * 0.75
    scene.canvas.box(x - half, y - 0.15 - depth, x + half, y - 0.15, shade(window.trim, 0.82))
    inner = (x - half + 0.08, y - 0.07 - depth, x + half - 0.08, y - 0.23)
    scene.canvas.box(*inner, window.trim)
    if window.stucco:
        scene.stucco(*inner, window.trim)


def _opening(scene: Scene, window: Window, box: Box, rise: float, wall: RGB) -> None:
    """Reveal, frame, panes, what is behind them and the shadow on them."""
    canvas, light, r = scene.canvas, scene.light, scene.r
    x0, y0, x1, y1 = box
    spring = y1 - rise
    reveal = shade(wall, 0.5 - 0.15 * light.hard)
    canvas.box(x0, y0, x1, spring, reveal)
    depth = min(0.1, (x1 - x0) * 0.08)
    left = x0 + depth * max(-light.side, 0.15)
    right = x1 - depth * max(light.side, 0.15)
    frame = shade(window.frame, r.uniform(0.84, 1.0))
    glass = shade(window.glass, r.uniform(0.65, 1.4))
    if rise:
        canvas.arch(x0, x1, spring, rise, reveal)
        canvas.arch(left, right, spring, rise - depth, frame)
        canvas.arch(left + BAR, right - BAR, spring + 0.03, rise - depth - 0.09, glass)
        middle = (left + right) / 2
        canvas.box(middle - BAR / 2, spring, middle + BAR / 2, spring + rise - depth, frame)
    head = spring if rise else y1 - depth
    canvas.box(left, y0, right, head, frame)
    _panes(scene, window, (left, y0, right, head), glass)
    if r.random() < 0.03:  # a casement stands open
        canvas.box(left, y0, (left + right) / 2, y0 + (head - y0) * 0.7, shade(glass, 0.6))
    if r.random() < window.blind:
        _blind(scene, (left, y0, right, head))
    drop = 0.12 + 0.22 * light.hard
    canvas.box(x0, head - drop, x1, head + 0.02, light.shadow(1.1))
    cast = 0.25 * light.hard * abs(light.side)
    if cast > 0.05:
        strip = (x1 - cast, x1) if light.side > 0 else (x0, x0 + cast)
        canvas.box(strip[0], y0, strip[1], head, light.shadow(0.9))


def _panes(scene: Scene, window: Window, box: Box, glass: RGB) -> None:
    """Glass between the bars: dark rooms, the sky mirrored in it, curtains behind it."""
    canvas, r = scene.canvas, scene.r
    x0, y0, x1, y1 = box
    columns, rows = window.columns, window.rows
    width, height = (x1 - x0 - BAR) / columns, y1 - y0 - BAR
    # Two rows are casements under a fanlight; more are even.
    edges = (0.0, 0.7, 1.0) if rows == 2 else tuple(i / rows for i in range(rows + 1))
    mirrors = r.random() < window.mirror
    sky = r.uniform(0.25, 1.0)
    for row in range(rows):
        low, high = y0 + BAR + height * edges[row], y0 + height * edges[row + 1]
        for column in range(columns):
            left = x0 + BAR + column * width
            pane = shade(glass, r.uniform(0.75, 1.25))
            if mirrors and r.random() < 0.75:
                pane = mix(pane, window.sky, sky * r.uniform(0.6, 1.0))
            canvas.box(left, low, left + width - BAR, high, pane)
    if r.random() < window.curtain:
        _curtains(scene, window, box)


def _curtains(scene: Scene, window: Window, box: Box) -> None:
    canvas, r = scene.canvas, scene.r
    x0, y0, x1, y1 = box
    grey = r.randint(130, 205)
    cloth = (grey + r.randint(-4, 10), grey, grey - r.randint(0, 26))
    fall = r.choice((0.35, 0.6, 1.0))
    canvas.box(x0 + BAR, y0 + BAR, x1 - BAR, y0 + (y1 - y0) * fall, (*cloth, r.randint(50, 170)))
    side = (x1 - x0) * r.uniform(0.08, 0.26)
    for left, right in ((x0 + BAR, x0 + side), (x1 - side, x1 - BAR)):
        canvas.box(left, y0 + BAR, right, y1 - BAR, (*cloth, 130))
    step = (x1 - x0 - BAR) / window.columns
    for column in range(1, window.columns):
        bar = x0 + column * step
        canvas.box(bar, y0, bar + BAR, y1, window.frame)


def _blind(scene: Scene, box: Box) -> None:
    x0, y0, x1, y1 = box
    low = y1 - (y1 - y0) * scene.r.choice((0.25, 0.4, 0.6, 0.8, 1.0))
    cloth = scene.r.choice(((190, 185, 172), (162, 158, 150), (204, 202, 196), (140, 128, 112)))
    blind = vary(scene.r, cloth, 0.1, 0.02)
    scene.canvas.box(x0, low, x1, y1, blind)
    scene.canvas.box(x0, low, x1, low + 0.06, shade(blind, 0.6))


def _hood(scene: Scene, window: Window, x: float, top: float) -> None:
    """The lintel, ledge, pediment or keystone above a window."""
    canvas, hood, trim = scene.canvas, window.hood, window.trim
    s = window.surround
    reach, base = window.width / 2 + s + 0.1, top + s
    if hood == "none":
        return
    if hood == "keystone":
        canvas.box(x - 0.16, top - 0.1, x + 0.16, base + 0.28, shade(trim, 1.06))
        canvas.box(x + 0.12, top - 0.1, x + 0.18, base + 0.28, scene.light.shadow())
        return
    if hood == "lintel":
        canvas.box(x - reach, top, x + reach, top + 0.26, trim)
        canvas.box(x - reach, top + 0.2, x + reach, top + 0.26, shade(trim, 1.1))
        return
    reach += 0.12
    foot = base + (0.3 if window.stucco else 0.12)
    if window.stucco:
        scene.stucco(x - reach * 0.8, base, x + reach * 0.8, foot, trim)
    scene.ledge(x - reach, foot, x + reach, foot + 0.18, trim, 0.25)
    if hood == "ledge" or window.head == "arch":
        return
    rise = 0.32 * reach + 0.12
    if hood == "gable":
        outer = [(x - reach, foot + 0.16), (x, foot + 0.22 + rise), (x + reach, foot + 0.16)]
        inner = [(x - reach * 0.62, foot + 0.22), (x, foot + rise), (x + reach * 0.62, foot + 0.22)]
        canvas.polygon(outer, shade(trim, 1.1))
        canvas.polygon(inner, shade(trim, 0.7))
    else:
        canvas.arch(x - reach, x + reach, foot + 0.16, rise + 0.1, shade(trim, 1.1))
        canvas.arch(x - reach * 0.7, x + reach * 0.7, foot + 0.18, rise * 0.72, shade(trim, 0.7))


def _shutters(scene: Scene, window: Window, x: float, y: float) -> None:
    canvas, r = scene.canvas, scene.r
    half, height = window.width / 2, window.height
    if window.shutters == "mixed" and r.random() < 0.35:
        leaves = [(x - half, x), (x, x + half)]
    else:
        wing, gap = half * r.uniform(0.9, 1.0), window.surround * 0.5
        leaves = [(x - half - gap - wing, x - half - gap), (x + half + gap, x + half + gap + wing)]
    colour = shade(window.shutter, r.uniform(0.88, 1.1))
    for x0, x1 in leaves:
        canvas.box(x0 - 0.08, y - 0.1, x1 + 0.08, y + height - 0.04, scene.light.shadow(0.7))
        canvas.box(x0, y, x1, y + height, colour)
        if canvas.scale > 10:
            for i in range(int((height - 0.3) / 0.16)):
                low = y + 0.15 + i * 0.16
                canvas.box(x0 + 0.07, low, x1 - 0.07, low + 0.06, shade(colour, 0.68))
        canvas.box(x0, y + height * 0.48, x1, y + height * 0.52, shade(colour, 1.12))
