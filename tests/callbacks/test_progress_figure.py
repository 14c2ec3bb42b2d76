from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facade_gan.callbacks.progress_figure import (
    ProgressFigure,
    choose,
    columns_of,
    progress_figure,
)
from facade_gan.film.grids import epoch_of


def grids(folder: Path, epochs: list[int]) -> list[Path]:
    """Write a plain grid for each epoch, its brightness the epoch."""
    paths = [folder / f"epoch_{epoch:04d}.png" for epoch in epochs]
    for epoch, path in zip(epochs, paths, strict=True):
        Image.new("RGB", (40, 40), (epoch, epoch, epoch)).save(path)
    return paths


@pytest.mark.parametrize(("count", "shown"), [(1, 1), (2, 2), (3, 3), (5, 4), (6, 6), (40, 6)])
def test_as_many_epochs_are_shown_as_fill_a_rectangle(
    tmp_path: Path, count: int, shown: int
) -> None:
    paths = grids(tmp_path, list(range(1, count + 1)))
    chosen = choose(paths, 6)
    assert len(set(chosen)) == len(chosen) == shown
    assert shown % columns_of(shown) == 0
    assert chosen == sorted(chosen)
    assert chosen[-1] == paths[-1]
    assert shown == 1 or chosen[0] == paths[0]


def test_epochs_that_look_the_same_are_shown_once(tmp_path: Path) -> None:
    for epoch, brightness in [(1, 10), (5, 11), (10, 11), (15, 10), (20, 90), (25, 91), (30, 200)]:
        Image.new("RGB", (40, 40), (brightness,) * 3).save(tmp_path / f"epoch_{epoch:04d}.png")
    chosen = choose(sorted(tmp_path.iterdir()), 3)
    assert [epoch_of(path) for path in chosen] in ([1, 20, 30], [1, 25, 30])


def test_the_figure_holds_each_grid_once_under_its_label(tmp_path: Path) -> None:
    paths = grids(tmp_path, [10, 50, 90, 130])
    figure = np.array(progress_figure(paths))
    for epoch in (10, 50, 90, 130):
        # Each grid is a whole square of its colour; labels are anti-aliased black on white.
        rows, columns = np.nonzero((figure == epoch).all(axis=-1))
        inside = figure[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        assert ((figure == epoch).all(axis=-1)).sum() >= 1600
        assert inside.shape[0] >= 40 and inside.shape[1] >= 40
        grid_top = np.nonzero((figure == epoch).all(axis=-1).sum(axis=1) >= 40)[0].min()
        label = figure[grid_top - 16 : grid_top, columns.min() : columns.max() + 1]
        assert label.min() < 100  # something is written above it
    assert figure.shape[1] < 3 * 40  # two rows of two
    assert figure.shape[0] >= 2 * 40


def test_training_ends_with_the_figure(tmp_path: Path) -> None:
    class FirstProcess:
        is_global_zero = True

    class OtherProcess:
        is_global_zero = False

    grids(tmp_path, [1, 5])
    path = tmp_path / "progress.png"
    figure = ProgressFigure(str(tmp_path), str(path), 6)
    figure.on_fit_end(OtherProcess(), None)  # type: ignore[arg-type]
    assert not path.exists()
    figure.on_fit_end(FirstProcess(), None)  # type: ignore[arg-type]
    assert Image.open(path).width >= 80
