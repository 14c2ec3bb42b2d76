"""What an image size is: one number for a square, ``[height, width]`` for any other shape.

The networks start from a base map of 3 to 8 pixels a side and double both sides equally often, so
an image of 96 x 64 pixels is a map of 6 x 4 doubled four times, and one of 64 x 64 is 4 x 4.
"""

import math
from collections.abc import Sequence
from itertools import product

from facade_gan.errors import UserError

ImageSize = int | Sequence[int]

BASE_SIDES = range(3, 9)
DOUBLINGS = range(3, 7)


def sides(image_size: ImageSize) -> tuple[int, int]:
    """Height and width in pixels.

    Raises:
        UserError: for anything but a whole number or two of them, each 1 or more.
    """
    pair = [image_size] * 2 if type(image_size) is int else image_size
    if (
        isinstance(pair, str)
        or not isinstance(pair, Sequence)
        or len(pair) != 2
        or not all(type(side) is int and side > 0 for side in pair)
    ):
        raise UserError(
            f"image_size={image_size}: must be a whole number of pixels, or two: [height,width]"
        )
    height, width = pair
    return height, width


def plain(image_size: ImageSize) -> int | list[int]:
    """The size as configs, checkpoints and summaries hold it: a square is always one number."""
    height, width = sides(image_size)
    return height if height == width else [height, width]


def setting(image_size: ImageSize) -> str:
    """The size as on the command line, ``image_size=...``: "64" or "[96,64]"."""
    return str(plain(image_size)).replace(" ", "")


def in_words(image_size: ImageSize) -> str:
    """The size for a reader: "64", or "96 x 64" where height and width differ."""
    height, width = sides(image_size)
    return f"{height}" if height == width else f"{height} x {width}"


def base_map(image_size: ImageSize) -> tuple[int, int]:
    """Height and width of the map that ``doublings`` bring to ``image_size``."""
    height, width = sides(image_size)
    factor = 2 ** doublings(image_size)
    return height // factor, width // factor


def doublings(image_size: ImageSize) -> int:
    """How often a base map is doubled to reach ``image_size``: 3 for 32, 4 for 64, 5 for 128.

    Where several base maps would do, it is the smallest.

    Raises:
        UserError: for a size that no base map leads to, with the nearest that fit.
    """
    times = possible_doublings(image_size)
    if times is not None:
        return times
    pair = sides(image_size)
    near = ", ".join(map(setting, nearest(pair)))
    raise UserError(
        f"image_size={setting(pair)}: the networks double a map of 3 to 8 "
        f"pixels a side 3 to 6 times, so both sides must be 3 to 8 times 8, 16, 32 or 64; nearest "
        f"are {near}"
    )


def possible_doublings(image_size: ImageSize) -> int | None:
    """As ``doublings``; None for a size that no base map leads to."""
    for times in reversed(DOUBLINGS):
        if all(side % 2**times == 0 and side >> times in BASE_SIDES for side in sides(image_size)):
            return times
    return None


def nearest(pair: tuple[int, int], count: int = 3) -> list[tuple[int, int]]:
    """The ``count`` sizes nearest to ``pair`` that fit, by the ratios of their sides."""
    fitting = {
        (a << times, b << times)
        for times in DOUBLINGS
        for a, b in product(BASE_SIDES, repeat=2)
        if a == b or pair[0] != pair[1]  # who asks for a square is shown squares
    }

    def distance(size: tuple[int, int]) -> float:
        return sum(abs(math.log(a / b)) for a, b in zip(size, pair, strict=True))

    return sorted(fitting, key=lambda size: (distance(size), size))[:count]
