"""The production rules of windows: the house's usual one, and how it changes over the facade."""

from dataclasses import replace
from random import Random

from facade_gan.shape_grammar.colours import FRAMES, RGB, SHUTTERS, shade, vary
from facade_gan.shape_grammar.dice import chance, pick
from facade_gan.shape_grammar.plan import Bay, Window
from facade_gan.shape_grammar.styles import Style


def usual_window(r: Random, style: Style, bay: float, height: float, trim: RGB) -> Window:
    """The window that most of the house has."""
    tall = r.uniform(*style.window_height)
    guard = pick(r, style.guards)
    french = guard in ("rail", "balcony") and chance(r, 0.85)
    columns, rows, units = pick(r, style.panes)
    width = bay * r.uniform(*style.window_width)
    dark, sky = r.random(), r.uniform(0.75, 1.1)
    return Window(
        width=width,
        height=height * (max(tall, 0.68) if french else tall),
        sill=0.08 if french else height * r.uniform(*style.sill),
        head=pick(r, style.heads),
        columns=columns,
        rows=rows,
        units=max(1, min(units, int(width / 0.55))),
        frame=vary(r, FRAMES[pick(r, style.frames)]),
        glass=(int(22 + 66 * dark), int(26 + 70 * dark), int(30 + 76 * dark)),
        mirror=r.choice((0.0, 0.2, 0.45, 0.75, 0.95)),
        sky=shade((166, 178, 192), sky) if chance(r, 0.7) else shade((186, 186, 182), sky),
        curtain=r.uniform(0.0, 0.9) ** 1.5,
        blind=r.uniform(0.0, 0.6) if chance(r, style.blinds) else 0.0,
        surround=r.uniform(0.1, 0.28) if chance(r, style.surround) else 0.0,
        trim=trim,
        hood=pick(r, style.hoods),
        stucco=chance(r, style.ornament * 0.6),
        ledge=chance(r, 0.75),
        apron=chance(r, style.ornament * 0.7),
        shutters=pick(r, {"open": 0.6, "mixed": 0.4}) if chance(r, style.shutters) else "none",
        shutter=vary(r, SHUTTERS[pick(r, style.shutter_colours)]),
        guard=guard,
    )


def window_of_storey(
    r: Random, style: Style, window: Window, index: int, noble: int, count: int, bay: float
) -> Window:
    """The window of one storey: rich on the noble floor, small under the eaves."""
    if index == noble:
        return replace(
            window,
            hood=pick(r, {"gable": 2, "arc": 1, "ledge": 2, window.hood: 2}),
            height=window.height * r.uniform(1.0, 1.12),
        )
    if index == count - 1 and count > 3:
        return replace(
            window,
            hood=pick(r, {"none": 2, "lintel": 1, window.hood: 1}),
            height=window.height * r.uniform(0.7, 0.95),
            head="arch" if chance(r, style.ornament * 0.25) else window.head,
            guard="none",
            apron=False,
        )
    if chance(r, 0.4):
        hood = pick(r, style.hoods)
        return replace(window, hood=hood, head=pick(r, style.heads))
    return window


def accent_window(r: Random, style: Style, window: Window, bays: tuple[Bay, ...]) -> Window:
    """What an accent bay has instead: wider, coupled, or with a balcony."""
    wide = max(b.width for b in bays)
    width = min(window.width * r.uniform(1.1, 1.7), wide * 0.8)
    guard = pick(r, {"balcony": 2, "stone": 1, "none": 3, window.guard: 2})
    units = min(window.units + 1, 3, max(1, int(width / 0.55)))
    return replace(
        window, width=width, units=units if chance(r, 0.5) else window.units, guard=guard
    )


def fitted(window: Window, storey: float) -> Window:
    """Keep the opening inside its storey."""
    height = min(window.height, storey * 0.86)
    sill = min(window.sill, max(storey * 0.93 - height, 0.05))
    return replace(window, height=height, sill=sill)
