from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import TINY, RandomPhotos
from hydra.utils import instantiate
from lightning.pytorch import Trainer, seed_everything
from lightning.pytorch.loggers import TensorBoardLogger
from omegaconf import DictConfig
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from facade_gan.callbacks.background import Background
from facade_gan.callbacks.fixed_noise_grid import FixedNoiseGrid
from facade_gan.gan import GAN
from facade_gan.sampling import grid, to_uint8


def train(cfg: DictConfig, folder: Path, epochs: int, every: int | None) -> GAN:
    seed_everything(0, verbose=False)
    gan = instantiate(cfg.gan, _convert_="all")
    grids = [FixedNoiseGrid(str(folder / "grids"), every, seconds_between=0)] if every else []
    Trainer(
        accelerator="cpu",
        max_epochs=epochs,
        callbacks=[Background(), *grids],
        logger=TensorBoardLogger(folder, name="", version="tb"),
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    ).fit(gan, datamodule=RandomPhotos(8))
    return gan


def test_grids_come_after_the_first_epoch_every_few_and_the_last(
    composed: Callable[..., DictConfig], tmp_path: Path
) -> None:
    gan = train(composed(*TINY), tmp_path, epochs=8, every=3)

    names = sorted(path.name for path in (tmp_path / "grids").iterdir())
    assert names == [*(f"epoch_{e:04d}.png" for e in (1, 3, 6, 8)), "photos.png"]

    events = EventAccumulator(str(tmp_path / "tb"), size_guidance={"images": 0}).Reload()
    shown = events.Images("fixed_noise")
    assert [event.step for event in shown] == [2, 6, 12, 16]  # two steps an epoch
    last = torch.from_numpy(np.array(Image.open(tmp_path / "grids" / "epoch_0008.png")))
    with torch.no_grad():
        images = to_uint8(gan.ema.average(gan.fixed_noise))
    assert torch.equal(last.permute(2, 0, 1), grid(images, columns=8))


def test_grids_change_no_weight(composed: Callable[..., DictConfig], tmp_path: Path) -> None:
    often = train(composed(*TINY), tmp_path / "a", epochs=4, every=1)
    never = train(composed(*TINY), tmp_path / "b", epochs=4, every=None)
    for a, b in zip(often.state_dict().values(), never.state_dict().values(), strict=True):
        assert torch.equal(a, b)


def test_photos_as_the_networks_see_them_stand_beside_the_first_grid(
    composed: Callable[..., DictConfig], tmp_path: Path
) -> None:
    gan = train(composed(*TINY), tmp_path, epochs=3, every=1)
    data = gan.trainer.datamodule
    shown = np.array(Image.open(tmp_path / "grids" / "photos.png"))
    assert torch.equal(torch.from_numpy(shown).permute(2, 0, 1), grid(data.train.photos, columns=8))
    events = EventAccumulator(str(tmp_path / "tb"), size_guidance={"images": 0}).Reload()
    assert [event.step for event in events.Images("photos")] == [2]  # that of the first grid
    assert torch.equal(data.examples(3), data.train.photos[[0, 3, 7]])  # from the whole set


def test_a_grid_that_cannot_be_written_is_said_and_ends_no_training(
    composed: Callable[..., DictConfig], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "grids").write_text("a file where the folder should be")
    gan = train(composed(*TINY), tmp_path, epochs=2, every=1)
    assert gan.trainer.global_step == 4
    assert caplog.text.count("not written") == 3  # with the photos beside the first
    assert "epoch_0002.png" in caplog.text


@pytest.mark.parametrize(("count", "columns"), [(5, 2), (8, 8), (10, 8), (16, 4)])
def test_images_lie_in_rows_with_two_white_pixels_around_each(count: int, columns: int) -> None:
    images = torch.randint(0, 200, (count, 3, 6, 10), dtype=torch.uint8)
    picture = grid(images, columns)
    assert picture.shape == (3, -(-count // columns) * 8 + 2, min(count, columns) * 12 + 2)
    for i, image in enumerate(images):
        top, left = i // columns * 8 + 2, i % columns * 12 + 2
        cell = picture[:, top : top + 6, left : left + 10]
        assert torch.equal(cell, image)
        cell.fill_(255)
    assert (picture == 255).all()
