"""What the drawings must be, whatever they show."""

import hashlib
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from facade_gan.shape_grammar.facade import draw_facade
from facade_gan.shape_grammar.house_types import HOUSE_TYPES
from facade_gan.shape_grammar.painting.canvas import Canvas
from facade_gan.shape_grammar.rules import draw_building


@pytest.fixture(scope="module")
def drawings() -> np.ndarray:
    return np.stack([draw_facade(seed, 64) for seed in range(150)])


@given(seed=st.integers(0, 2**70), size=st.integers(32, 160))
@settings(max_examples=25, deadline=None)
def test_any_seed_and_size_gives_an_rgb_square(seed: int, size: int) -> None:
    drawing = draw_facade(seed, size)
    assert drawing.dtype == np.uint8
    assert drawing.shape == (size, size, 3)
    assert drawing.flags.c_contiguous


def test_a_seed_gives_the_same_bytes_whatever_was_drawn_before() -> None:
    first = draw_facade(7, 64)
    draw_facade(8, 96)
    np.random.default_rng(3)
    assert np.array_equal(draw_facade(7, 64), first)


def test_no_two_seeds_look_alike(drawings: np.ndarray) -> None:
    flat = drawings.reshape(len(drawings), -1).astype(np.float32) / 255
    squared = (flat**2).sum(1)
    distance = squared[:, None] + squared[None, :] - 2 * flat @ flat.T
    np.fill_diagonal(distance, np.inf)
    rms = np.sqrt(distance.min(1) / flat.shape[1])
    assert rms.min() > 0.08
    assert len({hashlib.sha256(d.tobytes()).digest() for d in drawings}) == len(drawings)


def test_brightness_contrast_and_colour_spread_as_in_daylight_photos(drawings: np.ndarray) -> None:
    grey = drawings.mean(axis=3) / 255
    saturation = np.ptp(drawings.astype(np.float32), axis=3) / (drawings.max(axis=3) + 1.0)
    assert 0.38 < np.median(grey.mean((1, 2))) < 0.54
    assert grey.mean((1, 2)).std() > 0.03
    assert 0.12 < np.median(grey.std((1, 2))) < 0.25
    assert 0.08 < np.median(saturation.mean((1, 2))) < 0.3


@pytest.mark.parametrize("seed", range(4))
def test_one_seed_shows_the_same_house_at_every_size(seed: int) -> None:
    small = draw_facade(seed, 64).astype(np.float32)
    large = Image.fromarray(draw_facade(seed, 256)).resize((64, 64), Image.Resampling.BOX)
    other = draw_facade(seed + 100, 64).astype(np.float32)
    difference = np.abs(small - np.asarray(large, dtype=np.float32)).mean()
    assert difference < 0.35 * np.abs(small - other).mean()


def test_edges_are_antialiased() -> None:
    """Between a pane and its wall lie tones of both, so a drawing has far more than a few."""
    for seed in range(5):
        tones = np.unique(draw_facade(seed, 64).reshape(-1, 3), axis=0)
        assert len(tones) > 1500


def test_a_box_thinner_than_a_pixel_weighs_what_it_covers() -> None:
    canvas = Canvas(pixels=(100, 100), left=0, bottom=0, height=100)
    canvas.box(10, 0, 10.25, 100, (255, 255, 255))
    column = np.asarray(canvas.image)[:, 10, 0]
    assert np.all(np.abs(column.astype(int) - 64) <= 2)


def test_a_box_lands_where_its_metres_say() -> None:
    canvas = Canvas(pixels=(100, 100), left=-5, bottom=-1, height=10)
    canvas.box(-1, 0, 1, 3, (9, 9, 9))
    painted = np.argwhere(np.asarray(canvas.image)[..., 0] == 9)
    assert painted.min(0).tolist() == [60, 40]  # row of the top edge, column of the left edge
    assert painted.max(0).tolist() == [89, 59]


@pytest.mark.parametrize("style", HOUSE_TYPES, ids=lambda style: style.name)
def test_plans_keep_to_their_style_and_their_openings_inside_the_house(style) -> None:
    for seed in range(30):
        house = draw_building(Random(seed), style)
        assert style.storeys[0] <= len(house.storeys) <= style.storeys[1]
        assert style.bays[0] <= len(house.bays) <= style.bays[1]
        assert len(house.entries) == len(house.bays)
        assert house.width >= sum(bay.width for bay in house.bays)
        for low, high in zip(house.storeys, house.storeys[1:], strict=False):
            assert low.floor + low.height == pytest.approx(high.floor)
        for storey in house.storeys:
            for window in (storey.window, storey.accent):
                assert window.sill > 0
                assert window.sill + window.height < storey.height
            for bay in house.bays:
                half = storey.window_of(bay).width / 2
                assert house.left <= bay.x - half
                assert bay.x + half <= house.right


def test_a_moved_house_is_the_same_house_elsewhere() -> None:
    house = draw_building(Random(4))
    moved = house.moved(12.5)
    assert moved.left == house.left + 12.5
    assert moved.right == pytest.approx(house.right + 12.5)
    steps = [b.x - a.x for a, b in zip(house.bays, moved.bays, strict=True)]
    assert steps == pytest.approx([12.5] * len(house.bays))
    assert moved.storeys == house.storeys


def test_streets_hold_all_house_types() -> None:
    r = Random(0)
    seen = {draw_building(r).style.name for _ in range(400)}
    assert seen == {style.name for style in HOUSE_TYPES}


@given(seed=st.integers(0, 2**70), height=st.integers(32, 96), width=st.integers(32, 96))
@settings(max_examples=10, deadline=None)
def test_any_shape_is_drawn(seed: int, height: int, width: int) -> None:
    drawing = draw_facade(seed, height, width)
    assert drawing.dtype == np.uint8
    assert drawing.shape == (height, width, 3)


# Of the same drawings on an EPYC with AVX-512 and on one without.
AS_BEFORE = ("01671a5d9016cd2a82ec693b", "bcf286822ca4cbd2724deaf6")


def test_squares_are_drawn_as_before_other_shapes_came() -> None:
    digest = hashlib.sha256()
    for seed in range(200):
        digest.update(draw_facade(seed, 32).tobytes())
    assert digest.hexdigest().startswith(AS_BEFORE)


def test_a_tall_view_shows_less_of_the_street_and_a_metre_is_as_long_both_ways() -> None:
    tall = Canvas(pixels=(96, 64), left=0, bottom=0, height=12)
    assert (tall.width, tall.right, tall.top) == (8, 8, 12)
    assert tall.pixel(1, 11) == (8, 8)
