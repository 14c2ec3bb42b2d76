"""``python train.py`` as a user runs it, on tiny settings, and what the run leaves."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import TINY, run_command
from omegaconf import OmegaConf
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer

from facade_gan.checkpoints.read import load_generator

STEPS = 8  # an epoch of 16 drawings and their mirror images, 4 a batch


def events(folder: Path) -> EventAccumulator:
    return EventAccumulator(str(folder), size_guidance={"images": 0}).Reload()


def test_a_run_leaves_all_that_is_promised(tiny_run: tuple[Path, str]) -> None:
    folder, _ = tiny_run
    assert (folder / ".hydra" / "config.yaml").is_file()
    assert (folder / "checkpoints" / "last.ckpt").is_file()
    grids = sorted(path.name for path in (folder / "grids").iterdir())
    assert grids == ["epoch_0001.png", "epoch_0002.png", "epoch_0003.png", "photos.png"]
    with (
        Image.open(folder / "progress.png") as figure,
        Image.open(folder / "grids" / grids[0]) as g,
    ):
        assert figure.width >= 3 * g.width  # three grids side by side
    summary = json.loads((folder / "summary.json").read_text())
    assert (summary["epochs"], summary["steps"], summary["photos"]) == (3, 3 * STEPS, 16)
    saved = torch.load(folder / "checkpoints" / "last.ckpt", weights_only=False)
    assert summary["photos_digest"] == saved["ProceduralData"]["photos"]["digest"]


def test_tensorboard_has_the_grid_of_each_epoch(tiny_run: tuple[Path, str]) -> None:
    folder, _ = tiny_run
    shown = events(folder).Images("fixed_noise")
    assert [image.step for image in shown] == [STEPS, 2 * STEPS, 3 * STEPS]
    for epoch, image in enumerate(shown, start=1):
        on_disk = np.array(Image.open(folder / "grids" / f"epoch_{epoch:04d}.png"))
        assert (image.width, image.height) == (on_disk.shape[1], on_disk.shape[0])


def test_tensorboard_calls_the_run_by_its_folder(tiny_run: tuple[Path, str]) -> None:
    folder, _ = tiny_run
    runs = EventMultiplexer().AddRunsFromDirectory(str(folder.parent)).Runs()
    assert [*runs] == [folder.name]


@pytest.mark.parametrize(
    "tag",
    [
        "loss/discriminator",
        "loss/generator",
        "D(x)",
        "D(G(z))/before",
        "D(G(z))/after",
        "learning_rate/discriminator",
        "learning_rate/generator",
        "images_per_second",
    ],
)
def test_every_scalar_is_logged_at_the_steps_asked_for(
    tiny_run: tuple[Path, str], tag: str
) -> None:
    scalars = events(tiny_run[0]).Scalars(tag)
    assert [scalar.step for scalar in scalars] == list(range(4, 3 * STEPS + 1, 4))
    assert all(np.isfinite(scalar.value) for scalar in scalars)
    if tag.startswith("D("):
        assert all(0 <= scalar.value <= 1 for scalar in scalars)
    if tag.startswith("learning_rate"):
        optimizer = OmegaConf.load(tiny_run[0] / ".hydra" / "config.yaml").optimizer
        expected = optimizer.lr if tag.endswith("/generator") else optimizer.discriminator_lr
        assert scalars[0].value == pytest.approx(expected)


def test_hparams_hold_the_settings_that_matter_and_the_curves(tiny_run: tuple[Path, str]) -> None:
    from tensorboard.plugins.hparams import plugin_data_pb2

    accumulator = events(tiny_run[0])
    content = accumulator.summary_metadata["_hparams_/session_start_info"].plugin_data.content
    started = plugin_data_pb2.HParamsPluginData.FromString(content).session_start_info
    assert started.hparams["batch_size"].number_value == 4
    assert "data.count" not in started.hparams
    content = accumulator.summary_metadata["_hparams_/experiment"].plugin_data.content
    shown = plugin_data_pb2.HParamsPluginData.FromString(content).experiment.metric_infos
    names = [metric.name.tag for metric in shown]
    assert names[0] == "kid"
    assert "loss/generator" in names
    assert "_hparams_/session_end_info" in accumulator.summary_metadata


def test_the_checkpoint_draws_the_last_grid(tiny_run: tuple[Path, str]) -> None:
    folder, _ = tiny_run
    path = folder / "checkpoints" / "last.ckpt"
    weights = torch.load(path, weights_only=True)["state_dict"]
    with torch.no_grad():
        images = load_generator(path)(weights["fixed_noise"])
    assert images.shape == (64, 3, 32, 32)
    grid = np.array(Image.open(folder / "grids" / "epoch_0003.png"))
    expected = ((images[0].permute(1, 2, 0).numpy() + 1) * 127.5).round()
    assert np.abs(grid[2:34, 2:34] - expected).max() <= 4  # training may compute in bf16


def test_the_end_says_where_the_results_are(tiny_run: tuple[Path, str]) -> None:
    folder, printed = tiny_run
    assert "generator:     LightweightGenerator, " in printed
    for name in ("grids", "progress.png", "checkpoints/last.ckpt"):
        assert f"{folder}/{name}" in printed
    assert f"tensorboard --logdir '{folder}'" in printed


def test_what_ended_a_run_stands_in_its_log(tmp_path: Path) -> None:
    done = run_command(
        "train.py", "data=folder", f"data.root={tmp_path}/none", f"hydra.run.dir={tmp_path}/run"
    )
    assert done.returncode == 2
    said = done.stderr.splitlines()[-1]
    assert said == f"error: data.root={tmp_path}/none: there is no such folder"
    assert (tmp_path / "run" / "train.log").read_text().splitlines()[-1].endswith(said)


def test_a_run_goes_on_from_its_checkpoint(tiny_run: tuple[Path, str], tmp_path: Path) -> None:
    checkpoint = tiny_run[0] / "checkpoints" / "last.ckpt"
    done = run_command(
        "train.py",
        *TINY,
        "data.count=16",
        "data.mirror=true",
        f"data.cache_dir={tiny_run[0].parent}/cache",
        "trainer.max_epochs=4",
        "trainer.log_every_n_steps=4",
        f"ckpt_path='{checkpoint}'",
        f"hydra.run.dir={tmp_path}",
    )
    assert done.returncode == 0, done.stderr
    steps = [scalar.step for scalar in events(tmp_path).Scalars("loss/generator")]
    assert steps == [3 * STEPS + 4, 4 * STEPS]
    assert (tmp_path / "grids" / "epoch_0004.png").is_file()
    before, after = (
        torch.load(path, weights_only=True)["state_dict"]["fixed_noise"]
        for path in (checkpoint, tmp_path / "checkpoints" / "last.ckpt")
    )
    assert torch.equal(before, after)


def test_help_lists_the_groups_without_loading_torch() -> None:
    code = (
        "import runpy, sys\n"
        "sys.argv = ['train.py', '--help']\n"
        "try:\n    runpy.run_path('train.py', run_name='__main__')\n"
        "finally:\n    assert 'torch' not in sys.modules and 'lightning' not in sys.modules\n"
    )
    done = run_command("-c", code)
    assert done.returncode == 0, done.stderr
    for words in ("experiment: best, book", "cmp, drawn, folder", "max_epochs: 100"):
        assert words in done.stdout
