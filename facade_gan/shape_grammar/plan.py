"""The plan of a building: storeys, bays, openings, ornament, roof, in metres and colours."""

from dataclasses import dataclass, replace

from facade_gan.shape_grammar.colours import RGB
from facade_gan.shape_grammar.styles import Style


@dataclass(frozen=True)
class Window:
    """One kind of window, in metres; ``sill`` is its height above the floor."""

    width: float
    height: float
    sill: float
    head: str  # flat | segment | arch
    columns: int
    rows: int
    units: int  # separate openings side by side
    frame: RGB
    glass: RGB
    mirror: float  # share of the windows that mirror the sky
    sky: RGB  # what they mirror
    curtain: float  # share with curtains
    blind: float  # share with a roller blind let down
    surround: float  # width of the moulding around the opening, 0 for none
    trim: RGB
    hood: str  # none | lintel | ledge | gable | arc | keystone
    stucco: bool  # modelled ornament above and below
    ledge: bool  # a sill that projects
    apron: bool  # a panel below the sill
    shutters: str  # none | open | closed | mixed
    shutter: RGB
    guard: str  # none | rail | balcony | stone


@dataclass(frozen=True)
class Storey:
    """One floor: its level above the ground, height, windows and what runs along it."""

    floor: float
    height: float
    window: Window
    accent: Window  # what the accent bays have instead
    course: float  # thickness of the string course at the floor, 0 for none
    gallery: bool  # one balcony along the whole front
    rustic: bool  # horizontal grooves
    relief: bool  # ornament panels between the windows
    shift: float  # how far the windows sit off their axes, shares of the bay

    def window_of(self, bay: "Bay") -> Window:
        """The window that stands in a bay."""
        return self.accent if bay.kind == "accent" else self.window

    def tower_window(self, width: float) -> Window:
        """The window of a tower so wide."""
        window = self.window
        return replace(
            window, width=min(window.width, width * 0.4), units=1, shutters="none", guard="none"
        )


@dataclass(frozen=True)
class Bay:
    """A vertical strip of the front around its axis ``x``; kinds: window, accent, blank."""

    x: float
    width: float
    kind: str


@dataclass(frozen=True)
class Entry:
    """What stands in one bay of the ground floor: window, door, gate, shop, garage, arcade."""

    kind: str
    colour: RGB
    sign: RGB
    awning: bool


@dataclass(frozen=True)
class Roof:
    """The roof; kinds: pitched, mansard, flat, gable, curved."""

    kind: str
    height: float
    colour: RGB
    dormers: str  # none | gabled | flat | round
    crest: str  # none | gable | curve: what crowns a part of the front that stands out
    finials: bool  # urns or statues on the edge
    chimneys: int
    overhang: float


@dataclass(frozen=True)
class Tower:
    """A corner tower from ``foot`` to ``rise`` metres above the eaves; side -1 left, 1 right."""

    side: int
    width: float
    foot: float
    rise: float
    spire: bool


@dataclass(frozen=True)
class Building:
    """Everything that is painted of one house; ``left`` is its left edge on the street."""

    style: Style
    left: float
    width: float
    material: str
    wall: RGB
    base: RGB  # colour of the ground floor
    trim: RGB
    storeys: tuple[Storey, ...]
    bays: tuple[Bay, ...]
    entries: tuple[Entry, ...]
    cornice: float
    brackets: bool
    bands: tuple[RGB, ...]  # colour of the band at each storey, empty for none
    pilasters: float  # width, 0 for none
    quoins: bool
    oriel_floors: int  # storeys of the oriels in the accent bays, 0 for none
    oriel_top: str  # railing | roof | plain
    loggias: bool  # the accent bays are recessed balconies
    parapet: RGB  # of loggias
    risalit: tuple[float, float] | None  # edges of a middle part that stands out
    tower: Tower | None
    downpipe: bool
    grime: float
    roof: Roof
    railing: RGB

    def moved(self, distance: float) -> "Building":
        """The same house, ``distance`` metres to the right."""
        risalit = self.risalit and (self.risalit[0] + distance, self.risalit[1] + distance)
        return replace(
            self,
            left=self.left + distance,
            bays=tuple(replace(bay, x=bay.x + distance) for bay in self.bays),
            risalit=risalit,
        )

    @property
    def right(self) -> float:
        """The right edge on the street."""
        return self.left + self.width

    @property
    def eaves(self) -> float:
        """Height of the wall's upper end."""
        return self.storeys[-1].floor + self.storeys[-1].height

    @property
    def top(self) -> float:
        """Height of the ridge, chimneys not counted."""
        return self.eaves + self.cornice + self.roof.height
