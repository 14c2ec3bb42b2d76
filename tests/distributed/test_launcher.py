"""One of several processes fails: the first one says so and goes on to its next job, or ends."""

import os
import subprocess
import sys
import threading
import time

import pytest
from lightning.fabric.plugins.environments import LightningEnvironment
from torch import distributed

from facade_gan.distributed import launcher as module
from facade_gan.distributed.launcher import Launcher
from facade_gan.distributed.strategy import Replicas
from facade_gan.errors import UserError

FAILS = [sys.executable, "-c", "raise SystemExit(3)"]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Launcher:
    """A launcher whose other process fails at once."""
    for name in Launcher.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(module, "GRACE", 0.2)
    monkeypatch.setattr(module, "child_command", lambda rank: FAILS)
    monkeypatch.setattr(module.HydraConfig, "get", lambda: type("C", (), {"runtime": RUNTIME}))
    return Launcher(LightningEnvironment(), 2, 1)


RUNTIME = type("R", (), {"cwd": "."})


def test_after_a_failure_that_was_noticed_this_process_lives_on(started: Launcher) -> None:
    strategy = Replicas()
    strategy._launcher = started

    def step() -> None:
        strategy.on_exception(distributed.DistError("Connection closed by peer"))

    with pytest.raises(UserError, match="process 1 of 2 ended with exit status 3"):
        started.launch(step)
    assert not set(Launcher.VARIABLES) & set(os.environ)  # of which the next job would think
    deadline = time.monotonic() + 20
    watches = ("_end_with_others", "child-process-observer")  # ours, and Lightning's
    while [t for t in threading.enumerate() if any(watch in t.name for watch in watches)]:
        assert time.monotonic() < deadline, "something still watches over the processes"
        time.sleep(0.1)


WAITS_IN_VAIN = """
import sys, time
from types import SimpleNamespace
from lightning.fabric.plugins.environments import LightningEnvironment
from facade_gan.distributed import launcher
launcher.GRACE = 0.2
launcher.child_command = lambda rank: [sys.executable, "-c", "raise SystemExit(3)"]
runtime = SimpleNamespace(runtime=SimpleNamespace(cwd="."))
launcher.HydraConfig = SimpleNamespace(get=lambda: runtime)
launcher.Launcher(LightningEnvironment(), 2, 1).launch(time.sleep, 100)
"""


def test_a_process_that_waits_for_one_that_failed_ends_with_a_line() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WAITS_IN_VAIN], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(
        "error: process 1 of 2 ended with exit status 3, so all have stopped"
    )
