"""The page's address: settings come back from it, and what can't be used is said."""

import pytest

from facade_gan.explore_page.settings import Limits, Settings, Wall

LIMITS = Limits(("base map", "map 1"), {"sefa": 100, "pca": 3}, 6.0)


@pytest.mark.parametrize(
    ("settings", "wall"),
    [
        (Settings(), Wall()),
        (
            Settings(17, 4, 0.35, "map 1", 0.8, "sefa", (0, 0, -2.5, 0, 0, 0, 0, 6)),
            Wall(80, "half"),
        ),
        (
            Settings(2**32 - 1, 0, 1.0, method="pca", steps=(1, 0, 0, 0, 0, 0, 0, 0)),
            Wall(3, "best"),
        ),
    ],
)
def test_settings_come_back_from_the_address(settings: Settings, wall: Wall) -> None:
    assert LIMITS.read(settings.query() | wall.query()) == (settings, wall, [])


@pytest.mark.parametrize(
    "wrong",
    [
        {"a": "abc"},
        {"a": "-1"},
        {"b": "4294967296"},
        {"a": "1.5"},
        {"share": "nan"},
        {"share": "2"},
        {"variety": "0"},
        {"mix": "map 7"},
        {"method": "pca", "d4": "1"},
        {"d3": "99"},
        {"d3": "x" * 1000},
        {"d0": "1"},
        {"d02": "1"},
        {"d²": "1"},
        {"order": "size"},
    ],
)
def test_a_wrong_part_is_named_and_left_out_alone(wrong: dict[str, str]) -> None:
    settings, wall, complaints = LIMITS.read({"b": "7", "first": "40"} | wrong)
    assert len(complaints) == 1
    assert complaints[0].startswith(f"{list(wrong)[-1]}=")
    assert len(complaints[0]) < 120
    assert settings.b == (7 if "b" not in wrong else 1)
    assert wall.first == 40


@pytest.mark.parametrize("wrong", [{"a": "1" * 5000}, {"d" + "1" * 5000: "1"}])
def test_more_digits_than_python_reads_are_left_out_as_well(wrong: dict[str, str]) -> None:
    settings, _, complaints = LIMITS.read({"b": "7"} | wrong)
    assert settings == Settings(b=7)
    assert len(complaints) == 1 and len(complaints[0]) < 120


def test_what_belongs_to_gradio_is_no_setting() -> None:
    assert LIMITS.read({"__theme": "dark"})[2] == []
