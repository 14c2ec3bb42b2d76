"""Several devices, as processes on this machine's CPU."""

import multiprocessing
import os
import resource
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from lightning.pytorch import Callback, Trainer, seed_everything
from torch import distributed, nn

from facade_gan.augment import DiffAugment, NoAugment
from facade_gan.callbacks.background import Background
from facade_gan.callbacks.checkpointing import Checkpoints
from facade_gan.checkpoints.write import AtomicCheckpointIO
from facade_gan.compute.execution import Eager
from facade_gan.data.batches import SampleBlocks
from facade_gan.data.module import FacadeData
from facade_gan.data.photoset import PhotoSet
from facade_gan.distributed.collectives import BatchNormSync, SyncBatchNorm, average_gradients
from facade_gan.distributed.strategy import Replicas
from facade_gan.errors import UserError
from facade_gan.gan import GAN
from facade_gan.losses import BCE
from facade_gan.networks import DCGANDiscriminator, DCGANGenerator

PHOTOS, BATCH, LATENT = 20, 8, 6  # of all devices together; an epoch ends in half a batch


class Drawn(FacadeData):
    """Photos of noise."""

    def load(self) -> PhotoSet:
        generator = torch.Generator().manual_seed(1)
        photos = torch.randint(0, 256, (PHOTOS, 3, 32, 32), dtype=torch.uint8, generator=generator)
        return PhotoSet(photos, [f"{i}" for i in range(PHOTOS)])


class Recorded(GAN):
    """Keeps the scalars of each step; may draw its part of the noise that one device would."""

    shares_noise = True

    def noise(self, count: int) -> torch.Tensor:
        if not (self.shares_noise and self._trainer is not None):
            return super().noise(count)
        everyones = super().noise(count * self.trainer.world_size)
        return everyones[self.global_rank :: self.trainer.world_size]

    def on_fit_start(self) -> None:
        self.steps: list[torch.Tensor] = []
        if self.shares_noise:
            torch.manual_seed(7)

    def step(self, photos: torch.Tensor) -> torch.Tensor:
        scalars = super().step(photos)
        self.steps.append(self.trainer.strategy.reduce(scalars.clone(), reduce_op="mean"))
        return scalars


def make_gan(batch_size: int, alike: bool) -> Recorded:
    seed_everything(3, verbose=False)
    adam = lambda parameters: torch.optim.Adam(parameters, lr=1e-3)  # noqa: E731
    gan = Recorded(
        generator=DCGANGenerator(image_size=32, latent_dim=LATENT, channels=4),
        discriminator=DCGANDiscriminator(image_size=32, channels=4, norm="batch", spectral=None),
        loss=BCE(),
        augment=NoAugment() if alike else DiffAugment(["translation"]),
        discriminator_optimizer=adam,
        generator_optimizer=adam,
        ema_decay=0.5,
        batch_size=batch_size,
        fixed_noises=4,
        compute=Eager(channels_last=False, tf32=False, benchmark=False),
    )
    gan.shares_noise = alike
    return gan


class FullDisk(Callback):
    """Lets the first process write no more than 1000 bytes to a file, from the third step on."""

    def on_train_batch_end(self, trainer: Trainer, *_: Any) -> None:
        if trainer.global_step == 3 and trainer.is_global_zero:
            _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))


