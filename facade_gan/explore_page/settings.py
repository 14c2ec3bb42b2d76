"""What a picture of the page is made by, and how that is written in the page's address."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

SLIDERS = 8  # directions at most
SEEDS = 2**32 - 1  # the largest seed, as in training
NO_MIXING = "none"
ORDERS = ("seed", "best", "half")


@dataclass(frozen=True)
class Settings:
    """Everything that decides a picture beside the checkpoint."""

    a: int = 0
    """Seed of the first facade; ``facade-gan generate seed=A count=1`` makes the same."""
    b: int = 1
    """Seed of the second."""
    share: float = 0.0
    """How far from the first to the second, 0 to 1."""
    mix: str = NO_MIXING
    """The stage from which on the picture takes the manner of the second."""
    variety: float = 1.0
    """What the noise is multiplied by."""
    method: str = "sefa"
    """Where the directions are from."""
    steps: tuple[float, ...] = (0.0,) * SLIDERS
    """How far along each direction."""

    def query(self) -> dict[str, str]:
        """Write what differs from the beginning, as an address does: ``d3`` is a step's name."""
        beginning = Settings()
        steps = {f"d{i}": f"{step:g}" for i, step in enumerate(self.steps, 1) if step != 0}
        query = {"a": str(self.a), "b": str(self.b)}
        for name in ("share", "mix", "variety"):
            if getattr(self, name) != getattr(beginning, name):
                query[name] = str(getattr(self, name))
        return query | ({"method": self.method, **steps} if steps else {})


@dataclass(frozen=True)
class Wall:
    """Which facades the wall shows."""

    first: int = 0
    """The seed it begins with."""
    order: str = "seed"
    """``seed``; ``best``: what D likes more comes first; ``half``: of twice as many the half that
    D likes more."""

    def query(self) -> dict[str, str]:
        """Write it as an address does."""
        order = {"order": self.order} if self.order != Wall().order else {}
        return {"first": str(self.first), **order}

    def turned(self, step: int, count: int) -> "Wall":
        """Go on (``step`` 1) or back (-1) by a wall of ``count`` facades, where there are seeds."""
        first = self.first + step * count * (1 + (self.order == "half"))
        return self if first > SEEDS else replace(self, first=max(0, first))


@dataclass
class Address:
    """Reads the settings of an address, and says in words what is wrong with it."""

    query: Mapping[str, str]
    complaints: list[str] = field(default_factory=list)

    def number(self, name: str, otherwise: float, least: float, most: float) -> float:
        """Read a number from ``least`` to ``most``, or take ``otherwise`` and complain."""
        text = self.query.get(name)
        if text is None:
            return otherwise
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            return self.complain(name, f"a number from {least:g} to {most:g}", otherwise)
        return value

    def seed(self, name: str, otherwise: int) -> int:
        """Read a whole number from 0 to ``SEEDS``."""
        text = self.query.get(name, str(otherwise))
        few = len(text) <= 20  # `int` refuses thousands of digits
        if few and text.isascii() and text.isdigit() and int(text) <= SEEDS:
            return int(text)
        return self.complain(name, f"a whole number from 0 to {SEEDS}", otherwise)

    def choice(self, name: str, otherwise: str, choices: tuple[str, ...]) -> str:
        """Read one of ``choices``."""
        text = self.query.get(name, otherwise)
        return text if text in choices else self.complain(name, ", ".join(choices), otherwise)

    def complain(self, name: str, wanted: str, otherwise: Any) -> Any:
        """Note that ``name`` is none of what is ``wanted``."""
        part = f"{shortened(name)}={shortened(self.query[name])}"
        self.complaints.append(f"{part} in the address: must be {wanted}; left out")
        return otherwise


def shortened(text: str) -> str:
    """Keep the beginning of a text that is too long to be shown."""
    return text if len(text) <= 30 else f"{text[:27]}..."


@dataclass(frozen=True)
class Limits:
    """What a generator allows for."""

    stages: tuple[str, ...]
    """Names from which on can be mixed."""
    methods: Mapping[str, int]
    """How many directions each method has."""
    reach: float
    """How far along a direction, at most."""
    variety: tuple[float, float] = (0.2, 1.4)

    def read(self, query: Mapping[str, str]) -> tuple[Settings, Wall, list[str]]:
        """Read an address.

        Returns:
            The settings, what stands on the wall, and a line for each part that can't be used.
        """
        address, beginning, wall = Address(query), Settings(), Wall()
        methods = tuple(self.methods) or (beginning.method,)
        method = address.choice("method", methods[0], methods)
        there = min(SLIDERS, self.methods.get(method, 0))
        names = [f"d{i}" for i in range(1, there + 1)]
        steps = [address.number(name, 0.0, -self.reach, self.reach) for name in names]
        for name in query:  # `int` reads neither "²" nor thousands of digits: names are compared
            if name[0:1] == "d" and name[1:].isdigit() and name not in names:
                address.complain(name, f"along a direction of 1 to {there}", None)
        settings = Settings(
            address.seed("a", beginning.a),
            address.seed("b", beginning.b),
            address.number("share", beginning.share, 0, 1),
            address.choice("mix", beginning.mix, (NO_MIXING, *self.stages)),
            address.number("variety", beginning.variety, *self.variety),
            method,
            (*steps, *(0.0,) * (SLIDERS - there)),
        )
        shown = Wall(address.seed("first", wall.first), address.choice("order", wall.order, ORDERS))
        return settings, shown, address.complaints
