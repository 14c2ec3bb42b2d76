"""Ctrl-C and SIGTERM on the command, as a user or a scheduler sends them."""

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from conftest import REPOSITORY, TINY


def start(folder: Path, *more: str) -> subprocess.Popen[str]:
    cache = f"data.cache_dir={folder.parent}/cache"
    few = ("data.count=16", "data.mirror=true", "trainer.max_epochs=900")
    return subprocess.Popen(
        [sys.executable, "train.py", *more, *TINY, *few, cache],
        cwd=REPOSITORY,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for_training(run: subprocess.Popen[str], folder: Path) -> None:
    """Wait for the first grid, which comes after the first epoch."""
    while run.poll() is None and not list(folder.glob("**/epoch_0001.png")):
        time.sleep(0.05)
    assert run.poll() is None, run.communicate()[0]


def step_of(folder: Path) -> int:
    return torch.load(folder / "checkpoints/last.ckpt", weights_only=True)["global_step"]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_saves_stops_and_says_how_to_go_on(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    folder = tmp_path / "a run, with=signs"
    run = start(folder, f"hydra.run.dir='{folder}'")
    wait_for_training(run, folder)
    run.send_signal(number)
    output, _ = run.communicate(timeout=60)
    assert run.returncode == status, output
    assert "Traceback" not in output
    assert f"saved at step {step_of(folder)} " in output
    command = shlex.split(output.strip().splitlines()[-1])
    assert command[:2] == ["python", "train.py"]

    stopped_at = step_of(folder)
    again = [sys.executable, *command[1:], f"trainer.max_steps={stopped_at + 3}"]
    done = subprocess.run(again, cwd=REPOSITORY, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert step_of(folder) == stopped_at + 3


def test_of_two_devices_one_says_how_to_go_on(tmp_path: Path) -> None:
    run = start(
        tmp_path / "run", f"hydra.run.dir={tmp_path}/run", "trainer=ddp", "trainer.devices=2"
    )
    wait_for_training(run, tmp_path / "run")
    run.send_signal(signal.SIGINT)
    output, _ = run.communicate(timeout=120)
    assert run.returncode == 130, output
    assert output.count("Stopped and saved") == 1, output


def test_a_signal_ends_a_sweep_after_saving_the_job(tmp_path: Path) -> None:
    sweep = tmp_path / "sweep"
    run = start(sweep, "-m", "seed=0,1", f"hydra.sweep.dir={sweep}", "metrics=none")
    wait_for_training(run, sweep)
    run.send_signal(signal.SIGINT)
    output, _ = run.communicate(timeout=60)
    assert run.returncode == 130, output
    (saved,) = sweep.glob("**/last.ckpt")
    assert f"saved at step {step_of(saved.parent.parent)} " in output
