"""Figures that the commands write: in a folder of photos, none is taken for one."""

from pathlib import Path

import pytest
import torch
from conftest import run_here
from PIL import Image

from facade_gan.benchmark.report import Row, plot
from facade_gan.callbacks.fixed_noise_grid import FixedNoiseGrid
from facade_gan.callbacks.progress_figure import ProgressFigure
from facade_gan.data.files.decode import decode
from facade_gan.data.files.fit import crop
from facade_gan.data.photoset import UnusablePhoto
from facade_gan.sampling import save_images
from facade_gan.sweep.job import Job
from facade_gan.sweep.summary import summarise


def must_be_a_figure(path: Path) -> None:
    with pytest.raises(UnusablePhoto, match="a figure of facade-gan, not a photo"):
        decode(path, 32, crop, rectify=False)


def test_a_grid_of_images_is_a_figure_and_single_images_are_photos(tmp_path: Path) -> None:
    images = torch.randint(0, 256, (4, 3, 32, 32), dtype=torch.uint8)
    for count, name in ((4, "grid.png"), (1, "one.png"), (4, "singly")):
        texts = {"seed": "7"}
        save_images(iter([images[:count]]), count, tmp_path / name, texts=texts)
    must_be_a_figure(tmp_path / "grid.png")
    for name in ("one.png", "singly/000000.png", "singly/000003.png"):
        decode(tmp_path / name, 32, crop, rectify=False)
    with Image.open(tmp_path / "grid.png") as grid:
        assert grid.info["seed"] == "7"


def test_what_directions_and_project_write_are_figures(tmp_path: Path) -> None:
    run_here("directions", f"out={tmp_path}/directions.png")
    must_be_a_figure(tmp_path / "directions.png")
    Image.effect_noise((64, 64), 90).convert("RGB").save(tmp_path / "photo.png")
    quick = ("own=1", "candidates=2", "starts=1", "steps=1")
    run_here("project", f"photo={tmp_path}/photo.png", f"out={tmp_path}/out", *quick)
    must_be_a_figure(tmp_path / "out" / "projection.png")


def test_what_a_run_writes_are_figures_also_outside_of_its_folder(tmp_path: Path) -> None:
    picture = torch.zeros(3, 64, 64, dtype=torch.uint8)
    first = tmp_path / "epoch_0001.png"
    FixedNoiseGrid(str(tmp_path), 1, 0).write(picture, first, "fixed_noise", 1, [])
    must_be_a_figure(first)

    class FirstProcess:
        is_global_zero = True

    figure = ProgressFigure(str(tmp_path), str(tmp_path / "progress.png"), 6)
    figure.on_fit_end(FirstProcess(), None)  # type: ignore[arg-type]
    must_be_a_figure(tmp_path / "progress.png")


def test_the_picture_of_a_sweep_is_a_figure(tmp_path: Path) -> None:
    (tmp_path / "lr=1" / "grids").mkdir(parents=True)
    Job("done", ["lr=1"], "kid", 0.5).save(tmp_path / "lr=1")
    Image.new("RGB", (400, 400)).save(tmp_path / "lr=1" / "grids" / "epoch_0001.png")
    summarise(tmp_path)
    must_be_a_figure(tmp_path / "sweep.png")


def test_the_plots_of_a_search_are_figures(tmp_path: Path) -> None:
    optuna = pytest.importorskip("optuna", reason="the extra sweep is not installed")
    from facade_gan.sweep.study import draw

    study = optuna.create_study()
    study.optimize(lambda trial: trial.suggest_float("lr", 0, 1), n_trials=4)
    draw(study, tmp_path, "kid")
    must_be_a_figure(tmp_path / "history.png")
    must_be_a_figure(tmp_path / "importance.png")


def test_the_plot_of_a_benchmark_is_a_figure(tmp_path: Path) -> None:
    plot(
        [Row("best", 64, 16, "eager", 100.0, 10.0, 1.0, 0.5, 100.0)],
        "a CPU",
        tmp_path / "benchmark.png",
    )
    must_be_a_figure(tmp_path / "benchmark.png")
