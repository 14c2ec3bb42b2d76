"""``experiment=book`` is the chapter's DCGAN: the same numbers as its loop, written out here."""

from collections.abc import Callable
from pathlib import Path

import torch
from conftest import RandomPhotos
from hydra.utils import instantiate
from lightning.pytorch import Callback, Trainer, seed_everything
from omegaconf import DictConfig
from torch import Tensor, nn

from facade_gan.gan import GAN

BATCH = 128
STEPS = 2
SEED = 3


def test_two_steps_equal_the_chapters_loop(
    composed: Callable[..., DictConfig], tmp_path: Path
) -> None:
    photos, order, gan, logged = project(composed, tmp_path)
    batches = photos[order].float().div(255).sub(0.5).div(0.5).split(BATCH)

    generator, discriminator, fixed_noise, expected = chapter(batches)

    torch.testing.assert_close(gan.fixed_noise, fixed_noise, rtol=0, atol=0)
    torch.testing.assert_close(torch.tensor(logged), torch.tensor(expected), rtol=0, atol=1e-6)
    assert_same_weights(gan.generator, generator)
    assert_same_weights(gan.discriminator, discriminator)
    for ours, theirs in zip(gan.ema.average.parameters(), generator.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-6)  # the chapter averages nothing


def project(
    composed: Callable[..., DictConfig], folder: Path
) -> tuple[Tensor, Tensor, GAN, list[list[float]]]:
    """Train two steps as ``python train.py experiment=book`` does; photos, order, GAN, scalars."""
    cfg = composed(
        "experiment=book",
        f"seed={SEED}",
        "trainer.accelerator=cpu",
        "trainer.max_epochs=1",
        "trainer.log_every_n_steps=1",
        f"trainer.default_root_dir={folder}",
    )
    seed_everything(cfg.seed, verbose=False)
    data = RandomPhotos(
        STEPS * BATCH, image_size=cfg.image_size, batch_size=cfg.batch_size, mirror=cfg.data.mirror
    )
    gan = instantiate(cfg.gan, _convert_="all")
    recorder = Recorder()
    quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
    trainer = instantiate(
        cfg.trainer, callbacks=[recorder], enable_model_summary=False, **quiet, _convert_="all"
    )
    trainer.fit(gan, datamodule=data)
    assert trainer.global_step == STEPS
    return data.train.photos, data.train_dataloader().order(0), gan, recorder.rows


class Recorder(Callback):
    """Keeps what was logged after each step."""

    NAMES = ("loss/discriminator", "loss/generator", "D(x)", "D(G(z))/before", "D(G(z))/after")

    def __init__(self) -> None:
        self.rows: list[list[float]] = []

    def on_train_batch_end(self, trainer: Trainer, *_: object) -> None:
        self.rows.append([float(trainer.callback_metrics[name]) for name in self.NAMES])


def assert_same_weights(ours: nn.Module, theirs: nn.Module) -> None:
    """Compare all weights and running statistics in their order; the names may differ."""
    pairs = zip(ours.state_dict().values(), theirs.state_dict().values(), strict=True)
    for a, b in pairs:
        if a.is_floating_point():  # not the batch norms' counters, which nothing reads
            torch.testing.assert_close(a, b, rtol=0, atol=1e-6)


# ---------------------------------------------------------------------- the chapter, written out


def chapter(
    batches: tuple[Tensor, ...],
) -> tuple[nn.Module, nn.Module, Tensor, list[list[float]]]:
    """The chapter's training loop in plain PyTorch: G, D, fixed noise and each step's scalars."""
    torch.manual_seed(SEED)
    net_g = Generator()
    net_g.apply(weights_init)
    net_d = Discriminator()
    net_d.apply(weights_init)
    fixed_noise = torch.randn(64, 100, 1, 1)
    criterion = nn.BCEWithLogitsLoss()
    optimizer_d = torch.optim.Adam(net_d.parameters(), lr=0.0002, betas=(0.5, 0.999))
    optimizer_g = torch.optim.Adam(net_g.parameters(), lr=0.0002, betas=(0.5, 0.999))
    rows = []
    for real in batches:
        net_d.zero_grad()
        output_real = net_d(real).view(BATCH)
        loss_real = criterion(output_real, torch.ones(BATCH))
        loss_real.backward()
        noise = torch.randn(BATCH, 100, 1, 1)
        fake = net_g(noise)
        output_fake = net_d(fake.detach()).view(BATCH)
        loss_fake = criterion(output_fake, torch.zeros(BATCH))
        loss_fake.backward()
        optimizer_d.step()

        net_g.zero_grad()
        output = net_d(fake).view(BATCH)
        loss_g = criterion(output, torch.ones(BATCH))
        loss_g.backward()
        optimizer_g.step()

        scores = [o.sigmoid().mean().item() for o in (output_real, output_fake, output)]
        rows.append([(loss_real + loss_fake).item(), loss_g.item(), *scores])
    return net_g, net_d, fixed_noise, rows


class Generator(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(100, 512, 4, 1, 0, bias=False),
            nn.BatchNorm2d(512),
            nn.ReLU(),
            nn.ConvTranspose2d(512, 256, 4, 2, 1, bias=False),
            nn.BatchNorm2d(256),
            nn.ReLU(),
            nn.ConvTranspose2d(256, 128, 4, 2, 1, bias=False),
            nn.BatchNorm2d(128),
            nn.ReLU(),
            nn.ConvTranspose2d(128, 64, 4, 2, 1, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(),
            nn.ConvTranspose2d(64, 3, 4, 2, 1, bias=False),
            nn.Tanh(),
        )

    def forward(self, z: Tensor) -> Tensor:
        return self.main(z)


class Discriminator(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(3, 64, 4, 2, 1, bias=False),
            nn.LeakyReLU(0.2),
            nn.Conv2d(64, 128, 4, 2, 1, bias=False),
            nn.BatchNorm2d(128),
            nn.LeakyReLU(0.2),
            nn.Conv2d(128, 256, 4, 2, 1, bias=False),
            nn.BatchNorm2d(256),
            nn.LeakyReLU(0.2),
            nn.Conv2d(256, 512, 4, 2, 1, bias=False),
            nn.BatchNorm2d(512),
            nn.LeakyReLU(0.2),
            nn.Conv2d(512, 1, 4, 1, 0, bias=False),
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.main(images)


def weights_init(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)
