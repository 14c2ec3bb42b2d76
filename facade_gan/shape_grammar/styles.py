"""House types as a table: ranges in metres or shares, and weights of the choices a plan makes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Range = tuple[float, float]
Panes = tuple[int, int, int]  # columns, rows, openings side by side

STUCCO_WALLS = {
    "ochre": 3.0,
    "cream": 4.0,
    "beige": 4.0,
    "sand": 3.0,
    "warm grey": 3.0,
    "grey": 2.0,
    "dark grey": 1.5,
    "yellow": 2.0,
    "pink": 1.2,
    "salmon": 1.0,
    "white": 1.0,
    "green": 1.0,
    "brown": 1.0,
    "mauve": 0.8,
    "orange": 0.5,
    "blue": 0.8,
}


@dataclass(frozen=True)
class Style:
    """One house type. Pairs are (low, high); mappings give weights; single numbers are odds."""

    name: str
    weight: float
    storeys: tuple[int, int] = (3, 6)
    bays: tuple[int, int] = (4, 9)
    storey_height: Range = (3.2, 4.2)
    ground_height: Range = (1.0, 1.35)  # times the storey height
    bay_width: Range = (2.2, 3.4)
    walls: Mapping[str, float] = field(default_factory=lambda: STUCCO_WALLS)
    materials: Mapping[str, float] = field(default_factory=lambda: {"stucco": 1.0})
    window_width: Range = (0.34, 0.52)  # share of the bay
    window_height: Range = (0.48, 0.64)  # share of the storey
    sill: Range = (0.2, 0.3)  # share of the storey
    heads: Mapping[str, float] = field(default_factory=lambda: {"flat": 8, "segment": 1, "arch": 1})
    panes: Mapping[Panes, float] = field(
        default_factory=lambda: {(2, 2, 1): 6, (2, 1, 1): 2, (2, 3, 1): 1, (1, 2, 2): 1.5}
    )
    frames: Mapping[str, float] = field(
        default_factory=lambda: {"white": 4, "cream": 2, "brown": 2.5, "dark": 1, "green": 0.4}
    )
    hoods: Mapping[str, float] = field(
        default_factory=lambda: {"none": 2, "lintel": 1.5, "ledge": 2, "gable": 1, "arc": 0.6}
    )
    guards: Mapping[str, float] = field(default_factory=lambda: {"none": 1})
    shutter_colours: Mapping[str, float] = field(
        default_factory=lambda: {
            "green": 4,
            "dark green": 3,
            "blue grey": 1.5,
            "blue": 0.7,
            "brown": 2,
            "grey": 1.5,
            "red": 0.8,
            "white": 1,
            "sand": 1,
        }
    )
    ground: Mapping[str, float] = field(
        default_factory=lambda: {"window": 3, "shop": 2, "mixed": 2, "arcade": 0.15}
    )
    roofs: Mapping[str, float] = field(
        default_factory=lambda: {"pitched": 5, "mansard": 1, "flat": 2, "curved": 0.7, "gable": 0.4}
    )
    cornice: Range = (0.4, 1.1)
    overhang: Range = (0.2, 0.6)
    surround: float = 0.9
    ornament: float = 0.7
    courses: float = 0.6
    bands: float = 0.0
    rustic: float = 0.6
    pilasters: float = 0.25
    quoins: float = 0.25
    accent: float = 0.45
    oriel: float = 0.25
    tower: float = 0.04
    loggias: float = 0.0
    pairs: float = 0.2
    blank: float = 0.04
    shutters: float = 0.0
    gallery: float = 0.03
    blinds: float = 0.15
    base: float = 0.5
    regular: float = 0.15  # all storeys alike


STYLES: tuple[Style, ...] = (
    Style("tenement", 4.2, storeys=(3, 6), bays=(4, 10)),
    Style(
        "art nouveau",
        0.8,
        bays=(3, 6),
        bay_width=(2.6, 3.8),
        window_width=(0.42, 0.62),
        heads={"flat": 4, "segment": 3, "arch": 2},
        panes={(2, 2, 1): 2, (3, 2, 1): 3, (1, 2, 3): 1, (2, 3, 2): 1},
        roofs={"curved": 3, "gable": 2, "pitched": 2, "mansard": 1},
        accent=0.85,
        oriel=0.6,
        tower=0.2,
        ornament=0.9,
        rustic=0.3,
    ),
    Style(
        "palace",
        0.9,
        storeys=(2, 4),
        bays=(5, 12),
        storey_height=(3.8, 5.2),
        bay_width=(2.6, 3.8),
        window_width=(0.32, 0.46),
        hoods={"gable": 3, "arc": 2, "ledge": 2, "keystone": 1},
        walls={"limestone": 2, "sandstone": 2, "ochre": 2, "cream": 2, "grey": 2, "pink": 1},
        materials={"stucco": 2, "ashlar": 1},
        ground={"window": 5, "arcade": 0.8},
        pilasters=0.5,
        quoins=0.4,
        roofs={"pitched": 4, "flat": 2, "gable": 1.5},
    ),
    Style(
        "old town house",
        1.3,
        storeys=(2, 4),
        bays=(2, 7),
        storey_height=(2.8, 3.6),
        bay_width=(2.4, 4.2),
        window_width=(0.26, 0.42),
        window_height=(0.4, 0.56),
        hoods={"none": 5, "lintel": 1, "ledge": 0.7},
        cornice=(0.25, 0.7),
        surround=0.75,
        ornament=0.15,
        courses=0.25,
        rustic=0.15,
        pilasters=0.08,
        oriel=0.06,
        accent=0.2,
        blank=0.2,
        roofs={"pitched": 7, "gable": 1.2, "curved": 0.8},
    ),
    Style(
        "shuttered",
        2.0,
        storeys=(3, 5),
        bays=(3, 8),
        storey_height=(2.7, 3.3),
        bay_width=(2.5, 3.8),
        window_width=(0.3, 0.42),
        window_height=(0.44, 0.58),
        walls={
            "cream": 3,
            "beige": 3,
            "white": 3,
            "warm grey": 3,
            "grey": 2,
            "yellow": 1.5,
            "ochre": 1.5,
            "pink": 1,
            "green": 1,
            "blue": 0.6,
            "salmon": 0.6,
        },
        heads={"flat": 9, "segment": 1},
        panes={(2, 1, 1): 3, (2, 2, 1): 3, (2, 3, 1): 1, (2, 1, 2): 0.8},
        frames={"white": 6, "cream": 2, "brown": 1},
        hoods={"none": 5, "ledge": 1, "lintel": 1},
        roofs={"pitched": 7, "mansard": 2, "gable": 0.7},
        cornice=(0.15, 0.5),
        overhang=(0.4, 1.1),
        surround=0.7,
        ornament=0.15,
        courses=0.35,
        rustic=0.15,
        pilasters=0.04,
        quoins=0.3,
        accent=0.35,
        oriel=0.0,
        shutters=0.95,
        regular=0.6,
    ),
    Style(
        "iron balconies",
        1.5,
        storeys=(4, 7),
        bays=(3, 8),
        storey_height=(3.0, 3.8),
        bay_width=(2.2, 3.3),
        window_width=(0.36, 0.5),
        window_height=(0.66, 0.78),
        walls={
            "limestone": 3,
            "cream": 2,
            "beige": 2,
            "warm grey": 2,
            "ochre": 2,
            "pink": 1.5,
            "salmon": 1,
            "grey": 2,
            "brick": 1,
            "sand": 2,
            "green": 0.7,
        },
        materials={"stucco": 3, "ashlar": 2, "brick": 0.6},
        frames={"white": 2, "brown": 3, "grey": 1, "dark": 1, "green": 1},
        panes={(2, 1, 1): 3, (2, 2, 1): 3, (2, 3, 1): 1},
        guards={"rail": 2, "balcony": 4, "none": 0.4},
        roofs={"mansard": 3, "flat": 4, "pitched": 1},
        ground={"shop": 4, "mixed": 1, "arcade": 0.3, "window": 0.6},
        shutters=0.3,
        gallery=0.22,
        regular=0.45,
        oriel=0.1,
        blinds=0.4,
    ),
    Style(
        "brick house",
        1.1,
        storeys=(2, 6),
        bays=(2, 9),
        storey_height=(2.9, 3.7),
        bay_width=(1.9, 3.2),
        walls={"brick": 4, "dark brick": 3, "tan brick": 2.5, "red": 1},
        materials={"brick": 1},
        heads={"flat": 6, "segment": 3, "arch": 1.5},
        panes={(1, 2, 1): 5, (2, 2, 1): 2, (2, 4, 1): 1.5, (3, 2, 1): 1},
        frames={"white": 4, "cream": 2, "dark": 2, "brown": 1, "green": 0.6},
        hoods={"lintel": 5, "none": 2, "keystone": 1.5, "ledge": 0.8},
        roofs={"flat": 5, "pitched": 2, "gable": 1, "mansard": 0.6},
        surround=0.25,
        ornament=0.35,
        rustic=0.05,
        quoins=0.25,
        bands=0.12,
        regular=0.6,
        oriel=0.08,
        base=0.4,
    ),
    Style(
        "modern housing",
        0.9,
        storeys=(3, 8),
        bays=(3, 9),
        storey_height=(2.6, 3.1),
        ground_height=(0.9, 1.2),
        bay_width=(2.4, 4.2),
        window_width=(0.4, 0.72),
        window_height=(0.44, 0.58),
        walls={
            "concrete": 2,
            "white": 2.5,
            "grey": 2,
            "warm grey": 2,
            "beige": 2,
            "salmon": 1,
            "brown": 1,
            "yellow": 1,
            "tan brick": 1.5,
            "green": 0.5,
            "blue": 0.7,
        },
        materials={"stucco": 3, "panel": 1.5, "brick": 1},
        heads={"flat": 1},
        panes={(2, 1, 1): 4, (3, 1, 1): 3, (1, 1, 1): 1, (1, 1, 2): 1.5, (2, 1, 2): 1},
        frames={"white": 5, "grey": 2, "dark": 1.5, "brown": 1.5, "red": 0.3},
        hoods={"none": 1},
        guards={"none": 6, "stone": 1.2, "rail": 0.8},
        roofs={"flat": 6, "pitched": 2},
        cornice=(0.05, 0.4),
        surround=0.25,
        ornament=0.0,
        courses=0.2,
        bands=0.15,
        rustic=0.0,
        pilasters=0.03,
        quoins=0.0,
        accent=0.5,
        oriel=0.05,
        tower=0.0,
        loggias=0.6,
        blank=0.2,
        gallery=0.12,
        blinds=0.6,
        regular=0.85,
        ground={"window": 2, "shop": 2, "mixed": 2},
    ),
    Style(
        "office grid",
        0.5,
        storeys=(4, 9),
        bays=(5, 13),
        storey_height=(3.0, 3.8),
        bay_width=(1.5, 3.4),
        window_width=(0.62, 0.94),
        window_height=(0.46, 0.74),
        sill=(0.12, 0.28),
        walls={
            "concrete": 3,
            "grey": 2,
            "warm grey": 2,
            "limestone": 2,
            "white": 1.5,
            "dark grey": 1.2,
            "brown": 1,
            "brick": 1,
            "blue": 0.7,
            "beige": 2,
            "tan brick": 1,
        },
        materials={"panel": 3, "stucco": 2, "ashlar": 1, "brick": 0.7},
        heads={"flat": 1},
        panes={(1, 1, 1): 3, (2, 1, 1): 3, (2, 2, 1): 1.5, (3, 2, 1): 1, (1, 2, 1): 1.5},
        frames={"grey": 3, "dark": 3, "white": 2.5, "brown": 1.2, "red": 0.3},
        hoods={"none": 1},
        roofs={"flat": 1},
        cornice=(0.1, 0.7),
        surround=0.2,
        ornament=0.0,
        courses=0.3,
        bands=0.3,
        rustic=0.05,
        pilasters=0.25,
        quoins=0.0,
        accent=0.05,
        oriel=0.0,
        tower=0.0,
        blinds=0.5,
        regular=0.9,
        ground={"shop": 3, "window": 1.5, "arcade": 0.4},
    ),
    Style(
        "shop house",
        0.7,
        storeys=(2, 4),
        bays=(2, 5),
        storey_height=(2.8, 3.6),
        bay_width=(1.5, 2.6),
        window_width=(0.4, 0.66),
        walls={
            "cream": 2,
            "pink": 2,
            "blue": 2,
            "green": 2,
            "yellow": 2,
            "white": 2,
            "salmon": 1.5,
            "red": 1,
            "brick": 1,
        },
        heads={"flat": 4, "segment": 2, "arch": 2},
        panes={(2, 2, 1): 3, (2, 3, 1): 2, (1, 2, 3): 1, (1, 2, 1): 2},
        ground={"shop": 5, "arcade": 0.8},
        roofs={"pitched": 3, "flat": 3, "curved": 1.5, "gable": 1.5},
        shutters=0.35,
        ornament=0.4,
        rustic=0.1,
        accent=0.3,
    ),
)
