"""The production rules: a plan of a building from dice and a style."""

from random import Random

from facade_gan.shape_grammar.colours import (
    RGB,
    ROOFS,
    SIGNS,
    WALLS,
    mix,
    shade,
    vary,
)
from facade_gan.shape_grammar.dice import chance, pick
from facade_gan.shape_grammar.house_types import HOUSE_TYPES
from facade_gan.shape_grammar.plan import Bay, Building, Entry, Roof, Storey, Tower
from facade_gan.shape_grammar.styles import Style
from facade_gan.shape_grammar.window_rules import (
    accent_window,
    fitted,
    usual_window,
    window_of_storey,
)


def draw_building(r: Random, style: Style | None = None) -> Building:
    """Draw a plan with its left edge at 0; the style too, by its weight, unless one is given."""
    style = style or r.choices(HOUSE_TYPES, [s.weight for s in HOUSE_TYPES])[0]
    wall = vary(r, WALLS[pick(r, style.walls)])
    # Dirt and distance take colour away.
    grey = sum(wall) // 3
    wall = mix(wall, (grey, grey, grey), r.uniform(0.0, 0.55))
    trim = _trim(r, wall)
    margin = r.uniform(0.0, 0.6)
    bays = _bays(r, style, margin)
    storeys = _storeys(r, style, bays, wall, trim)
    oriels = chance(r, style.oriel)
    has_base = chance(r, style.base)
    cornice = r.uniform(*style.cornice)
    return Building(
        style=style,
        left=0.0,
        width=sum(bay.width for bay in bays) + 2 * margin,
        material=pick(r, style.materials),
        wall=wall,
        base=vary(r, shade(mix(wall, (150, 144, 134), r.uniform(0.1, 0.9)), r.uniform(0.7, 1.05)))
        if has_base
        else wall,
        trim=trim,
        storeys=storeys,
        bays=bays,
        entries=_entries(r, style, bays),
        cornice=cornice,
        brackets=chance(r, style.ornament),
        bands=tuple(vary(r, wall, 0.25, 0.1) for _ in storeys) if chance(r, style.bands) else (),
        pilasters=r.uniform(0.25, 0.6) if chance(r, style.pilasters) else 0.0,
        quoins=chance(r, style.quoins),
        oriel_floors=max(1, len(storeys) - r.randint(1, 3)) if oriels else 0,
        oriel_top=r.choice(("railing", "roof", "plain")),
        loggias=not oriels and chance(r, style.loggias),
        parapet=vary(r, mix(wall, (210, 206, 198), r.random()), 0.2),
        risalit=_risalit(r, style, bays),
        tower=_tower(r, storeys[1].floor) if chance(r, style.tower) else None,
        downpipe=chance(r, 0.35),
        grime=0.01 + 0.09 * r.random() ** 2,
        roof=_roof(r, style, bays),
        railing=vary(r, r.choice([(38, 38, 40), (52, 50, 48), (70, 74, 72), (92, 92, 90)])),
    )


def _trim(r: Random, wall: RGB) -> RGB:
    """The colour of ornament: the wall's own, lighter, or stone."""
    kind = r.random()
    if kind < 0.4:
        return shade(wall, r.uniform(0.86, 1.12))
    if kind < 0.8:
        return mix(wall, (232, 226, 212), r.uniform(0.35, 0.85))
    return vary(r, WALLS[r.choice(("limestone", "sandstone", "warm grey", "grey"))])


