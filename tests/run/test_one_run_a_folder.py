"""A run's folder: one process at a time, and never a new run over what another one left."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from conftest import REPOSITORY, TINY, run_command
from filelock import FileLock

from facade_gan.checkpoints.locate import locate

TINY_RUN = (*TINY, "data.count=16", "gan.fixed_noises=4", "trainer.log_every_n_steps=2")


def train(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    cache = f"data.cache_dir={folder.parent}/cache"
    return run_command("train.py", *TINY_RUN, cache, f"hydra.run.dir={folder}", *more)


@pytest.fixture(scope="module")
def kept_best(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two epochs that left its best epoch alone, and what it printed."""
    folder = tmp_path_factory.mktemp("kept") / "run"
    best = ("callbacks.checkpoint.keep=[best]", "callbacks.checkpoint.monitor=loss/generator")
    done = train(folder, *best, "trainer.max_epochs=2")
    assert done.returncode == 0, done.stderr
    (folder.parent / "printed").write_text(done.stdout + done.stderr)
    return folder


def test_a_run_that_kept_its_best_epoch_alone_names_it(kept_best: Path) -> None:
    assert [f.name for f in (kept_best / "checkpoints").iterdir()] == ["best.ckpt"]
    printed = (kept_best.parent / "printed").read_text()
    assert "checkpoints/best.ckpt" in printed and "checkpoints/last.ckpt" not in printed
    assert locate(kept_best) == kept_best / "checkpoints" / "best.ckpt"


def test_no_new_run_is_begun_over_it_and_last_goes_on_from_it(kept_best: Path) -> None:
    best = kept_best / "checkpoints" / "best.ckpt"
    before = best.read_bytes()
    refused = train(kept_best, "trainer.max_epochs=2")
    assert refused.returncode == 2 and "holds a run" in refused.stderr
    assert best.read_bytes() == before
    step = torch.load(best, weights_only=True)["global_step"]
    again = train(kept_best, "ckpt_path=last", "trainer.max_epochs=4")
    assert again.returncode == 0, again.stderr
    assert "best.ckpt is used" in again.stdout + again.stderr
    assert f"{step} steps done" in again.stdout + again.stderr


def test_two_processes_in_one_folder_are_refused_before_anything_is_written(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    with FileLock(folder / ".lock"):
        refused = train(folder)
    assert refused.returncode == 2
    assert f"another process trains in {folder}" in refused.stderr
    assert [f.name for f in folder.iterdir() if f.name != ".lock"] == []


def test_a_run_goes_on_without_the_weights_that_it_had_started_from(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    assert train(first, "trainer.max_steps=3").returncode == 0
    summary = json.loads((first / "summary.json").read_text())
    assert (summary["steps"], summary["epochs"]) == (3, 0)  # four steps would be one
    done = train(second, f"init_from={first}", "trainer.max_epochs=1")
    assert done.returncode == 0, done.stderr
    first.rename(tmp_path / "moved")
    again = train(second, "ckpt_path=last", "trainer.max_epochs=2", "init_from=drawn")
    assert again.returncode == 0, again.stderr
    said = " ".join(again.stdout.split())
    assert f"init_from=drawn is not used: the run goes on, and began from {first}" in said
    left = json.loads((second / "summary.json").read_text())
    assert (left["start"], left["start_images_seen"]) == (str(first), summary["images_seen"])
    third = train(second, "ckpt_path=last", "trainer.max_epochs=3", "init_from=null")
    assert third.returncode == 0 and "is not used" not in third.stdout
    assert json.loads((second / "summary.json").read_text())["start"] == str(first)
    other = train(second, "ckpt_path=last", "trainer.max_epochs=3", "gan.fixed_noises=8")
    assert other.returncode == 2 and "set gan.fixed_noises=4" in other.stderr


def test_several_devices_without_ddp_are_refused(tmp_path: Path) -> None:
    refused = train(tmp_path / "run", "trainer.devices=2")
    assert refused.returncode == 2
    assert "trainer.devices=2: several devices need trainer=ddp as well" in refused.stderr


def test_names_that_the_output_cannot_encode_end_no_command(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "空.jpg").write_bytes(b"")
    command = ("-m", "facade_gan.photos", "data=folder", f"data.root={tmp_path}/photos")
    done = subprocess.run(
        [sys.executable, *command],
        cwd=tmp_path,
        env={"PYTHONIOENCODING": "cp1252", "PYTHONPATH": str(REPOSITORY), "HOME": str(tmp_path)},
        capture_output=True,
        timeout=120,
    )
    assert b"UnicodeEncodeError" not in done.stderr
    assert b"\\u7a7a.jpg" in done.stdout + done.stderr
