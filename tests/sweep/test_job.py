"""One job of a sweep, in this process: what it records, what ends it, when it runs at all."""

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hydra.core.hydra_config import HydraConfig
from hydra.errors import InstantiationException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from facade_gan.errors import StoppedWhenDone, UserError
from facade_gan.sweep.job import Job, in_one_line, job_of_a_sweep, mark_pruned

CONFIG = OmegaConf.create({"optimized_metric": "kid"})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A job's folder, with Hydra's word that this is a job of a sweep."""
    hydra = {
        "mode": RunMode.MULTIRUN,
        "runtime": {"output_dir": str(tmp_path)},
        "sweep": {"dir": str(tmp_path.parent)},
        "overrides": {"task": ["lr=1", "ckpt_path=last"]},
    }
    as_config = OmegaConf.create(hydra)
    monkeypatch.setattr(HydraConfig, "get", staticmethod(lambda: as_config))
    return tmp_path


def returning(value: float | None) -> Callable[[DictConfig], float | None]:
    return job_of_a_sweep(lambda cfg: value)


def raising(error: BaseException) -> Callable[[DictConfig], float | None]:
    def command(cfg: DictConfig) -> float | None:
        raise error

    return job_of_a_sweep(command)


def test_a_job_records_its_settings_and_its_metric(folder: Path) -> None:
    assert returning(0.25)(CONFIG) == 0.25
    job = Job.load(folder)
    assert job is not None
    assert (job.status, job.value, job.metric) == ("done", 0.25, "kid")
    assert job.overrides == ["lr=1"]  # where it goes on from is no setting


@pytest.mark.parametrize("status", ["done", "pruned"])
def test_a_finished_job_does_not_run_again(folder: Path, status: str) -> None:
    Job(status, ["lr=1"], "kid", 0.5).save(folder)
    assert raising(AssertionError("ran"))(CONFIG) == 0.5


@pytest.mark.parametrize("status", ["running", "failed", "interrupted"])
def test_a_job_that_was_cut_off_runs_again(folder: Path, status: str) -> None:
    Job(status, ["lr=1"]).save(folder)
    assert returning(0.25)(CONFIG) == 0.25
    assert Job.load(folder).status == "done"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (UserError("lr=-1: set a positive one"), "lr=-1: set a positive one"),
        (ValueError("bad\n  value"), "ValueError: bad value"),
        (MemoryError("no more"), "MemoryError: no more"),
    ],
)
def test_an_error_ends_the_job_and_no_other(folder: Path, error: Exception, reason: str) -> None:
    assert raising(error)(CONFIG) is None
    job = Job.load(folder)
    assert job is not None and (job.status, job.reason) == ("failed", reason)
    assert "Traceback" in (folder / "error.txt").read_text()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_metric_that_is_no_number_is_a_failure(folder: Path, value: float) -> None:
    assert returning(value)(CONFIG) is None
    job = Job.load(folder)
    assert job is not None and (job.status, job.reason) == ("failed", f"kid is {value}")


@pytest.mark.parametrize("end", [KeyboardInterrupt(), SystemExit(128 + signal.SIGTERM)])
def test_an_interrupt_ends_the_sweep(folder: Path, end: BaseException) -> None:
    with pytest.raises(type(end)):
        raising(end)(CONFIG)
    assert Job.load(folder).status == "interrupted"  # type: ignore[union-attr]


def test_a_pruned_job_keeps_its_metric_and_the_reason(folder: Path) -> None:
    def command(cfg: DictConfig) -> float:
        mark_pruned(folder, "behind")
        return 0.75

    assert job_of_a_sweep(command)(CONFIG) == 0.75
    job = Job.load(folder)
    assert job is not None and (job.status, job.value, job.reason) == ("pruned", 0.75, "behind")


def test_without_m_nothing_is_recorded_or_caught(folder: Path) -> None:
    HydraConfig.get().mode = RunMode.RUN
    with pytest.raises(ValueError, match="bad"):
        raising(ValueError("bad"))(CONFIG)
    assert Job.load(folder) is None


def test_a_mistake_met_while_hydra_builds_is_told_in_its_own_words() -> None:
    error = InstantiationException("Error in call to target 'x'")
    error.__cause__ = UserError("data.root: no such folder")
    assert in_one_line(error) == "data.root: no such folder"


def test_the_record_is_plain_json(folder: Path) -> None:
    returning(0.25)(CONFIG)
    assert json.loads((folder / "job.json").read_text())["status"] == "done"


def test_an_interrupt_during_a_job_s_last_work_ends_the_sweep_with_the_job_done(
    folder: Path,
) -> None:
    with pytest.raises(StoppedWhenDone):
        raising(StoppedWhenDone(signal.SIGINT, 0.25))(CONFIG)
    job = Job.load(folder)
    assert job is not None and (job.status, job.value) == ("done", 0.25)


def test_a_job_cut_off_while_a_search_gave_it_up_runs_again(folder: Path) -> None:
    Job("pruned", ["lr=1"], "kid", None, "behind other trials").save(folder)
    assert returning(0.25)(CONFIG) == 0.25


def test_the_time_of_all_attempts_counts_and_an_error_of_before_is_gone(folder: Path) -> None:
    Job("interrupted", ["lr=1"], "kid", seconds=100.0).save(folder)
    (folder / "error.txt").write_text("of before")
    returning(0.25)(CONFIG)
    job = Job.load(folder)
    assert job is not None and 100 <= job.seconds < 110
    assert not (folder / "error.txt").exists()