def _bays(r: Random, style: Style, margin: float) -> tuple[Bay, ...]:
    """Axes from left to right: an even row, or a mirrored rhythm of narrow and wide ones."""
    count = r.randint(*style.bays)
    width = r.uniform(*style.bay_width)
    rhythm = [(width, "window")] * count
    if chance(r, style.accent) and count >= 3:
        rhythm = _with_accents(r, count, width)
    elif chance(r, style.pairs):
        narrow, wide = width * r.uniform(0.72, 0.9), width * r.uniform(1.1, 1.35)
        rhythm = [(narrow if (i // 2) % 2 else wide, "window") for i in range(count)]
    if count > 3 and chance(r, style.blank):
        gap = r.randrange(count)
        rhythm[gap] = (rhythm[gap][0] * r.uniform(0.5, 0.9), "blank")
    bays, x = [], margin
    for bay_width, kind in rhythm:
        bays.append(Bay(x + bay_width / 2, bay_width, kind))
        x += bay_width
    return tuple(bays)


def _tower(r: Random, first_floor: float) -> Tower:
    return Tower(
        side=r.choice((-1, 1)),
        width=r.uniform(2.4, 4.0),
        foot=r.choice((0.0, first_floor)),
        rise=r.uniform(0.3, 3.5),
        spire=chance(r, 0.5),
    )


def _risalit(r: Random, style: Style, bays: tuple[Bay, ...]) -> tuple[float, float] | None:
    """A symmetric middle part of one to three bays, on wide fronts with ornament."""
    if len(bays) < 5 or not chance(r, style.ornament * 0.35):
        return None
    inset = (len(bays) - (2 if len(bays) % 2 == 0 else r.choice((1, 3)))) // 2
    first, last = bays[inset], bays[-1 - inset]
    return first.x - first.width / 2, last.x + last.width / 2


def _with_accents(r: Random, count: int, width: float) -> list[tuple[float, str]]:
    """A rhythm with accent bays in the middle, at both ends, or off the axis."""
    where = r.random()
    if where < 0.5:
        marked = {count // 2, (count - 1) // 2} if chance(r, 0.4) else {count // 2}
    elif where < 0.8:
        marked = {0, count - 1} if count < 7 else {1, count - 2}
    else:
        marked = {r.randrange(count)}
    wide = width * r.uniform(1.05, 1.5)
    return [(wide, "accent") if i in marked else (width, "window") for i in range(count)]


def _storeys(
    r: Random, style: Style, bays: tuple[Bay, ...], wall: RGB, trim: RGB
) -> tuple[Storey, ...]:
    """Floors from the street up; the design changes a little from one to the next."""
    count = r.randint(*style.storeys)
    height = r.uniform(*style.storey_height)
    ground = height * r.uniform(*style.ground_height)
    bay = min(b.width for b in bays)
    window = usual_window(r, style, bay, height, trim)
    regular = chance(r, style.regular)
    noble = 1 if chance(r, 0.75) else 2
    courses = chance(r, style.courses)
    thickness = r.uniform(0.12, 0.4)
    rustic_up_to = r.choice((0, 0, 1)) if chance(r, style.rustic) else -1
    relief = chance(r, style.ornament * 0.6)
    storeys, floor = [], 0.0
    for i in range(count):
        this = ground if i == 0 else height
        if not regular and i == count - 1 and count > 3:
            this *= r.uniform(0.72, 0.95)
        elif not regular and i == noble:
            this *= r.uniform(1.0, 1.2)
        design = window if regular else window_of_storey(r, style, window, i, noble, count, bay)
        design = fitted(design, this)
        storeys.append(
            Storey(
                floor=floor,
                height=this,
                window=design,
                accent=fitted(accent_window(r, style, design, bays), this),
                course=thickness * r.uniform(0.7, 1.2) if courses or i == 1 else 0.0,
                gallery=i > 0 and chance(r, style.gallery),
                rustic=i <= rustic_up_to,
                relief=relief and i > 0 and chance(r, 0.6),
                shift=r.uniform(-0.15, 0.15) if i == 0 and chance(r, 0.4) else 0.0,
            )
        )
        floor += this
    return tuple(storeys)


def _entries(r: Random, style: Style, bays: tuple[Bay, ...]) -> tuple[Entry, ...]:
    """The ground floor's openings: shops, windows, arcades, and one way in."""
    fill = pick(r, style.ground)
    door = len(bays) // 2 if chance(r, 0.6) else r.randrange(len(bays))
    way_in = "gate" if chance(r, 0.4) else "door"
    colour = vary(r, r.choice([(70, 48, 36), (52, 44, 40), (46, 62, 54), (96, 70, 48)]))
    sign = _sign(r)
    awning = chance(r, 0.3)
    entries = []
    for i in range(len(bays)):
        kind = fill
        if fill == "mixed":
            kind = r.choice(("shop", "window", "shop", "garage"))
        if i == door and fill != "arcade":
            kind = way_in
        if chance(r, 0.3):
            sign, awning = _sign(r), chance(r, 0.3)
        entries.append(Entry(kind, colour, sign, awning))
    return tuple(entries)


def _sign(r: Random) -> RGB:
    return vary(r, mix(r.choice(SIGNS), (96, 92, 88), r.uniform(0.1, 0.6)), 0.2, 0.05)


def _roof(r: Random, style: Style, bays: tuple[Bay, ...]) -> Roof:
    kind = pick(r, style.roofs)
    height = {
        "pitched": r.uniform(0.7, 3.2),
        "mansard": r.uniform(2.2, 3.6),
        "flat": r.uniform(0.0, 1.0),
        "gable": r.uniform(2.0, 5.0),
        "curved": r.uniform(1.5, 4.0),
    }[kind]
    colours = {"mansard": ("slate", "zinc", "dark"), "pitched": ("tile", "old tile", "slate")}
    dormers = pick(r, {"none": 1.2, "gabled": 1, "flat": 0.8, "round": 0.3})
    if kind == "mansard" and dormers == "none":
        dormers = "gabled"
    return Roof(
        kind=kind,
        height=height,
        colour=vary(r, ROOFS[r.choice(colours.get(kind, tuple(ROOFS)))], 0.2),
        crest=pick(r, {"none": 1, "gable": 0.8, "curve": 0.8}),
        finials=chance(r, style.ornament * 0.25),
        dormers=dormers if kind in ("pitched", "mansard") else "none",
        chimneys=r.choice((0, 0, 1, 2, 3)) if len(bays) > 2 else r.choice((0, 1)),
        overhang=r.uniform(*style.overhang),
    )
