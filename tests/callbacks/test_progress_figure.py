from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facade_gan.callbacks.progress_figure import ProgressFigure, epoch_of, progress_figure, spread


def grids(folder: Path, epochs: list[int]) -> list[Path]:
    """Write a plain grid for each epoch, its brightness the epoch."""
    paths = [folder / f"epoch_{epoch:04d}.png" for epoch in epochs]
    for epoch, path in zip(epochs, paths, strict=True):
        Image.new("RGB", (40, 40), (epoch, epoch, epoch)).save(path)
    return paths


@pytest.mark.parametrize("last", [7, 30, 100, 1000])
def test_about_six_epochs_are_shown_from_first_to_last(last: int) -> None:
    epochs = sorted({1, *range(5, last, 5), last})
    chosen = [epoch_of(p) for p in spread([Path(f"epoch_{e:04d}.png") for e in epochs], 6)]
    assert chosen[0] == 1 and chosen[-1] == last
    assert chosen == sorted(set(chosen))
    assert len(chosen) <= 6
    assert len(chosen) >= min(len(epochs), 4)


def test_few_grids_are_all_shown() -> None:
    paths = [Path(f"epoch_{e:04d}.png") for e in (1, 2, 3)]
    assert spread(paths, 6) == paths


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
    assert figure.shape[1] >= 3 * 40  # three a row


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
