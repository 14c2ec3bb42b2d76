"""The GPU's path on a stand-in for the CUDA runtime, whose kernels do nothing: `pytest -m stub`.

It shows what is forbidden while a graph is recorded, waits, layouts and lifetimes; no numbers, no
time. The stand-in is in cuda_stub/.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import REPOSITORY

SOURCES = Path(__file__).parent / "cuda_stub"

RECIPES = [
    "image_size=32",
    "image_size=64",
    "image_size=128",
    "image_size=256",
    "experiment=book compute=graph",
    "experiment=book_fast",
    "experiment=best",
    "loss=bce",
    "model=dcgan",
    "augment=none",
    "augment.policies=[color,translation,cutout]",
    "model=dcgan image_size=256 augment.policies=[color,translation,cutout]",
    "compute.fused_adam=false",
    "compute.precision=16-mixed",
    "ema_decay=0",
]

RESUMED = [
    "compute=graph then compute=graph",
    "compute=eager then compute=graph",
    "compute=plain then compute=graph",
    "compute=plain then compute=eager",
    "compute=graph then compute=plain",
    "compute=graph then compute=eager",
    "compute=graph compute.fused_adam=false then compute=graph compute.fused_adam=false",
    "compute=eager compute.fused_adam=false then compute=graph compute.fused_adam=false",
    "compute=plain then compute=compiled_graph",
    "compute=compiled_graph then compute=graph",
]

# Launches of one step, convolutions counted as cuDNN's: the most that each recipe may take, by
# itself and compiled.
LAUNCHES = {"experiment=book_fast": (281, 157), "image_size=64": (491, 214)}

pytestmark = [
    pytest.mark.stub,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(shutil.which("gcc") is None, reason="builds the stand-in by gcc"),
    pytest.mark.skipif(torch.version.cuda is None, reason="needs a torch with CUDA"),
    pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is at hand, and says more"),
]


@pytest.fixture(scope="module")
def stub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the stand-in; the folder it is in."""
    folder = tmp_path_factory.mktemp("stub")
    built = subprocess.run(
        [SOURCES / "build.sh", sys.executable, folder], capture_output=True, text=True
    )
    assert built.returncode == 0, built.stderr
    return folder


def run(stub: Path, script: str, *cases: str) -> list[dict[str, Any]]:
    """Run one of the scripts in cuda_stub/ over this repository; what it found in each case."""
    done = subprocess.run(
        [SOURCES / "run.sh", SOURCES / script, *cases],
        cwd=REPOSITORY,
        env={**os.environ, "STUB": str(stub), "PYTHON": sys.executable},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["case"] for one in found] == list(cases)
    return found


def test_every_recipe_is_recorded_without_a_forbidden_call_and_replayed_by_one_launch(
    stub: Path,
) -> None:
    for recipe in run(stub, "steps.py", *RECIPES):
        assert recipe["graph launches"] == [1, 1, 1, 1], recipe
        assert recipe["forbidden"] == [], recipe
        for call in recipe["replay"]:
            waits = "ynchronize" in call or "H2D" in call or "D2H" in call
            assert not waits, recipe


def test_graphs_end_with_training(stub: Path) -> None:
    for found in run(stub, "teardown.py", "compute=graph", "compute=compiled_graph"):
        assert found["alive during training"], found
        assert not found["alive after it"], found


def test_a_graph_keeps_its_workspaces_when_another_training_of_the_process_ends(stub: Path) -> None:
    for found in run(stub, "workspaces.py", "compute=graph", "compute=compiled_graph"):
        assert found["cleared in the graph's memory"] > 0, found


def test_noise_advances_alike_with_and_without_a_graph(stub: Path) -> None:
    eager, graph = run(stub, "noise.py", "compute=eager", "compute=graph")
    assert eager["offsets"] == graph["offsets"]
    assert eager["offsets"] == sorted(set(eager["offsets"]))


def test_a_rollback_is_trained_by_a_graph_of_its_own(stub: Path) -> None:
    (found,) = run(stub, "rollback.py", "compute=graph")
    assert found["weights stay in place"]
    assert found["graph launches"] == 2  # the 4th and 5th step
    assert found["a replay moves the average"]


def test_a_checkpoint_of_any_compute_setting_is_resumed_under_any_other(stub: Path) -> None:
    for resumed in run(stub, "resumes.py", *RESUMED):
        assert resumed["moments"] > 0
        assert resumed["moments lie like their weights"], resumed


@pytest.mark.parametrize("recipe", LAUNCHES)
def test_a_step_takes_no_more_launches_than_it_may(stub: Path, recipe: str) -> None:
    (found,) = run(stub, "kernels.py", recipe)
    assert 0 < found["launches"] <= LAUNCHES[recipe][0], found


@pytest.mark.parametrize("recipe", LAUNCHES)
def test_a_compiled_step_takes_no_more_launches_than_it_may(stub: Path, recipe: str) -> None:
    (found,) = run(stub, "compiled.py", recipe)
    assert found["triton"], "no kernel of triton was launched"
    assert 0 < found["launches"] <= LAUNCHES[recipe][1], found