class SaveEachEpoch(Callback):
    """Leaves ``0.ckpt``, ``1.ckpt``, ... and ``half.ckpt`` after one batch, in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def on_train_batch_end(self, trainer: Trainer, *_: Any) -> None:
        if trainer.global_step == 1:
            trainer.save_checkpoint(self.folder / "half.ckpt")

    def on_train_epoch_end(self, trainer: Trainer, pl_module: Any) -> None:
        trainer.save_checkpoint(self.folder / f"{trainer.current_epoch}.ckpt")


def train(
    folder: Path,
    devices: int = 2,
    batch: int = BATCH,
    alike: bool = True,
    epochs: int = 2,
    resume: str | None = None,
    callbacks: Sequence[Callback] = (),
) -> dict[str, Any]:
    """Train in this process, one of ``devices``, and say what came of it."""
    torch.set_num_threads(1)
    gan = make_gan(batch // devices, alike)
    data = Drawn(
        image_size=32,
        batch_size=batch // devices,
        mirror=False,
        holdout=0,
        limit=None,
        seed=5,
        memory_share=0.5,
        steps_per_call=1,
    )
    trainer = Trainer(
        accelerator="cpu",
        devices=devices,
        strategy=Replicas() if devices > 1 else "auto",
        plugins=[AtomicCheckpointIO(), *[BatchNormSync()] * (devices > 1)],
        max_epochs=epochs,
        use_distributed_sampler=False,
        log_every_n_steps=1000,
        logger=False,
        enable_checkpointing=bool(callbacks),
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[*callbacks] or [SaveEachEpoch(folder)],
        default_root_dir=folder,
    )
    ckpt_path = folder / resume if resume else None
    trainer.fit(gan, datamodule=data, ckpt_path=ckpt_path, weights_only=True)
    assert not distributed.is_initialized(), "the next run in this process would be stuck with it"
    weights = {k: v.numpy() for k, v in gan.state_dict().items() if k != "sums"}
    return {
        "steps": torch.stack(gan.steps).numpy(),
        "weights": weights,
        "next_noise": torch.randn(4).numpy(),
        "global_step": trainer.global_step,
    }


def normalise_share() -> dict[str, Any]:
    """Put this process's part of a batch through a synchronised batch norm, and back."""
    rank = int(os.environ["LOCAL_RANK"])
    distributed.init_process_group("gloo", rank=rank, world_size=int(os.environ["WORLD_SIZE"]))
    norm, x, weights = batch_norm_case()
    norm = SyncBatchNorm.of(norm)
    x = x[rank::2].detach().requires_grad_()
    y = norm(x)
    (y * weights[rank::2]).sum().backward()
    average_gradients(norm)
    found = {"y": y, "dx": x.grad, "dw": norm.weight.grad, **norm.state_dict()}
    distributed.destroy_process_group()
    return {name: tensor.detach().numpy() for name, tensor in found.items()}


