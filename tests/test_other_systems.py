"""Commands on systems that lack what only Unix has; Windows is simulated by taking it away."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY, TINY

# os.open of a folder fails, os.register_at_fork is missing, and modules that only Unix has can't be
# imported. Libraries that guard their own use are imported before; Lightning asks for the system's
# name before it takes signal.SIGKILL, which is why that one stays.
AS_WINDOWS = """
import errno, os, runpy, sys
import concurrent.futures.process, multiprocessing.util, random, subprocess, tempfile, uuid
import filelock, torch, lightning, matplotlib.pyplot
import tensorboard.backend.event_processing.event_accumulator
del os.register_at_fork
sys.modules["fcntl"] = sys.modules["resource"] = None
real = os.open
def no_folders(path, *rest, **named):
    if not isinstance(path, int) and os.path.isdir(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))
    return real(path, *rest, **named)
os.open = no_folders
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


def run(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", AS_WINDOWS, *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_train_generate_and_evaluate_need_nothing_that_only_unix_has(tmp_path: Path) -> None:
    cache = f"data.cache_dir={tmp_path}/cache"
    folder = f"hydra.run.dir={tmp_path}/run"
    run("facade_gan.train", *TINY, "data.count=16", "trainer.max_epochs=1", cache, folder)
    last = tmp_path / "run" / "checkpoints" / "last.ckpt"
    run("facade_gan.generate", f"checkpoint={last}", "count=2", f"out={tmp_path}/x.png")
    assert (tmp_path / "x.png").is_file()
    evaluate = (f"checkpoint={last}", "data.count=16", "fakes=16", "draws=1")
    run("facade_gan.evaluate", *evaluate, cache, f"cache_dir={tmp_path}/features")
    assert (tmp_path / "run" / "evaluation.json").is_file()
