"""Rows, table, CSV and picture of a sweep, from job records written by hand."""

import csv
import functools
import json
from pathlib import Path

import numpy as np
import pytest
from omegaconf import OmegaConf
from PIL import Image

from facade_gan.sweep.hydra_callback import Sweep, keep_apart
from facade_gan.sweep.job import Job
from facade_gan.sweep.picture import last_grid, sweep_picture
from facade_gan.sweep.rows import _short, collect
from facade_gan.sweep.summary import ranking, summarise

GREEN, RED = (0, 200, 0), (200, 0, 0)


def add(sweep: Path, name: str, job: Job, color: tuple[int, int, int] | None = None) -> None:
    folder = sweep / name
    (folder / "grids").mkdir(parents=True)
    job.save(folder)
    if job.value is not None:
        (folder / "summary.json").write_text(json.dumps({"metrics": {"kid": job.value, "fid": 9}}))
    if color is not None:
        Image.new("RGB", (400, 400), "black").save(folder / "grids" / "epoch_0001.png")
        Image.new("RGB", (400, 400), color).save(folder / "grids" / "epoch_0010.png")


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    """Four jobs: the second is the best, one was pruned and one failed."""
    add(tmp_path, "lr=1", Job("done", ["lr=1", "seed=0"], "kid", 0.5), RED)
    add(tmp_path, "lr=2", Job("done", ["lr=2", "seed=0"], "kid", 0.125), GREEN)
    add(tmp_path, "lr=3", Job("pruned", ["lr=3", "seed=0"], "kid", 0.01, "behind"))
    add(tmp_path, "lr=4", Job("failed", ["lr=4", "seed=0"], "kid", None, "ValueError: bad"))
    return tmp_path


def test_the_lowest_metric_is_first_and_only_finished_jobs_have_a_rank(sweep: Path) -> None:
    rows = collect(sweep)
    assert [row.folder.name for row in rows] == ["lr=2", "lr=1", "lr=3", "lr=4"]
    assert [row.rank for row in rows] == [1, 2, None, None]


def test_only_settings_in_which_the_jobs_differ_are_shown(sweep: Path) -> None:
    assert collect(sweep)[0].settings == {"lr": "2"}


def test_the_table_says_which_job_failed_and_why(sweep: Path) -> None:
    text = ranking(collect(sweep), "kid")
    assert "failed: lr=4: ValueError: bad" in text
    assert "pruned: lr=3: behind" in text
    assert "lr=1:" not in text  # nothing to explain


def test_the_csv_has_a_line_a_job_with_every_metric(sweep: Path) -> None:
    summarise(sweep)
    with (sweep / "sweep.csv").open() as file:
        lines = list(csv.DictReader(file))
    assert [line["rank"] for line in lines] == ["1", "2", "", ""]
    assert lines[0] | {"lr": "2", "value": "0.125", "fid": "9"} == lines[0]
    assert lines[3]["reason"] == "ValueError: bad"


def test_the_picture_has_the_last_grid_of_the_best_job_first(sweep: Path) -> None:
    picture = sweep_picture(collect(sweep), "kid")
    assert picture is not None
    pixels = np.asarray(picture)
    greens, reds = (np.argwhere((pixels == color).all(-1)) for color in (GREEN, RED))
    assert len(greens) == len(reds) == 400 * 400
    assert greens[:, 1].max() < reds[:, 1].min()  # the best to the left


def test_the_last_grid_is_that_of_the_highest_number(tmp_path: Path) -> None:
    (tmp_path / "grids").mkdir()
    for epoch, color in ((9995, RED), (10000, GREEN)):
        Image.new("RGB", (4, 4), color).save(tmp_path / "grids" / f"epoch_{epoch:04d}.png")
    picture = last_grid(tmp_path)
    assert picture is not None
    assert picture.getpixel((0, 0)) == GREEN


def test_many_jobs_fit_a_picture_of_bounded_width(tmp_path: Path) -> None:
    for i in range(30):
        add(tmp_path, f"lr={i}", Job("done", [f"lr={i}"], "kid", i / 100), GREEN)
    picture = sweep_picture(collect(tmp_path), "kid")
    assert picture is not None and picture.width <= 2500


def test_a_sweep_without_a_single_grid_has_no_picture(tmp_path: Path) -> None:
    add(tmp_path, "lr=1", Job("failed", ["lr=1"], "kid", None, "bad"))
    summarise(tmp_path)
    assert not (tmp_path / "sweep.png").exists()
    assert (tmp_path / "sweep.csv").exists()


def test_long_whole_numbers_keep_their_digits_and_long_fractions_four() -> None:
    assert [_short(v) for v in ("1000000001", "20261126_1", "0.00034617652930056514")] == [
        "1000000001",
        "20261126_1",
        "0.0003462",
    ]


def test_jobs_begun_under_other_settings_are_not_gone_on_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_apart(tmp_path, ["loss=hinge"], ["seed=0,1"])
    job = tmp_path / "seed=0"
    job.mkdir()
    Job("interrupted", ["loss=hinge", "seed=0"]).save(job)
    keep_apart(tmp_path, ["loss=bce"], ["seed=0,1"])  # nothing saved: it begins anew
    (job / "checkpoints").mkdir()
    (job / "checkpoints" / "last.ckpt").write_bytes(b"a state")
    with pytest.raises(SystemExit):
        keep_apart(tmp_path, ["loss=hinge"], ["seed=0,1"])
    assert "holds jobs of other settings (loss=bce, loss=hinge)" in capsys.readouterr().err


def test_what_can_not_be_summed_up_is_no_success(
    sweep: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (sweep / "sweep.csv").mkdir()  # as good as a full disk
    callback = Sweep({})
    callback.sum_up = functools.partial(summarise, sweep)
    with pytest.raises(SystemExit) as end:
        callback.on_multirun_end(OmegaConf.create({"hydra": {"sweep": {"dir": str(sweep)}}}))
    printed = capsys.readouterr()
    assert end.value.code == 2
    assert f"error: the sweep in {sweep} could not be summed up" in printed.err
    assert "bad" in printed.out  # the table
