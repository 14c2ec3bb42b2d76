"""How a planned building is painted: wall, ornament, storeys, oriel, cornice."""

from facade_gan.shape_grammar.colours import mix, shade
from facade_gan.shape_grammar.painting.balconies import paint_balcony, paint_guard
from facade_gan.shape_grammar.painting.entries import paint_entry
from facade_gan.shape_grammar.painting.projections import (
    paint_loggia,
    paint_oriel,
    paint_tower,
)
from facade_gan.shape_grammar.painting.roofs import paint_roof
from facade_gan.shape_grammar.painting.scene import Scene
from facade_gan.shape_grammar.painting.textures import texture_wall
from facade_gan.shape_grammar.painting.windows import paint_window
from facade_gan.shape_grammar.plan import Building, Storey


def paint_building(scene: Scene, house: Building) -> None:
    """Paint one house, from the back to the front."""
    if not scene.canvas.sees(house.left, 0, house.right, house.top + 3):
        return
    paint_roof(scene, house)
    _wall(scene, house)
    _ornament(scene, house)
    for index, storey in enumerate(house.storeys):
        if scene.canvas.sees(house.left, storey.floor - 1, house.right, storey.floor + 6):
            _storey(scene, house, index, storey)
    for bay in house.bays:
        if house.oriel_floors and bay.kind == "accent":
            paint_oriel(scene, house, bay, house.oriel_floors)
    _cornice(scene, house)
    if house.tower:
        paint_tower(scene, house, house.tower)
    if house.downpipe:
        x = house.right - 0.15
        scene.canvas.box(x - 0.07, 0, x + 0.07, house.eaves, shade(house.wall, 0.5))


def _wall(scene: Scene, house: Building) -> None:
    canvas, first = scene.canvas, house.storeys[0].height
    canvas.box(house.left, first, house.right, house.eaves, house.wall)
    canvas.box(house.left, 0, house.right, first, house.base)
    for storey, colour in zip(house.storeys[1:], house.bands[1:], strict=False):
        canvas.box(house.left, storey.floor, house.right, storey.floor + storey.window.sill, colour)
    if house.risalit:
        left, right = house.risalit
        canvas.box(left, first, right, house.eaves, shade(house.wall, 1.05))
    box = (house.left, 0.0, house.right, house.eaves)
    texture_wall(canvas, box, house.material, house.grime, scene.r.getrandbits(32))
    if house.risalit:
        for x in house.risalit:
            scene.upright(x - 0.2, 0, x + 0.2, house.eaves, shade(house.wall, 1.04))
    canvas.box(house.left, 0, house.right, 0.7, shade(house.base, 0.72))


def _ornament(scene: Scene, house: Building) -> None:
    """Grooves, string courses, corner stones, pilasters and panels."""
    left, right = house.left, house.right
    for storey in house.storeys:
        if storey.rustic:
            _grooves(scene, house, storey)
        if storey.course:
            half = storey.course / 2
            scene.ledge(left, storey.floor - half, right, storey.floor + half, house.trim, 0.3)
        if storey.relief:
            _panels(scene, house, storey)
    if house.quoins:
        _quoins(scene, house)
    if house.pilasters:
        half = house.pilasters / 2
        edges = [bay.x - bay.width / 2 for bay in house.bays]
        for x in [*edges, house.bays[-1].x + house.bays[-1].width / 2]:
            scene.upright(x - half, house.storeys[0].height, x + half, house.eaves, house.trim)
            for level in house.storeys[1:]:
                scene.stucco(x - half, level.floor - 0.5, x + half, level.floor, house.trim)


def _grooves(scene: Scene, house: Building, storey: Storey) -> None:
    groove = shade(house.base if storey.floor == 0 else house.wall, 0.6)
    y = storey.floor + 0.4
    while y < storey.floor + storey.height - 0.2:
        scene.canvas.box(house.left, y, house.right, y + 0.08, groove)
        y += 0.5


