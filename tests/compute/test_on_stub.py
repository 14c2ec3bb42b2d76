"""The GPU's path on a stand-in for the CUDA runtime, whose kernels do nothing: `pytest -m stub`.

It shows what is illegal while a graph is recorded, waits, layouts and lifetimes; no numbers, no
time. Its sources are no part of this repository.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from conftest import REPOSITORY

SOURCES = REPOSITORY.parents[1] / "shared/cuda_stub"
if not SOURCES.is_dir():
    SOURCES = REPOSITORY.parent / "shared/cuda_stub"
SOURCES = Path(os.environ.get("CUDA_STUB_SOURCES", SOURCES))

# Launches of one step, convolutions counted as cuDNN's: the most that each recipe may take, by
# itself and compiled.
LAUNCHES = {"experiment=book_fast": (252, 145), "image_size=64": (487, 218)}

pytestmark = [
    pytest.mark.stub,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(not SOURCES.is_dir(), reason="the stub's sources are not at hand"),
    pytest.mark.skipif(shutil.which("gcc") is None, reason="builds the stub by gcc"),
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
    if built.returncode:
        pytest.skip(f"the stub can't be built: {built.stderr.strip().splitlines()[-1]}")
    return folder


def run(stub: Path, script: str, *arguments: str) -> str:
    """Run one of the stub's scripts over this repository; what it printed."""
    done = subprocess.run(
        [SOURCES / "run.sh", SOURCES / script, *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "STUB": str(stub), "PYTHON": sys.executable},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_recipe_is_recorded_without_an_illegal_call_and_replayed_by_one_launch(
    stub: Path,
) -> None:
    printed = run(stub, "steps.py")
    recipes = re.findall(r"^(?:OK|FAIL).*$", printed, re.MULTILINE)
    assert len(recipes) > 10
    for recipe in recipes:
        assert recipe.startswith("OK"), recipe
        assert "graph launches: 1 1 second shape" in recipe, recipe
        assert "bad: []" in recipe, recipe
        replay = recipe.split("| replay:")[1]
        assert "ynchronize" not in replay and "H2D" not in replay and "D2H" not in replay, recipe


def test_graphs_end_with_training_and_noise_advances_alike_by_either_way(stub: Path) -> None:
    printed = run(stub, "sweep.py")
    assert "after gan.cpu() as in Lightning's teardown: False" in printed
    eager, graph = re.findall(r"philox offsets \w+ (\[.*\])", printed)
    assert eager == graph
    assert "rollback keeps the weights' addresses: True" in printed
    assert "rollback then record again ok" in printed


def test_a_checkpoint_of_any_compute_setting_is_resumed_under_any_other(stub: Path) -> None:
    printed = run(stub, "resumes.py")
    attempts = printed.split("--- resume")[1:]
    assert len(attempts) == 8
    # What comes after these words may fail: it prints a tensor, whose numbers the stub makes up.
    for attempt in attempts:
        assert "resumed ok" in attempt, attempt


@pytest.mark.parametrize("recipe", LAUNCHES)
def test_a_step_takes_no_more_launches_than_it_may(stub: Path, recipe: str) -> None:
    assert launches(run(stub, "kernels.py", recipe)) <= LAUNCHES[recipe][0]


@pytest.mark.skipif(
    not (SOURCES / "compiled.py").is_file(), reason="the stub at hand launches no triton kernels"
)
@pytest.mark.parametrize("recipe", LAUNCHES)
def test_a_compiled_step_takes_no_more_launches_than_it_may(stub: Path, recipe: str) -> None:
    assert launches(run(stub, "compiled.py", recipe)) <= LAUNCHES[recipe][1]


def launches(printed: str) -> int:
    found = re.search(r"kernels (\d+)", printed)
    assert found is not None, printed
    return int(found[1])
