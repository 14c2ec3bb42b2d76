"""What is timed. Each runner trains a given number of steps and returns the seconds they took."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import torch
from hydra.utils import instantiate
from lightning.pytorch import Callback, Trainer
from omegaconf import DictConfig
from torch import Tensor

from facade_gan.benchmark.chapter import PlainLoop
from facade_gan.benchmark.photos import NoiseData
from facade_gan.commandline.config import chosen
from facade_gan.compute.execution import keep_freed_memory
from facade_gan.gan import GAN


class Runner(Protocol):
    """Something that trains."""

    def __call__(self, steps: int) -> float:
        """Train ``steps`` steps, after some to warm up where needed; return their seconds."""


def synchronise(device: torch.device) -> None:
    """Wait until the device has done what was asked of it."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


DTYPES = {"32-true": torch.float32, "bf16-mixed": torch.bfloat16, "16-mixed": torch.float16}

SWITCHES = (
    "On a GPU the plain loops run under torch's own switches (cuDNN's algorithms by its "
    "heuristics, TF32 in convolutions and not in products of matrices), the others under those of "
    "compute."
)


@contextlib.contextmanager
def torchs_own_switches() -> Iterator[None]:
    """Undo, while this lasts, what ``compute`` set for the whole process."""
    tf32, cudnn = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn
    torch.backends.cuda.matmul.allow_tf32 = False
    keep_freed_memory(False)
    try:
        with cudnn.flags(enabled=cudnn.enabled, benchmark=False, allow_tf32=True):
            yield
    finally:
        torch.backends.cuda.matmul.allow_tf32 = tf32
        keep_freed_memory()


class Plain:
    """The chapter's loop, with memory and switches as in a process of its own."""

    def __init__(self, cfg: DictConfig, photos: Tensor, device: torch.device) -> None:
        recipe: GAN = instantiate(cfg.gan, _convert_="all")
        self.loop, self.device = PlainLoop(recipe, photos, cfg.batch_size, device), device
        self.loop.step()

    def __call__(self, steps: int) -> float:
        """Return how many seconds so many steps take."""
        with torchs_own_switches():
            synchronise(self.device)
            start = time.perf_counter()
            for _ in range(steps):
                self.loop.step()
            synchronise(self.device)
            return time.perf_counter() - start


class StepAlone:
    """The project's step on one and the same batch, without Lightning's loop around it."""

    WARM_UP = 5  # a CUDA graph is recorded within

    def __init__(self, cfg: DictConfig, photos: Tensor, device: torch.device) -> None:
        self.gan = instantiate(cfg.gan, _convert_="all").to(device)
        optimizers = self.gan.configure_optimizers()
        self.gan.optimizers = lambda use_pl_optimizer: optimizers
        self.step = self.gan.compute.prepare(self.gan)
        self.dtype = DTYPES[cfg.trainer.precision]
        self.batch, self.device = photos[: cfg.batch_size].to(device), device
        self(self.WARM_UP if device.type == "cuda" else 1)

    def __call__(self, steps: int) -> float:
        """Return how many seconds so many steps take."""
        keep_freed_memory()
        synchronise(self.device)
        start = time.perf_counter()
        for _ in range(steps):
            # As Lightning does it: without the cache, which would outlive an optimizer's step.
            mixed = self.dtype != torch.float32
            with torch.autocast(self.device.type, self.dtype, mixed, cache_enabled=False):
                self.step(self.batch)
        synchronise(self.device)
        return time.perf_counter() - start


class ThroughTrainer:
    """The project's whole training: data module, Trainer, bar, logger, grids, checkpoints."""

    def __init__(self, cfg: DictConfig, photos: Tensor, device: torch.device) -> None:
        self.cfg, self.photos, self.device = cfg, photos, device
        self.gan: GAN = instantiate(cfg.gan, _convert_="all")

    def __call__(self, steps: int) -> float:
        """Train; the first epoch and a graph's first steps set things up and are not timed."""
        keep_freed_memory()
        clock = Clock(steps, self.device)
        with (
            Path(os.devnull).open("w") as nowhere,
            contextlib.redirect_stdout(nowhere),
            contextlib.redirect_stderr(nowhere),
        ):
            self.trainer(clock).fit(self.gan, datamodule=self.data())
        return clock.seconds_a_step() * steps

    def data(self) -> NoiseData:
        """Make the data module of a run."""
        return NoiseData(
            self.photos,
            image_size=self.cfg.image_size,
            batch_size=self.cfg.batch_size,
            steps_per_call=self.cfg.compute.steps_per_call,
        )

    def trainer(self, clock: Callback) -> Trainer:
        """Make the Trainer of a run as train.py does, to be ended by ``clock``."""
        callbacks = [instantiate(each) for each in chosen(self.cfg, "callbacks").values()]
        loggers = [instantiate(each) for each in chosen(self.cfg, "logger").values()]
        trainer: Trainer = instantiate(
            self.cfg.trainer, callbacks=[*callbacks, clock], logger=loggers, max_epochs=-1
        )
        return trainer


class Clock(Callback):
    """Times at least ``steps`` steps from the second epoch on, then stops.

    Turns of epochs are in it, grids and checkpoints as far as their epochs come up.
    """

    def __init__(self, steps: int, device: torch.device) -> None:
        self.steps, self.device = steps, device
        self.readings: list[tuple[int, float]] = []  # global step, time

    def on_train_batch_end(self, trainer: Trainer, *_: Any) -> None:
        """Read the clock at the first block that counts and at the last."""
        if trainer.current_epoch == 0 or trainer.global_step < StepAlone.WARM_UP:
            return
        if not self.readings or trainer.global_step - self.readings[0][0] >= self.steps:
            synchronise(self.device)
            self.readings.append((trainer.global_step, time.perf_counter()))
            trainer.should_stop = len(self.readings) == 2

    def seconds_a_step(self) -> float:
        """Divide the time between the two readings by the steps between them."""
        (first_step, begin), (last_step, end) = self.readings
        return (end - begin) / (last_step - first_step)
