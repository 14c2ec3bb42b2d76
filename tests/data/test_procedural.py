"""Sets of drawings: order, cache, workers."""

import logging
from typing import Any

import pytest
import torch
from conftest import TINY_DATA

from facade_gan.data import procedural
from facade_gan.data.procedural import ProceduralData, default_workers, draw_set
from facade_gan.errors import UserError


def test_a_set_is_one_tensor_with_a_name_for_each_drawing() -> None:
    drawn = draw_set(3, 32, seed=0)
    assert drawn.photos.shape == (3, 3, 32, 32)
    assert drawn.photos.dtype == torch.uint8
    assert drawn.photos.is_contiguous()
    assert drawn.names == ["procedural/000000", "procedural/000001", "procedural/000002"]
    assert drawn.left_out == []
    expected = torch.from_numpy(procedural.draw_facade(1, 32)).permute(2, 0, 1)
    assert torch.equal(drawn.photos[1], expected)


def test_the_number_of_workers_changes_no_pixel() -> None:
    alone = draw_set(40, 32, seed=5, workers=1)
    together = draw_set(40, 32, seed=5, workers=3)
    assert torch.equal(alone.photos, together.photos)


def test_a_longer_set_begins_with_the_shorter_one() -> None:
    assert torch.equal(draw_set(6, 32, seed=1).photos[:4], draw_set(4, 32, seed=1).photos)


def test_sets_of_two_seeds_share_no_drawing() -> None:
    a, b = draw_set(8, 32, seed=0), draw_set(8, 32, seed=1)
    distance = torch.cdist(a.photos.flatten(1).float(), b.photos.flatten(1).float())
    assert distance.min() > 0


def test_few_drawings_are_made_without_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(procedural.os, "cpu_count", lambda: 8)
    monkeypatch.setattr(procedural.os, "process_cpu_count", lambda: 8, raising=False)
    assert default_workers(10) == 1
    assert default_workers(3 * procedural.WORTH_A_WORKER) == 3
    assert default_workers(10_000) == 8


def test_drawings_come_from_the_cache_the_second_time(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ProceduralData(count=5, cache_dir=str(tmp_path), **TINY_DATA)
    first.prepare_data()

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("drawn again")

    monkeypatch.setattr(procedural, "draw_set", refuse)
    second = ProceduralData(count=5, cache_dir=str(tmp_path), **TINY_DATA)
    second.prepare_data()
    assert torch.equal(second.load().photos, first.load().photos)


@pytest.mark.parametrize(
    "change", [{"count": 6}, {"image_size": 48}, {"grammar": procedural.VERSION + 1}]
)
def test_another_set_or_grammar_never_reads_the_old_cache(
    tmp_path, monkeypatch: pytest.MonkeyPatch, change: dict[str, int]
) -> None:
    ProceduralData(count=5, cache_dir=str(tmp_path), **TINY_DATA).prepare_data()
    if "grammar" in change:
        monkeypatch.setattr(procedural, "VERSION", change.pop("grammar"))
    arguments = TINY_DATA | {"count": 5, "cache_dir": str(tmp_path)} | change
    ProceduralData(**arguments).prepare_data()
    assert len(list(tmp_path.glob("*.safetensors"))) == 2


def test_the_drawings_are_the_same_for_every_seed_of_a_run(tmp_path) -> None:
    sets = [
        ProceduralData(count=5, cache_dir=str(tmp_path / str(seed)), **TINY_DATA | {"seed": seed})
        for seed in (0, 1)
    ]
    assert torch.equal(sets[0].load().photos, sets[1].load().photos)


def test_setup_splits_the_drawings(tmp_path) -> None:
    data = ProceduralData(count=9, cache_dir=str(tmp_path), **TINY_DATA | {"holdout": 2})
    data.prepare_data()
    data.setup()
    assert len(data.train) == 7
    assert data.held_out is not None
    assert len(data.held_out) == 2


def test_a_count_that_is_no_count_is_named(tmp_path) -> None:
    with pytest.raises(UserError, match=r"data\.count=0"):
        ProceduralData(count=0, cache_dir=str(tmp_path), **TINY_DATA)


def test_without_a_terminal_a_line_says_that_facades_are_drawn(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    draw_set(3, 32, seed=0)
    assert caplog.messages == ["Drawing facades: 0 of 3"]
    assert "".join(capsys.readouterr()) == ""


def test_an_unwritable_cache_costs_the_drawing_not_the_run(
    tmp_path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with caplog.at_level(logging.WARNING):
        drawn = ProceduralData(count=2, cache_dir=str(blocked), **TINY_DATA).load()
    assert len(drawn) == 2
    assert "can't be written" in caplog.text
