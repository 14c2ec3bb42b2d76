from functools import partial

import pytest
import torch
from lightning.pytorch import Trainer, seed_everything
from lightning.pytorch.loggers.logger import DummyLogger
from PIL import Image

from facade_gan.callbacks.background import Background
from facade_gan.callbacks.checkpointing import Checkpoints
from facade_gan.callbacks.metrics import Metrics
from facade_gan.checkpoints.write import AtomicCheckpointIO
from facade_gan.compute.execution import Eager
from facade_gan.data.module import FacadeData
from facade_gan.data.photoset import PhotoSet
from facade_gan.errors import UserError
from facade_gan.figures import FIGURE
from facade_gan.gan import GAN
from facade_gan.losses import BCE
from facade_gan.metrics.features import Extractor
from facade_gan.networks import DCGANDiscriminator, DCGANGenerator


class MeanColour(Extractor):
    name = "mean-colour"

    def forward(self, images):
        pixels = images.float().flatten(2) / 255
        return torch.cat([pixels.mean(2), pixels.std(2)], 1)


class RandomPhotos(FacadeData):
    def load(self):
        generator = torch.Generator().manual_seed(0)
        photos = torch.randint(0, 256, (20, 3, 32, 32), generator=generator, dtype=torch.uint8)
        return PhotoSet(photos, [f"{i:02}" for i in range(20)])


class Kept(DummyLogger):
    """Keeps what is logged."""

    def __init__(self):
        super().__init__()
        self.logged = []

    def log_metrics(self, metrics, step=None):
        self.logged.append((step, metrics))


def train(folder, *callbacks, epochs=2, holdout=4, logger=False, **trainer):
    seed_everything(0)
    adam = partial(torch.optim.Adam, lr=1e-3)
    gan = GAN(
        generator=DCGANGenerator(32, 4, 4),
        discriminator=DCGANDiscriminator(32, 4, norm="batch", spectral=None),
        loss=BCE(),
        augment=torch.nn.Identity(),
        discriminator_optimizer=adam,
        generator_optimizer=adam,
        ema_decay=0.5,
        batch_size=8,
        fixed_noises=4,
        compute=Eager(channels_last=False, tf32=False, benchmark=False),
    )
    data = RandomPhotos(
        image_size=32,
        batch_size=8,
        mirror=False,
        holdout=holdout,
        limit=None,
        seed=0,
        memory_share=0.5,
        steps_per_call=1,
    )
    settings = {"enable_checkpointing": False, "max_epochs": epochs, **trainer}
    runner = Trainer(
        default_root_dir=folder,
        accelerator="cpu",
        logger=logger,
        plugins=[AtomicCheckpointIO()],
        callbacks=list(callbacks),
        enable_progress_bar=False,
        enable_model_summary=False,
        **settings,
    )
    runner.fit(gan, datamodule=data)
    return runner, gan


def metrics(folder, every_n_epochs=1, extractor=MeanColour):
    return Metrics(
        extractor=extractor,
        every_n_epochs=every_n_epochs,
        seconds_between=0,
        fakes=10,
        seed=0,
        cache_dir=str(folder / "cache"),
        neighbours=str(folder / "neighbours.png"),
    )


def test_training_is_bit_identical_with_and_without_metrics(tmp_path):
    _, without = train(tmp_path)
    _, measured = train(tmp_path, metrics(tmp_path))
    for name, tensor in without.state_dict().items():
        assert torch.equal(tensor, measured.state_dict()[name]), name


def test_loggers_are_told_features_split_and_counts_at_the_step(tmp_path):
    logger = Kept()
    train(tmp_path, metrics(tmp_path), logger=logger)
    measured = [(step, sorted(m)) for step, m in logger.logged if any("kid" in tag for tag in m)]
    tags = [
        "fid",
        "fid/held_out_4_photos_10_fakes_mean-colour",
        "fid/train_16_photos_10_fakes_mean-colour",
        "kid",
        "kid/held_out_4_photos_10_fakes_mean-colour",
        "kid/train_16_photos_10_fakes_mean-colour",
    ]
    assert measured == [(2, tags), (4, tags)]  # 16 photos in batches of 8: 2 steps an epoch


@pytest.mark.parametrize(("epochs", "every", "at"), [(5, 2, [4, 8, 10]), (2, 10, [4])])
def test_it_measures_every_n_epochs_and_at_the_end(tmp_path, epochs, every, at):
    logger = Kept()
    train(tmp_path, metrics(tmp_path, every), epochs=epochs, logger=logger)
    assert [step for step, m in logger.logged if any("kid" in tag for tag in m)] == at


def test_a_run_that_ends_inside_an_epoch_is_measured_at_its_end(tmp_path):
    logger = Kept()
    train(tmp_path, metrics(tmp_path, 10), epochs=9, max_steps=3, logger=logger)
    assert [step for step, m in logger.logged if any("kid" in tag for tag in m)] == [3]


def test_the_checkpoint_of_the_lowest_kid_is_kept(tmp_path):
    logger = Kept()
    keep = Checkpoints(
        str(tmp_path),
        every_n_epochs=9,
        seconds_between=0,
        every_n_minutes=9,
        monitor="kid",
        keep=None,
    )
    train(
        tmp_path,
        Background(),
        keep,
        metrics(tmp_path),
        epochs=4,
        logger=logger,
        enable_checkpointing=True,
    )
    tag = "kid/held_out_4_photos_10_fakes_mean-colour"
    kids = {step: m[tag] for step, m in logger.logged if tag in m}
    assert len(kids) == 4
    assert torch.load(keep.best, weights_only=True)["global_step"] == min(kids, key=kids.get)
    assert keep.best_score == pytest.approx(min(kids.values()))


def test_without_held_out_photos_the_best_is_judged_on_the_training_photos(tmp_path):
    runner, _ = train(tmp_path, metrics(tmp_path), holdout=0)
    found = runner.callback_metrics
    assert found["kid"] == found["kid_train"]
    assert "kid_held_out" not in found


def test_the_run_leaves_a_figure_of_the_closest_photos(tmp_path):
    train(tmp_path, metrics(tmp_path, 10))
    assert (tmp_path / "neighbours.png").stat().st_size > 10_000
    with Image.open(tmp_path / "neighbours.png") as figure:
        assert FIGURE.items() <= figure.info.items()


def test_features_that_cannot_be_had_end_the_run_before_its_first_step(tmp_path):
    def offline():
        raise UserError("no weights")

    logger = Kept()
    with pytest.raises(UserError, match="no weights"):
        train(tmp_path, metrics(tmp_path, extractor=offline), logger=logger)
    assert not logger.logged
