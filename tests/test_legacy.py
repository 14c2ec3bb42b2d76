"""A run that version 0.1.0 left, before the house was rebuilt, goes on and generates today."""

import json
import shutil
from pathlib import Path

import torch
from conftest import run_command
from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer
from torch.utils.tensorboard import SummaryWriter

from facade_gan.checkpoints.read import load_generator
from facade_gan.run.recipe import overrides

LEGACY = Path(__file__).parent / "legacy"


def test_a_run_of_version_0_1_0_goes_on(tmp_path: Path) -> None:
    shutil.copytree(LEGACY, tmp_path / "run")
    with SummaryWriter(tmp_path / "run" / "tensorboard") as earlier:
        earlier.add_scalar("loss/generator", 0.5, 6)
    done = run_command(
        "train.py", "ckpt_path=last", "trainer.max_epochs=3",
        f"hydra.run.dir={tmp_path / 'run'}", f"data.cache_dir={tmp_path / 'cache'}",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "2 epochs, 6 steps done" in done.stdout + done.stderr
    assert "other settings than before" not in done.stdout + done.stderr
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert (summary["epochs"], summary["steps"], summary["images_seen"]) == (3, 9, 72)
    runs = EventMultiplexer().AddRunsFromDirectory(str(tmp_path / "run")).Runs()
    assert [*runs] == ["tensorboard"]  # one curve, where that version had it


def test_its_generator_loads_and_its_settings_are_read() -> None:
    generator = load_generator(LEGACY / "checkpoints" / "last.ckpt")
    images = generator(torch.zeros(2, 8, 1, 1))
    assert images.shape == (2, 3, 32, 32)
    recipe = overrides(LEGACY, None, "procedural", 32)
    assert {"model.latent_dim=8", "optimizer.lr_decay_from=1"} <= set(recipe)
