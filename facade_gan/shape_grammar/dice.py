"""Throws of the dice: what all production rules are made of."""

from collections.abc import Mapping
from random import Random
from typing import TypeVar

T = TypeVar("T")


def pick(r: Random, weights: Mapping[T, float]) -> T:
    """One of the keys, with its value as weight."""
    return r.choices(list(weights), list(weights.values()))[0]


def chance(r: Random, probability: float) -> bool:
    """True with the given probability."""
    return r.random() < probability
