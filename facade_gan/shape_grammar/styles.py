"""What a house type says: ranges in metres or shares, and weights of the choices a plan makes."""

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
