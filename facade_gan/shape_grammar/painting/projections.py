"""How parts that stand out of a front are painted: oriels, corner towers, loggias."""

from facade_gan.shape_grammar.colours import shade
from facade_gan.shape_grammar.painting.balconies import paint_railing
from facade_gan.shape_grammar.painting.scene import Scene
from facade_gan.shape_grammar.painting.windows import paint_window
from facade_gan.shape_grammar.plan import Bay, Building, Tower


def paint_oriel(scene: Scene, house: Building, bay: Bay, storeys: int) -> None:
    """A bay window over ``storeys`` floors: lit front, dark cheek, tapering foot."""
    canvas, light = scene.canvas, scene.light
    upper = house.storeys[1 : 1 + storeys]
    half = bay.width * 0.46
    left, right, cheek = bay.x - half, bay.x + half, half * 0.28
    foot, top = upper[0].floor + 0.1, upper[-1].floor + upper[-1].height * 0.92
    cast = -0.5 * light.side
    canvas.box(left + min(cast, 0), foot - 0.5, right + max(cast, 0), top, light.shadow(0.8))
    bright, dark = shade(house.wall, 1.07), shade(house.wall, 0.76)
    canvas.box(left, foot, right, top, bright)
    canvas.box(left, foot, left + cheek, top, dark if light.side > 0 else bright)
    canvas.box(right - cheek, foot, right, top, bright if light.side > 0 else dark)
    narrow = half * 0.4
    base = [(left, foot), (right, foot), (bay.x + narrow, foot - 0.8), (bay.x - narrow, foot - 0.8)]
    canvas.polygon(base, shade(house.trim, 0.7))
    for storey in upper:
        window = storey.accent
        low = storey.floor + window.sill
        scene.ledge(left - 0.1, storey.floor, right + 0.1, storey.floor + 0.2, house.trim, 0.2)
        if window.stucco:
            scene.stucco(left, storey.floor + 0.3, right, low - 0.1, house.trim)
        paint_window(scene, window, bay.x, low, house.wall)
        for x in (left + cheek / 2, right - cheek / 2):
            canvas.box(x - cheek * 0.3, low, x + cheek * 0.3, low + window.height, window.glass)
    scene.ledge(left - 0.2, top, right + 0.2, top + 0.3, house.trim, 0.3)
    if house.oriel_top == "railing":
        paint_railing(canvas, left - 0.1, right + 0.1, top + 0.3, top + 1.2, house.railing)
    elif house.oriel_top == "roof":
        roof = [(left - 0.2, top + 0.3), (bay.x, top + 0.3 + half), (right + 0.2, top + 0.3)]
        canvas.polygon(roof, house.roof.colour)


def paint_tower(scene: Scene, house: Building, tower: Tower) -> None:
    """A round corner tower that rises over the eaves under a dome or a spire."""
    canvas = scene.canvas
    left = house.left if tower.side < 0 else house.right - tower.width
    right, top = left + tower.width, house.eaves + tower.rise
    if not canvas.sees(left - 1, 0, right + 1, top + 2 * tower.width):
        return
    strips = 8
    for i in range(strips):  # a cylinder: brightest where it faces the light
        across = (i + 0.5) / strips * 2 - 1
        tone = 1.06 - 0.32 * abs(across - 0.5 * scene.light.side) ** 1.5
        x = left + tower.width * i / strips
        canvas.box(x, tower.foot, x + tower.width / strips, top, shade(house.wall, tone))
    middle = (left + right) / 2
    for storey in house.storeys:
        window = storey.tower_window(tower.width)
        if storey.floor >= tower.foot:
            scene.ledge(left - 0.1, storey.floor, right + 0.1, storey.floor + 0.2, house.trim, 0.2)
            paint_window(scene, window, middle, storey.floor + window.sill, house.wall)
    if tower.rise > 2:
        canvas.box(middle - 0.4, top - 1.6, middle + 0.4, top - 0.5, shade(house.wall, 0.3))
    scene.ledge(left - 0.25, top - 0.3, right + 0.25, top, house.trim, 0.4)
    if tower.spire:
        roof = [(left - 0.2, top), (middle, top + tower.width * 1.6), (right + 0.2, top)]
        canvas.polygon(roof, house.roof.colour)
        canvas.polygon([roof[0], roof[1], (middle, top)], shade(house.roof.colour, 1.2))
    else:
        canvas.arch(left - 0.2, right + 0.2, top, tower.width * 0.75, house.roof.colour)
        canvas.arch(left + 0.2, middle, top, tower.width * 0.6, shade(house.roof.colour, 1.18))
    peak = top + tower.width * (1.5 if tower.spire else 0.7)
    canvas.box(middle - 0.06, peak, middle + 0.06, peak + 1.0, shade(house.roof.colour, 0.8))


def paint_loggia(scene: Scene, house: Building, bay: Bay, floor: float, height: float) -> None:
    """A recessed balcony: a dark hollow, a door in it, a parapet or railing before it."""
    canvas, r = scene.canvas, scene.r
    half = bay.width * 0.46
    left, right, top = bay.x - half, bay.x + half, floor + height - 0.35
    canvas.box(left, floor, right, top, shade(house.wall, 0.42))
    canvas.box(left, top - 0.5, right, top, scene.light.shadow(1.2))
    window = house.storeys[-1].window
    canvas.box(left + 0.2, floor, left + half * 0.8, top - 0.25, window.frame)
    canvas.box(left + 0.28, floor, left + half * 0.8 - 0.08, top - 0.33, window.glass)
    canvas.box(bay.x, floor + 0.9, right - 0.2, top - 0.25, window.frame)
    canvas.box(bay.x + 0.08, floor + 0.98, right - 0.28, top - 0.33, window.glass)
    if r.random() < 0.25:
        cloth = r.choice(((176, 92, 58), (150, 130, 90), (92, 112, 96), (168, 160, 140)))
        canvas.box(left, top - r.uniform(0.4, 1.0), right, top, cloth)
    if house.oriel_top == "railing":
        paint_railing(canvas, left - 0.1, right + 0.1, floor, floor + 1.0, house.railing)
    else:
        scene.ledge(left - 0.1, floor - 0.1, right + 0.1, floor + 0.95, house.parapet, 0.3)
