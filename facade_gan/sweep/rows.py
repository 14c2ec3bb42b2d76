"""The jobs of a sweep as rows: in what they differ, what they measured, who is best."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from facade_gan.sweep.job import FINISHED, Job


@dataclass
class Row:
    """One job among the others.

    Args:
        folder: of the job.
        job: how it went.
        settings: value by key, of the overrides in which the jobs differ.
        metrics: its final metrics by name.
        rank: 1 is the best; None where it didn't finish with a metric.
    """

    folder: Path
    job: Job
    settings: dict[str, str]
    metrics: dict[str, float] = field(default_factory=dict)
    rank: int | None = None

    @property
    def label(self) -> str:
        """Its settings in one line; its folder's name where all jobs have the same."""
        return ", ".join(f"{k}={v}" for k, v in self.shown.items()) or self.folder.name

    @property
    def shown(self) -> dict[str, str]:
        """Its settings for the eye: numbers to four digits."""
        return {key: _short(value) for key, value in self.settings.items()}


def collect(sweep: Path) -> list[Row]:
    """Read the jobs below ``sweep``: the ranked ones from best to worst, then the others."""
    folders = sorted(path.parent for path in sweep.rglob("job.json"))
    jobs = [job for job in map(Job.load, folders) if job is not None]
    differing = _differing([job.overrides for job in jobs])
    rows = [
        Row(folder, job, settings, _metrics(folder))
        for folder, job, settings in zip(folders, jobs, differing, strict=True)
    ]
    rows.sort(key=_order)
    for i, row in enumerate(rows):
        if row.job.status == "done" and row.job.value is not None:
            row.rank = i + 1
    return rows


def _short(value: str) -> str:
    """``0.00034617652930056514`` as ``0.0003462``; whatever is no long fraction as it is.

    Whole numbers, such as seeds, are told apart by all their digits.
    """
    fraction = "_" not in value and bool({".", "e", "E"} & set(value))
    try:
        return f"{float(value):.4g}" if fraction and len(value) > 8 else value
    except ValueError:
        return value


def _order(row: Row) -> tuple[int, float, str]:
    """Done before pruned before the rest; among them the lower metric, then the name."""
    place = FINISHED.index(row.job.status) if row.job.status in FINISHED else len(FINISHED)
    value = row.job.value if row.job.value is not None else float("inf")
    return place, value, row.folder.name


def _differing(jobs: Sequence[list[str]]) -> list[dict[str, str]]:
    """For each job the overrides that not all jobs share, as value by key."""
    settings = [dict(override.split("=", 1) for override in job if "=" in override) for job in jobs]
    keys = list(dict.fromkeys(key for one in settings for key in one))
    varied = [key for key in keys if len({one.get(key) for one in settings}) > 1]
    return [{key: one[key] for key in varied if key in one} for one in settings]


def _metrics(folder: Path) -> dict[str, float]:
    path = folder / "summary.json"
    return json.loads(path.read_text())["metrics"] if path.is_file() else {}
