"""Real sweeps of the command, on settings under which a job takes a second or two."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from conftest import REPOSITORY, TINY

COMMON = (
    "-m",
    *TINY,
    "data.count=8",
    "trainer.max_epochs=1",
    "trainer.log_every_n_steps=2",
    "metrics=none",
    "optimized_metric=loss/generator",
)


def start(sweep: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start ``python train.py -m`` with its jobs in ``sweep``, in a process group of its own."""
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"}
    cache = f"data.cache_dir={sweep.parent}/cache"
    command = [sys.executable, "train.py", *COMMON, cache, f"hydra.sweep.dir={sweep}", *arguments]
    return subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(sweep: Path, *arguments: str) -> tuple[int, str]:
    """Run it to its end: exit status, and what it printed."""
    process = start(sweep, *arguments)
    out, err = process.communicate(timeout=280)
    return process.returncode, out + err


def records(sweep: Path) -> dict[str, str]:
    """The status of each job by its folder's name."""
    paths = sorted(sweep.glob("*/job.json"))
    return {path.parent.name: json.loads(path.read_text())["status"] for path in paths}


def wait_for_jobs(sweep: Path, count: int) -> None:
    """Wait until ``count`` jobs have begun."""
    deadline = time.monotonic() + 200
    while len(records(sweep)) < count:
        assert time.monotonic() < deadline
        time.sleep(0.1)


GRID = ("model.latent_dim=4,8", "batch_size=4,1000")  # no batch of 1000 among 8 photos


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, str]:
    """A sweep of four jobs, two of them broken: its folder, exit status and output."""
    sweep = tmp_path_factory.mktemp("grid") / "sweep"
    return sweep, *run(sweep, *GRID)


def test_a_broken_job_is_told_by_name_and_the_rest_finish(grid: tuple[Path, int, str]) -> None:
    sweep, status, printed = grid
    assert records(sweep) == {
        "batch_size=1000,model.latent_dim=4": "failed",
        "batch_size=1000,model.latent_dim=8": "failed",
        "batch_size=4,model.latent_dim=4": "done",
        "batch_size=4,model.latent_dim=8": "done",
    }
    assert "2 of 4 jobs finished" in printed
    (told,) = [o for o in printed.splitlines() if o.startswith("failed: ") and "dim=8" in o]
    assert "batch_size=1000" in told and "fewer than a batch of 1000" in told
    assert status == 1
    assert "Traceback" not in printed


def test_a_sweep_leaves_a_ranked_csv_and_a_picture(grid: tuple[Path, int, str]) -> None:
    sweep = grid[0]
    with (sweep / "sweep.csv").open() as file:
        lines = list(csv.DictReader(file))
    assert [line["rank"] for line in lines] == ["1", "2", "", ""]
    assert float(lines[0]["value"]) <= float(lines[1]["value"])
    assert (sweep / "sweep.png").is_file()


def test_hparams_of_tensorboard_shows_the_jobs_with_their_last_metrics(
    grid: tuple[Path, int, str],
) -> None:
    from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer
    from tensorboard.plugins.hparams.metadata import (
        PLUGIN_NAME,
        parse_session_start_info_plugin_data,
    )

    sweep = grid[0]
    events = EventMultiplexer().AddRunsFromDirectory(str(sweep))
    events.Reload()
    assert set(events.Runs()) <= {path.name for path in sweep.iterdir()}  # the jobs' names
    shown = {}
    for run_name, tags in events.PluginRunToTagToContent(PLUGIN_NAME).items():
        (content,) = [c for tag, c in tags.items() if "session_start" in tag]
        started = parse_session_start_info_plugin_data(content)
        settings = started.hparams
        assert set(settings) == {"batch_size", "model.latent_dim"}  # what GRID sweeps
        assert f"latent_dim={settings['model.latent_dim'].number_value:.0f}" in started.group_name
        shown[settings["model.latent_dim"].number_value] = events.Scalars(
            run_name, "loss/generator"
        )[-1].value
    with (sweep / "sweep.csv").open() as file:
        ranked = [line for line in csv.DictReader(file) if line["rank"]]
    expected = {float(line["model.latent_dim"]): float(line["value"]) for line in ranked}
    assert shown == pytest.approx(expected)


def test_again_in_the_same_folder_runs_only_what_is_missing(grid: tuple[Path, int, str]) -> None:
    sweep = grid[0]
    done = sorted(sweep.glob("batch_size=4*/job.json"))
    failed = sorted(sweep.glob("batch_size=1000*/job.json"))
    before = [path.stat().st_mtime_ns for path in (*done, *failed)]
    run(sweep, *GRID)
    after = [path.stat().st_mtime_ns for path in (*done, *failed)]
    assert [a == b for a, b in zip(after, before, strict=True)] == [True, True, False, False]


def test_jobs_of_other_settings_are_not_mixed_into_a_folder(grid: tuple[Path, int, str]) -> None:
    status, printed = run(grid[0], *GRID, "trainer.max_epochs=2")
    assert status == 2
    assert "trainer.max_epochs=2" in printed and "set another hydra.sweep.dir" in printed


@pytest.mark.slow
def test_ctrl_c_ends_the_sweep_and_sums_up_what_is_done(tmp_path: Path) -> None:
    sweep = tmp_path / "sweep"
    process = start(sweep, "model.latent_dim=4,5,6", "data.count=64", "trainer.max_epochs=40")
    wait_for_jobs(sweep, 2)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=100)
    assert process.returncode != 0
    assert list(records(sweep).values()) == ["done", "interrupted"], err
    assert "1 of 2 jobs finished" in out


def needs(package: str, extra: str) -> pytest.MarkDecorator:
    """Skip where an optional package is missing."""
    return pytest.mark.skipif(
        find_spec(package) is None, reason=f"{package} is missing: pip install -e '.[{extra}]'"
    )


@pytest.mark.slow
@needs("optuna", "sweep")
def test_a_killed_search_goes_on_to_the_number_of_trials_asked_for(tmp_path: Path) -> None:
    import optuna

    sweep = tmp_path / "search"
    search = (
        "hparams_search=optuna",
        "hydra.sweeper.n_trials=6",
        "trainer.max_epochs=2",
        "callbacks.pruning.pruner.n_startup_trials=2",  # the plots need two complete trials
        "callbacks.pruning.pruner.n_warmup_steps=0",
    )
    killed = start(sweep, *search)
    wait_for_jobs(sweep, 3)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    status, printed = run(sweep, *search)
    assert status == 0, printed
    study = optuna.load_study("train", f"sqlite:///{sweep}/study.db")
    states = [trial.state.name for trial in study.trials]
    assert len(states) == 6
    assert set(states) <= {"COMPLETE", "PRUNED"}
    assert list(records(sweep).values()).count("pruned") == states.count("PRUNED")
    assert len(records(sweep)) == 6  # the killed trial ran again in its own folder
    assert (sweep / "history.png").is_file() and (sweep / "importance.png").is_file()


@pytest.mark.slow
@pytest.mark.parametrize(
    "launcher",
    [
        pytest.param("parallel", marks=needs("joblib", "sweep")),
        pytest.param("submitit_local", marks=needs("submitit", "slurm")),
        pytest.param("cluster", marks=needs("ray", "ray")),
    ],
)
def test_a_launcher_runs_the_same_sweep(tmp_path: Path, launcher: str) -> None:
    sweep = tmp_path / "sweep"
    status, printed = run(sweep, "model.latent_dim=4,8", f"hydra/launcher={launcher}")
    assert status == 0, printed
    assert records(sweep) == {"model.latent_dim=4": "done", "model.latent_dim=8": "done"}
