"""Tall images through the commands: train, resume, generate, judge, export, start another run."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import TINY, run_command
from PIL import Image

SETTINGS = ("image_size=[48,32]", *TINY[1:], "data.count=16", "trainer.log_every_n_steps=1")


@pytest.fixture(scope="module")
def tall_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one epoch, resumed for a second."""
    folder = tmp_path_factory.mktemp("tall") / "run"
    cache = f"data.cache_dir={folder.parent}/cache"
    for epochs in (1, 2):
        done = run_command(
            "train.py", *SETTINGS, cache, f"trainer.max_epochs={epochs}",
            f"hydra.run.dir={folder}", *(["ckpt_path=last"] if epochs == 2 else []),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    return folder


def test_a_tall_run_goes_on_and_its_grids_and_summary_say_its_size(tall_run: Path) -> None:
    summary = json.loads((tall_run / "summary.json").read_text())
    assert (summary["image_size"], summary["epochs"], summary["steps"]) == ([48, 32], 2, 8)
    picture = Image.open(tall_run / "grids" / "epoch_0002.png")
    assert picture.size == (8 * (32 + 2) + 2, 8 * (48 + 2) + 2)  # 64 images, 2 pixels around each
    said = torch.load(tall_run / "checkpoints" / "last.ckpt", weights_only=True)["networks"]
    assert [said[part]["arguments"]["image_size"] for part in said] == [[48, 32]] * 2


def test_a_tall_checkpoint_is_generated_from_judged_and_exported(
    tall_run: Path, tmp_path: Path
) -> None:
    checkpoint = f"checkpoint={tall_run}/checkpoints/last.ckpt"
    done = run_command("-m", "facade_gan.generate", checkpoint, "count=3", f"out={tmp_path}/g.npz")
    assert done.returncode == 0, done.stderr
    assert np.load(tmp_path / "g.npz")["images"].shape == (3, 48, 32, 3)

    cache = f"{tall_run.parent}/cache"
    done = run_command(
        "-m", "facade_gan.evaluate", checkpoint, "draws=1", "fakes=4", "data.count=16",
        f"cache_dir={cache}", f"data.cache_dir={cache}", f"out={tmp_path}/judged.json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    judged = json.loads((tmp_path / "judged.json").read_text())
    assert judged["image_size"] == [48, 32]
    assert np.isfinite([score["value"] for score in judged["scores"]]).all()

    start = tmp_path / "start.safetensors"
    done = run_command("-m", "facade_gan.export", checkpoint, f"out={start}")
    assert done.returncode == 0, done.stderr
    done = run_command(
        "train.py", *TINY, "data.count=16", f"data.cache_dir={cache}", "trainer.max_epochs=1",
        f"init_from={start}", f"hydra.run.dir={tmp_path}/square",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    log = (tmp_path / "square" / "train.log").read_text()
    assert "generator: taken map 1, map 2, map 3" in log and "stretched base map" in log
