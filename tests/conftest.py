"""What several tests need: the real configs, tiny settings, and one real run of the command."""

import copy
import functools
import importlib
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from facade_gan.commandline.config import composed as config_of_command
from facade_gan.commandline.config import register_resolvers
from facade_gan.data.module import FacadeData
from facade_gan.data.photoset import PhotoSet
from facade_gan.networks import LightweightGenerator

REPOSITORY = Path(__file__).parent.parent

# Settings under which a step takes milliseconds.
TINY = (
    "image_size=32",
    "batch_size=4",
    "model.generator.channels=[8,8,8,8]",
    "model.discriminator.channels=8",
    "trainer.accelerator=cpu",
)

# What every source of photos is told, beside where its photos are.
TINY_DATA: dict[str, Any] = {
    "image_size": 32,
    "batch_size": 4,
    "mirror": False,
    "holdout": 0,
    "limit": None,
    "seed": 0,
    "memory_share": 0.5,
    "steps_per_call": 1,
}


class RandomPhotos(FacadeData):
    """Photos of noise, made from a seed of their own."""

    def __init__(self, count: int, **settings: object) -> None:
        super().__init__(**{**TINY_DATA, **settings})
        self.count = count

    def load(self) -> PhotoSet:
        size = self.image_size
        own = torch.Generator().manual_seed(5)
        photos = torch.randint(
            0, 256, (self.count, 3, size, size), dtype=torch.uint8, generator=own
        )
        return PhotoSet(photos, [f"{i:03d}.png" for i in range(self.count)])


def contrasty_generator() -> LightweightGenerator:
    """An untrained generator of 32 pixels whose images, unlike an untrained one's, differ a lot."""
    torch.manual_seed(0)
    generator = LightweightGenerator(32, 8, [8, 8, 8, 8])
    with torch.no_grad():
        generator.to_rgb.weight.mul_(500)
    return generator


@contextmanager
def files_of_at_most(count: int) -> Iterator[None]:
    """Let writing a file fail after ``count`` bytes, as a full disk does."""
    import resource  # Unix has it

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture(autouse=True)
def subnormal_numbers() -> Iterator[None]:
    """Undo what a training sets for its whole process: numbers near 0 are flushed to it."""
    yield
    torch.set_flush_denormal(False)


@pytest.fixture(autouse=True)
def log_handlers() -> Iterator[None]:
    """Undo what a command sets for its whole process: where the log goes, and how much of it."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.setLevel(level)
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)


@pytest.fixture
def composed() -> Callable[..., DictConfig]:
    """Compose conf/train.yaml under overrides, as the command does."""
    return lambda *overrides: copy.deepcopy(_composed(*overrides))


@functools.cache
def _composed(*overrides: str) -> DictConfig:
    register_resolvers()
    with initialize_config_dir(str(REPOSITORY / "conf"), version_base="1.3"):
        return compose("train", overrides=list(overrides))


# The files that take longest are begun first: one of them begun last would be waited for alone.
LONGEST = (
    "test_resume.py",
    "test_own_parts.py",
    "test_one_run_a_folder.py",
    "test_tall.py",
    "test_stop_on_signal.py",
    "test_kill.py",
    "test_multirun.py",
    "test_photos.py",
    "test_strategy.py",
    "test_checkpointing.py",
    "test_compiled.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tests' files for ``--dist loadfile --no-loadscope-reorder``."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(LONGEST)))


def run_command(*arguments: str, cwd: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    """Run ``python ARGUMENTS`` as a user does, and wait for it."""
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=env, capture_output=True, text=True, timeout=280
    )


def run_here(name: str, *settings: str) -> None:
    """Run a command without a process of its own."""
    config = copy.deepcopy(config_of_command(name, *settings))
    HydraConfig.instance().set_config(config)
    OmegaConf.set_struct(config, False)
    del config.hydra  # as Hydra hands it to a command
    try:
        importlib.import_module(f"facade_gan.{name}").main.__wrapped__(config)
    finally:
        HydraConfig.instance().cfg = None


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """One run of ``python train.py`` of three epochs: its folder, and what it printed."""
    folder = tmp_path_factory.mktemp("run") / "of 3 epochs"
    done = run_command(
        "train.py",
        *TINY,
        "data.count=16",
        "data.mirror=true",
        f"data.cache_dir={folder.parent}/cache",
        "trainer.max_epochs=3",
        "trainer.log_every_n_steps=4",
        "callbacks.grid.every_n_epochs=1",
        "callbacks.grid.seconds_between=0",
        f"hydra.run.dir='{folder}'",
    )
    assert done.returncode == 0, done.stderr
    return folder, done.stdout
