"""How roofs are painted: slopes, dormers, gables, parapets and chimneys."""

from facade_gan.shape_grammar.colours import RGB, shade
from facade_gan.shape_grammar.painting.scene import Scene
from facade_gan.shape_grammar.plan import Building


def paint_roof(scene: Scene, house: Building) -> None:
    """Paint what stands above the cornice."""
    foot = house.eaves + house.cornice
    if scene.canvas.top < foot:
        return
    ridge = foot + house.roof.height
    _chimneys(scene, house, foot, ridge)
    if house.roof.kind in ("pitched", "mansard"):
        _slope(scene, house, foot, ridge)
        _dormers(scene, house, foot)
    elif house.roof.kind == "flat":
        _parapet(scene, house, foot, ridge)
    else:
        _gable(scene, house, foot, ridge)
    if house.risalit and house.roof.kind in ("pitched", "mansard", "flat"):
        _crest(scene, house, house.risalit, foot)
    if house.roof.finials:
        _finials(scene, house, foot if house.roof.kind != "flat" else ridge)


def _chimneys(scene: Scene, house: Building, foot: float, ridge: float) -> None:
    r = scene.r
    for _ in range(house.roof.chimneys):
        x = r.uniform(house.left + 0.5, house.right - 1.5)
        stone = r.choice(((140, 100, 82), (164, 156, 144), (120, 112, 104)))
        width, top = r.uniform(0.6, 1.8), ridge + r.uniform(0.4, 1.3)
        scene.canvas.box(x, foot, x + width, top, shade(stone, r.uniform(0.8, 1.1)))
        scene.canvas.box(x - 0.08, top - 0.15, x + width + 0.08, top, shade(stone, 0.7))


def _slope(scene: Scene, house: Building, foot: float, ridge: float) -> None:
    canvas, roof = scene.canvas, house.roof
    lean = min(1.5, roof.height * 0.4) if scene.r.random() < 0.4 else 0.0
    reach = roof.overhang * 0.5
    left, right = house.left + lean, house.right - lean
    corners = [
        (house.left - reach, foot),
        (left, ridge),
        (right, ridge),
        (house.right + reach, foot),
    ]
    canvas.polygon(corners, roof.colour)
    y = foot + 0.2
    while y < ridge:
        canvas.box(left, y, right, y + 0.1, shade(roof.colour, 0.84))
        y += 0.35
    canvas.box(left, ridge - 0.12, right, ridge, shade(roof.colour, 1.2))


def _dormers(scene: Scene, house: Building, foot: float) -> None:
    canvas, r, roof = scene.canvas, scene.r, house.roof
    if roof.dormers == "none" or roof.height < 1.4:
        return
    every = r.choice((1, 1, 2))
    width, height = min(1.5, house.bays[0].width * 0.5), min(roof.height * 0.7, 1.7)
    window = house.storeys[-1].window
    face: RGB = house.trim if r.random() < 0.6 else shade(roof.colour, 1.2)
    for bay in house.bays[r.randrange(every) :: every]:
        x0, x1, y = bay.x - width / 2, bay.x + width / 2, foot + 0.35
        top = y + height
        canvas.box(x0 + 0.1, y, x1 + 0.35, top, scene.light.shadow())
        canvas.box(x0, y, x1, top, face)
        canvas.box(x0 + 0.2, y + 0.15, x1 - 0.2, top - 0.15, window.frame)
        canvas.box(x0 + 0.28, y + 0.22, x1 - 0.28, top - 0.22, window.glass)
        canvas.box(bay.x - 0.03, y + 0.2, bay.x + 0.03, top - 0.2, window.frame)
        if roof.dormers == "gabled":
            peak = [(x0 - 0.2, top), (bay.x, top + 0.7), (x1 + 0.2, top)]
            canvas.polygon(peak, shade(face, 0.8))
        elif roof.dormers == "round":
            canvas.arch(x0 - 0.1, x1 + 0.1, top - 0.05, 0.5, shade(face, 0.85))
        else:
            canvas.box(x0 - 0.15, top, x1 + 0.15, top + 0.18, shade(roof.colour, 0.7))


