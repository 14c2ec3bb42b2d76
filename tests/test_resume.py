"""Runs that are killed and go on, against one that was never interrupted: the same bits."""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import REPOSITORY, TINY
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

# Saves at nearly every step, so that kills hit them too.
SETTINGS = (
    *TINY,
    "data.count=16",
    "trainer.max_epochs=6",
    "trainer.log_every_n_steps=3",
    "callbacks.grid.every_n_epochs=2",
    "callbacks.grid.seconds_between=0",
    "callbacks.checkpoint.seconds_between=0",
    "callbacks.checkpoint.every_n_epochs=2",
    "callbacks.checkpoint.every_n_minutes=0.003",
    "callbacks.checkpoint.monitor=loss/generator",
)
RATE = "images_per_second"  # the one figure that the clock decides


def start(folder: Path, *more: str) -> subprocess.Popen[str]:
    """Start ``train.py`` in ``folder``."""
    cache = f"data.cache_dir={folder.parent}/cache"
    return subprocess.Popen(
        [sys.executable, "train.py", *SETTINGS, cache, f"hydra.run.dir={folder}", *more],
        cwd=REPOSITORY,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def finish(run: subprocess.Popen[str]) -> str:
    output, _ = run.communicate(timeout=280)
    assert run.returncode == 0, output
    return output


def kill(run: subprocess.Popen[str], folder: Path, seconds: float) -> bool:
    """Kill ``run`` some seconds after it has opened its event file; whether it still trained."""
    while run.poll() is None and not list(folder.glob(f"events.*.{run.pid}.0")):
        time.sleep(0.02)
    if run.poll() is not None:
        assert run.returncode == 0, run.communicate()[0]
        return False
    time.sleep(seconds)
    with contextlib.suppress(ProcessLookupError):  # it may just have ended
        os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    return run.returncode == -signal.SIGKILL


def differences(a: Any, b: Any, path: str = "") -> list[str]:
    """Name the places where two checkpoints differ in any bit."""
    if RATE in path:
        return []
    if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor):
        return [] if torch.equal(a, b) and a.dtype == b.dtype else [path]
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        return [d for key in a for d in differences(a[key], b[key], f"{path}/{key}")]
    if isinstance(a, list | tuple) and isinstance(b, list | tuple) and len(a) == len(b):
        return [d for i in range(len(a)) for d in differences(a[i], b[i], f"{path}/{i}")]
    return [] if a == b else [f"{path}: {a} {b}"]


def checkpoint(folder: Path, name: str) -> dict[str, Any]:
    """Read a run's checkpoint without the settings, which hold the folder's name, and the clock."""
    state = torch.load(folder / "checkpoints" / name, weights_only=True)
    del state["callbacks"]["Tally"]["seconds"]
    return {key: value for key, value in state.items() if key != "hyper_parameters"}


def curves(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """What TensorBoard shows of a run's scalars: steps and values by tag."""
    events = EventAccumulator(str(folder), {"scalars": 0}).Reload()
    tags = [tag for tag in events.Tags()["scalars"] if not tag.startswith("final/")]
    return {tag: [(e.step, e.value) for e in events.Scalars(tag)] for tag in tags}


def pictures(folder: Path) -> list[tuple[int, bytes]]:
    """What TensorBoard shows of a run's grids, and of the photos beside the first one."""
    events = EventAccumulator(str(folder), {"images": 0}).Reload()
    shown = [e for tag in ("fixed_noise", "photos") for e in events.Images(tag)]
    return [(e.step, e.encoded_image_string) for e in shown]


def must_be_the_same(run: Path, reference: Path) -> None:
    for name in ("last.ckpt", "best.ckpt"):
        assert not differences(checkpoint(run, name), checkpoint(reference, name)), name
    mine, theirs = curves(run), curves(reference)
    assert [step for step, _ in mine.pop(RATE)] == [step for step, _ in theirs.pop(RATE)]
    assert mine == theirs
    assert pictures(run) == pictures(reference)
    files = [path.relative_to(reference) for path in reference.glob("**/*.png")]
    assert len(files) == 6  # of epochs 1, 2, 4, 6, the photos and progress.png
    for file in files:
        assert (run / file).read_bytes() == (reference / file).read_bytes(), file
    summaries = [json.loads((f / "summary.json").read_text()) for f in (run, reference)]
    for summary in summaries:
        del summary["seconds"]  # a clock
    assert not differences(*summaries)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reference") / "run"
    finish(start(folder))
    return folder


def killed_again_and_again(tmp_path: Path, reference: Path, kills: int, seed: int) -> None:
    shutil.copytree(reference.parent / "cache", tmp_path / "cache")
    chance = random.Random(seed)
    hits = 0
    for _ in range(kills):
        run = start(tmp_path / "run", "ckpt_path=last")
        hits += kill(run, tmp_path / "run", chance.uniform(0, 1.0))
    assert hits >= max(1, kills // 4), "the runs were over before they were killed"
    finish(start(tmp_path / "run", "ckpt_path=last"))
    must_be_the_same(tmp_path / "run", reference)


def test_a_killed_run_goes_on_to_the_same_bits(tmp_path: Path, reference: Path) -> None:
    killed_again_and_again(tmp_path, reference, kills=2, seed=0)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_twenty_kills_change_no_bit(tmp_path: Path, reference: Path) -> None:
    killed_again_and_again(tmp_path, reference, kills=20, seed=1)


def test_a_complete_run_says_so_and_goes_on_to_more_epochs(tmp_path: Path, reference: Path) -> None:
    shutil.copytree(reference.parent / "cache", tmp_path / "cache")
    run = tmp_path / "run"
    shorter = "trainer.max_epochs=3", "optimizer.lr_decay_from=1"  # else the rates fell too early
    finish(start(run, *shorter))
    output = finish(start(run, *shorter, "ckpt_path=last"))
    assert "complete (3 epochs, 12 steps)" in output
    finish(start(run, "optimizer.lr_decay_from=0.75", "ckpt_path=last"))
    assert not differences(checkpoint(run, "last.ckpt"), checkpoint(reference, "last.ckpt"))


@pytest.mark.parametrize(
    ("accelerator", "tolerance"),
    [
        # On a CPU the first test of this file has shown the same for whole curves, bit by bit.
        pytest.param("cpu", 0.0, marks=pytest.mark.slow),
        pytest.param(
            "gpu",
            0.05,
            marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU"),
        ),
    ],
)
def test_the_losses_after_a_resume_are_those_of_the_run_that_went_on(
    tmp_path: Path, accelerator: str, tolerance: float
) -> None:
    settings = (
        f"trainer.accelerator={accelerator}",
        "trainer.max_epochs=3",
        "trainer.log_every_n_steps=1",
        "callbacks.checkpoint.every_n_epochs=1",
        "callbacks.checkpoint.every_n_minutes=1000",
    )
    whole, resumed = tmp_path / "whole", tmp_path / "resumed"
    finish(start(whole, *settings))
    (resumed / "checkpoints").mkdir(parents=True)
    shutil.copy(whole / "checkpoints/previous.ckpt", resumed / "checkpoints/last.ckpt")
    finish(start(resumed, *settings, "ckpt_path=last"))
    for name in ("loss/discriminator", "loss/generator"):
        after = dict(curves(resumed)[name])
        assert list(after) == [9, 10, 11, 12]
        for step, value in curves(whole)[name][8:]:
            assert after[step] == pytest.approx(value, abs=tolerance)
