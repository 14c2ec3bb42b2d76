from types import SimpleNamespace

import pytest
import torch
from conftest import RandomPhotos
from lightning.pytorch import LightningModule, Trainer
from torch import Tensor

from facade_gan.data.module import first, fits_in_memory, split
from facade_gan.data.photoset import PhotoSet
from facade_gan.errors import UserError


def photoset(count: int) -> PhotoSet:
    photos = torch.arange(count, dtype=torch.uint8).view(-1, 1, 1, 1).expand(-1, 3, 2, 2)
    # Names in an order of their own, as a listing need not be sorted.
    return PhotoSet(photos.contiguous(), [f"{(i * 7) % count:02d}" for i in range(count)])


def test_held_out_photos_and_training_photos_are_all_of_them_and_share_none() -> None:
    train, held_out = split(photoset(20), 6)
    assert held_out is not None
    assert len(train) == 14 and len(held_out) == 6
    assert sorted(train.names + held_out.names) == sorted(photoset(20).names)
    for part in (train, held_out):  # names still belong to their photos
        assert all(
            int(name) == int(photo[0, 0, 0]) * 7 % 20
            for name, photo in zip(part.names, part.photos, strict=True)
        )


def test_the_split_is_the_same_for_every_seed_of_a_run() -> None:
    held_out = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        data = RandomPhotos(20, seed=seed, holdout=5)
        data.setup()
        assert data.held_out is not None
        held_out.append(data.held_out.names)
    assert held_out[0] == held_out[1]


def test_no_holdout_keeps_all_photos() -> None:
    train, held_out = split(photoset(5), 0)
    assert len(train) == 5 and held_out is None


@pytest.mark.parametrize("holdout", [5, 6])
def test_holding_out_everything_is_refused(holdout: int) -> None:
    with pytest.raises(UserError, match=f"data.holdout={holdout}"):
        split(photoset(5), holdout)


def test_limit_keeps_the_first_photos_by_name() -> None:
    kept = first(photoset(20), 5)
    assert sorted(kept.names) == ["00", "01", "02", "03", "04"]
    assert first(photoset(20), None).names == photoset(20).names
    assert len(first(photoset(3), 100)) == 3


def test_fewer_samples_than_a_batch_are_refused_with_a_batch_size_that_works() -> None:
    with pytest.raises(UserError, match=r"batch_size=1$"):
        RandomPhotos(3, batch_size=4).setup()
    RandomPhotos(3, batch_size=4, mirror=True).setup()  # 6 samples


def test_an_epoch_counts_mirror_images() -> None:
    for mirror, samples in ((False, 9), (True, 18)):
        data = RandomPhotos(9, mirror=mirror)
        data.setup()
        assert data.samples == samples


class Collector(LightningModule):
    """Keeps the blocks it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.blocks: list[Tensor] = []

    def training_step(self, block: Tensor, batch_idx: int) -> None:
        self.blocks.append(block.clone())

    def configure_optimizers(self) -> None:
        return None


def served(data: RandomPhotos, epochs: int) -> list[Tensor]:
    module = Collector()
    Trainer(
        accelerator="cpu",
        max_epochs=epochs,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    ).fit(module, datamodule=data)
    return module.blocks


def test_through_the_trainer_each_epoch_shows_each_photo_and_its_mirror_image_once() -> None:
    data = RandomPhotos(9, mirror=True, steps_per_call=2)
    blocks = served(data, epochs=2)

    assert [len(block) for block in blocks] == [8, 8, 2] * 2
    photos = data.train.photos
    expected = torch.cat([photos, photos.flip(-1)]).flatten(1).unique(dim=0)
    for half in (blocks[:3], blocks[3:]):
        assert torch.equal(torch.cat(half).flatten(1).unique(dim=0), expected)
    assert not torch.equal(torch.cat(blocks[:3]), torch.cat(blocks[3:]))


def test_photos_too_large_for_the_device_come_from_the_host_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resident = served(RandomPhotos(9, mirror=True, steps_per_call=2), epochs=2)
    monkeypatch.setattr("facade_gan.data.module.fits_in_memory", lambda *_: False)
    data = RandomPhotos(9, mirror=True, steps_per_call=2)
    streamed = served(data, epochs=2)
    assert data.resident is None
    assert all(torch.equal(a, b) for a, b in zip(streamed, resident, strict=True))


def test_fits_compares_with_the_share_of_free_gpu_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (1000, 5000))
    photos = torch.zeros(500, dtype=torch.uint8)
    assert fits_in_memory(photos, torch.device("cuda"), 0.5)
    assert not fits_in_memory(photos, torch.device("cuda"), 0.49)
    assert fits_in_memory(photos, torch.device("cpu"), 0.0)


def test_a_batch_for_every_device_is_asked_for() -> None:
    data = RandomPhotos(12, batch_size=4)
    data.trainer = SimpleNamespace(world_size=4)  # type: ignore[assignment]
    with pytest.raises(UserError, match=r"12 photos are .* 4 on each of 4 devices.*batch_size=1"):
        data.setup()
    data.trainer.world_size = 3
    data.setup()
    assert data.samples == 12