def _panels(scene: Scene, house: Building, storey: Storey) -> None:
    """Framed stucco panels on the wall between the windows."""
    foot, head = storey.floor + storey.height * 0.3, storey.floor + storey.height * 0.75
    for a, b in zip(house.bays, house.bays[1:], strict=False):
        x = (a.x + a.width / 2 + b.x - b.width / 2) / 2
        width = (min(a.width, b.width) - storey.window.width) * 0.2
        scene.canvas.box(x - width, foot, x + width, head, shade(house.trim, 0.86))
        scene.canvas.box(x - width * 0.7, foot + 0.15, x + width * 0.7, head - 0.15, house.trim)
        scene.stucco(x - width * 0.6, foot + 0.3, x + width * 0.6, head - 0.3, house.trim)


def _quoins(scene: Scene, house: Building) -> None:
    y, long = 0.0, True
    stone = house.trim if house.trim != house.wall else shade(house.wall, 1.15)
    while y < house.eaves:
        width = 0.75 if long else 0.45
        for x0, x1 in ((house.left, house.left + width), (house.right - width, house.right)):
            scene.canvas.box(x0, y + 0.03, x1, y + 0.42, stone)
            scene.canvas.box(x0, y, x1, y + 0.04, shade(stone, 0.6))
        y, long = y + 0.45, not long


def _storey(scene: Scene, house: Building, index: int, storey: Storey) -> None:
    """The openings of one floor, then what stands in front of them."""
    wall = house.base if index == 0 else house.wall
    for bay, entry in zip(house.bays, house.entries, strict=True):
        if index == 0 and entry.kind != "window":
            box = (bay.x - bay.width / 2, 0.0, bay.x + bay.width / 2, storey.height)
            paint_entry(scene, entry, box, house.trim, wall)
        elif bay.kind == "accent" and house.loggias and index > 0:
            paint_loggia(scene, house, bay, storey.floor, storey.height)
        elif bay.kind != "blank":
            window = storey.window_of(bay)
            x = bay.x + storey.shift * bay.width
            paint_window(scene, window, x, storey.floor + window.sill, wall)
    if index == 0:
        return
    slab = mix(house.trim, (150, 148, 140), 0.4)
    if storey.gallery:
        left, right = house.left + 0.2, house.right - 0.2
        paint_balcony(scene, left, right, storey.floor, house.railing, slab, False)
        return
    for bay in house.bays:
        if bay.kind != "blank" and not (bay.kind == "accent" and house.loggias):
            window = storey.window_of(bay)
            foot = storey.floor + (0.1 if window.guard in ("balcony", "stone") else window.sill)
            paint_guard(scene, window, bay.x, foot, house.railing, slab)


def _cornice(scene: Scene, house: Building) -> None:
    """The main cornice under the eaves, with brackets and a deep shadow on the wall."""
    canvas, light, trim = scene.canvas, scene.light, house.trim
    reach, height = house.roof.overhang, house.cornice
    left, right, y = house.left - reach * 0.6, house.right + reach * 0.6, house.eaves
    drop = 0.3 + reach * (0.5 + 0.8 * light.hard)
    canvas.box(house.left, y - drop, house.right, y, light.shadow(0.9))
    canvas.box(house.left, y - drop * 0.45, house.right, y, light.shadow(0.9))
    canvas.box(house.left, y, house.right, y + height * 0.55, shade(trim, 0.8))
    if house.brackets:
        step = max(0.5, height)
        for i in range(int(house.width / step) + 1):
            x = house.left + i * step
            canvas.box(x, y, x + step * 0.4, y + height * 0.5, shade(trim, 1.04))
            canvas.box(x + step * 0.4, y, x + step * 0.6, y + height * 0.5, light.shadow())
    canvas.box(left, y + height * 0.5, right, y + height, trim)
    canvas.box(left, y + height * 0.8, right, y + height, shade(trim, 1.12))
    if house.roof.kind == "pitched":
        canvas.box(left, y + height, right, y + height + 0.14, (86, 84, 82))