def _parapet(scene: Scene, house: Building, foot: float, ridge: float) -> None:
    """A wall before the flat roof, closed or a balustrade."""
    canvas = scene.canvas
    canvas.box(house.left, foot, house.right, ridge, shade(house.wall, 0.95))
    if house.brackets and ridge - foot > 0.5:
        for i in range(int(house.width / 0.5)):
            x = house.left + 0.2 + i * 0.5
            canvas.box(x, foot + 0.15, x + 0.22, ridge - 0.2, shade(house.wall, 0.6))
    canvas.box(house.left, ridge - 0.14, house.right, ridge, shade(house.trim, 1.1))


def _crest(scene: Scene, house: Building, edges: tuple[float, float], foot: float) -> None:
    """A pediment, straight or curved, over the part of the front that stands out."""
    canvas, (left, right) = scene.canvas, edges
    middle, rise = (left + right) / 2, min(0.35 * (right - left), 3.5)
    if house.roof.crest == "gable":
        for inset, colour in ((0.0, shade(house.trim, 1.08)), (0.35, shade(house.wall, 0.88))):
            peak = (middle, foot + rise - inset)
            corners = [(left - 0.3 + 2 * inset, foot), peak, (right + 0.3 - 2 * inset, foot)]
            canvas.polygon(corners, colour)
        scene.stucco(
            middle - rise * 0.6, foot + 0.1, middle + rise * 0.6, foot + rise * 0.5, house.trim
        )
    elif house.roof.crest == "curve":
        canvas.box(left, foot, right, foot + rise * 0.45, shade(house.wall, 1.02))
        canvas.arch(left, right, foot + rise * 0.4, rise * 0.8, house.trim)
        canvas.arch(left + 0.3, right - 0.3, foot + rise * 0.4, rise * 0.8 - 0.3, house.wall)
        canvas.ellipse(middle, foot + rise * 0.55, 0.5, 0.5, shade(house.wall, 0.4))
        scene.stucco(left + 0.4, foot + 0.1, right - 0.4, foot + rise * 0.4, house.trim)


def _finials(scene: Scene, house: Building, foot: float) -> None:
    """Urns and statues against the sky."""
    stone = shade(house.trim, 0.8)
    height = scene.r.uniform(0.6, 1.8)
    edges = [bay.x - bay.width / 2 for bay in house.bays]
    for x in [*edges, house.bays[-1].x + house.bays[-1].width / 2]:
        scene.canvas.box(x - 0.2, foot, x + 0.2, foot + height * 0.4, stone)
        scene.canvas.ellipse(x, foot + height * 0.65, 0.22, height * 0.35, stone)


def _gable(scene: Scene, house: Building, foot: float, ridge: float) -> None:
    """A gable over the whole front or over its middle, straight or curved."""
    canvas, trim, wall = scene.canvas, house.trim, house.wall
    middle, half = (house.left + house.right) / 2, house.width / 2
    if house.width > 12:
        left, right = house.left, house.right
        slope = [(left, foot), (left + 0.6, foot + 2.2), (right - 0.6, foot + 2.2), (right, foot)]
        canvas.polygon(slope, house.roof.colour)
        half = min(half * 0.5, 4.5)
    if house.roof.kind == "gable":
        for grow, colour in ((0.25, shade(trim, 1.06)), (-0.2, wall)):
            reach = half + grow
            peak = [(middle - reach, foot), (middle, ridge + grow), (middle + reach, foot)]
            canvas.polygon(peak, colour)
    else:
        shoulder = foot + (ridge - foot) * 0.45
        crown = half * 0.7
        canvas.box(middle - half, foot, middle + half, shoulder, shade(trim, 1.06))
        canvas.box(middle - half + 0.2, foot, middle + half - 0.2, shoulder - 0.2, wall)
        canvas.arch(middle - crown, middle + crown, shoulder, ridge - shoulder, trim)
        canvas.arch(
            middle - crown + 0.2, middle + crown - 0.2, shoulder, ridge - shoulder - 0.2, wall
        )
    window = house.storeys[-1].window
    size, y = min(0.6, (ridge - foot) * 0.2), foot + (ridge - foot) * 0.25
    canvas.box(middle - size, y, middle + size, y + size * 2, window.frame)
    inner = size - 0.08
    canvas.box(middle - inner, y + 0.08, middle + inner, y + size * 2 - 0.08, window.glass)
