"""Which image sizes there are, and how they are written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade_gan.errors import UserError
from facade_gan.image_size import base_map, doublings, in_words, plain, setting, sides

SIDE = st.integers(1, 700)


@pytest.mark.parametrize(
    ("size", "base", "times"),
    [
        (32, (4, 4), 3),
        (64, (4, 4), 4),
        (128, (4, 4), 5),
        (256, (4, 4), 6),
        ([96, 64], (6, 4), 4),
        ([64, 96], (4, 6), 4),
        ([128, 192], (4, 6), 5),
        ([48, 32], (6, 4), 3),
        ([64, 32], (8, 4), 3),
        (48, (3, 3), 4),
    ],
)
def test_a_size_is_a_base_map_doubled_so_often(
    size: int | list[int], base: tuple[int, int], times: int
) -> None:
    assert base_map(size) == base
    assert doublings(size) == times


@given(SIDE, SIDE)
def test_every_size_is_a_base_map_of_3_to_8_or_refused_with_sizes_that_fit(
    height: int, width: int
) -> None:
    steps = (8, 16, 32, 64)
    if any({height, width} <= {n * step for n in range(3, 9)} for step in steps):
        base, times = base_map([height, width]), doublings([height, width])
        assert all(3 <= side <= 8 for side in base) and 3 <= times <= 6
        assert [side * 2**times for side in base] == [height, width]
    else:
        with pytest.raises(UserError, match=r"nearest are ") as refused:
            base_map([height, width])
        named = str(refused.value).partition("nearest are ")[2]
        for size in json.loads(f"[{named}]"):
            doublings(size)


def test_what_is_named_is_near() -> None:
    with pytest.raises(UserError, match=r"image_size=65: .*nearest are 64, "):
        doublings(65)
    with pytest.raises(UserError, match=r"image_size=\[100,64\]: .*nearest are \[96,64\], "):
        doublings([100, 64])


@pytest.mark.parametrize(
    "wrong", ["64", [64], [1, 2, 3], [64, 0], -64, 64.0, [64, "a"], True, None]
)
def test_what_is_no_size_is_named(wrong: object) -> None:
    with pytest.raises(UserError, match=r"must be a whole number of pixels, or two"):
        sides(wrong)  # type: ignore[arg-type]


def test_a_square_is_one_number_however_it_is_given() -> None:
    assert plain([64, 64]) == plain(64) == 64
    assert plain((96, 64)) == [96, 64]
    assert (setting(64), setting([96, 64])) == ("64", "[96,64]")
    assert (in_words([64, 64]), in_words([96, 64])) == ("64", "96 x 64")