def batch_norm_case() -> tuple[nn.BatchNorm2d, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    norm = nn.BatchNorm2d(3)
    nn.init.uniform_(norm.weight, 0.5, 2.0, generator=generator)
    x = torch.randn(6, 3, 4, 4, generator=generator) * 3 + 1
    return norm, x, torch.randn(6, 3, 4, 4, generator=generator)


def worker(rank: int, devices: int, port: int, pipe: Any, function: Any, options: dict) -> None:
    os.environ.update(
        MASTER_ADDR="127.0.0.1",
        MASTER_PORT=str(port),
        LOCAL_RANK=str(rank),
        NODE_RANK="0",
        WORLD_SIZE=str(devices),
    )
    try:
        pipe.send(function(**options))
    except UserError as error:
        pipe.send(error)


def in_processes(function: Any, devices: int = 2, **options: Any) -> list[Any]:
    """Call ``function`` in each of ``devices`` processes, as a launcher would; results by rank."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["lightning.pytorch", "facade_gan.distributed.strategy"])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    processes, pipes = [], []
    for rank in range(devices):
        ours, theirs = context.Pipe()
        arguments = (rank, devices, port, theirs, function, options)
        processes.append(context.Process(target=worker, args=arguments, daemon=True))
        processes[-1].start()
        theirs.close()
        pipes.append(ours)
    results = [pipe.recv() for pipe in pipes]
    for process in processes:
        process.join()
    return results


def test_two_devices_train_as_one_with_the_whole_batch(tmp_path: Path) -> None:
    """The chapter's loss and batch norms; the same photos and noise, dealt out."""
    alone = train(tmp_path, devices=1)
    for shared in in_processes(train, folder=tmp_path):
        assert shared["global_step"] == alone["global_step"] == 6
        np.testing.assert_allclose(shared["steps"], alone["steps"], atol=2e-4)
        for name, weight in alone["weights"].items():
            if name.endswith("num_batches_tracked"):  # only some layers count, and nothing reads it
                continue
            np.testing.assert_allclose(shared["weights"][name], weight, atol=2e-3, err_msg=name)


def test_the_networks_stay_the_same_while_noise_and_augmentation_differ(tmp_path: Path) -> None:
    first, second = in_processes(train, folder=tmp_path, alike=False)
    for name, weight in first[
        "weights"
    ].items():  # G, D, their statistics, the average, fixed noise
        np.testing.assert_array_equal(second["weights"][name], weight, err_msg=name)
    assert not np.allclose(first["next_noise"], second["next_noise"])


def test_a_resumed_run_draws_what_each_device_would_have_drawn(tmp_path: Path) -> None:
    whole = in_processes(train, folder=tmp_path, alike=False)
    for saved, left in (("0.ckpt", 3), ("half.ckpt", 5)):
        resumed = in_processes(train, folder=tmp_path, alike=False, resume=saved)
        for before, after in zip(whole, resumed, strict=True):
            np.testing.assert_array_equal(after["steps"], before["steps"][-left:])
            np.testing.assert_array_equal(after["next_noise"], before["next_noise"])


def test_two_devices_go_on_where_one_stopped(tmp_path: Path) -> None:
    alone = train(tmp_path, devices=1)
    for resumed in in_processes(train, folder=tmp_path, resume="0.ckpt"):
        assert resumed["global_step"] == alone["global_step"]
        # The noise differs, so only that it goes on: the weights start where the epoch ended.
        np.testing.assert_array_equal(
            resumed["weights"]["fixed_noise"], alone["weights"]["fixed_noise"]
        )


def test_inside_an_epoch_another_number_of_devices_is_refused_in_words(tmp_path: Path) -> None:
    train(tmp_path, devices=1, batch=4)
    for refused in in_processes(train, folder=tmp_path, resume="half.ckpt"):
        assert isinstance(refused, UserError)
        assert "end of an epoch" in str(refused)


def test_a_disk_that_is_full_for_the_first_device_ends_all_with_the_same_words(
    tmp_path: Path,
) -> None:
    keep = Checkpoints(
        str(tmp_path),
        every_n_epochs=1,
        seconds_between=0,
        every_n_minutes=1e9,
        monitor=None,
        keep=None,
    )
    messages = in_processes(train, folder=tmp_path, callbacks=[Background(), FullDisk(), keep])
    for message in messages:
        assert isinstance(message, UserError)
        assert "last.ckpt could not be written" in str(message)


def test_synchronised_batch_norm_equals_batch_norm_of_the_whole_batch() -> None:
    norm, x, weights = batch_norm_case()
    x.requires_grad_()
    y = norm(x)
    (y * weights).sum().backward()
    for rank, found in enumerate(in_processes(normalise_share)):
        np.testing.assert_allclose(found["y"], y[rank::2].detach(), atol=1e-5)
        np.testing.assert_allclose(found["dx"], x.grad[rank::2], atol=1e-5)
        np.testing.assert_allclose(2 * found["dw"], norm.weight.grad, atol=1e-4)
        for name, value in norm.state_dict().items():
            np.testing.assert_allclose(found[name], value, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("devices", [2, 3, 4])
def test_the_devices_share_each_batch_without_overlap(devices: int) -> None:
    batch = 12
    alone = [set(b.tolist()) for b in SampleBlocks(100, batch, 1, seed=0)]
    shares = [SampleBlocks(100, batch // devices, 1, 0, r, devices) for r in range(devices)]
    assert len({len(share) for share in shares}) == 1
    for whole, *parts in zip(alone, *shares, strict=True):
        dealt = [sample for part in parts for sample in part.tolist()]
        assert len(set(dealt)) == len(dealt)
        assert len({len(part) for part in parts}) == 1
        assert set(dealt) <= whole
        assert len(whole) - len(dealt) < devices


def test_gradients_stay_as_they_are_on_a_single_device() -> None:
    layer = nn.Linear(2, 1)
    layer(torch.ones(1, 2)).backward()
    assert layer.weight.grad is not None
    before = layer.weight.grad.clone()
    average_gradients(layer)
    torch.testing.assert_close(layer.weight.grad, before, rtol=0, atol=0)
