"""What the jobs of a sweep come to: ``sweep.csv``, a ranked table, and ``sweep.png``."""

import csv
from collections.abc import Sequence
from pathlib import Path

from facade_gan.atomic_files import replaced
from facade_gan.checkpoints.disk import disk_use
from facade_gan.figures import save_figure
from facade_gan.sweep.job import FINISHED, Job
from facade_gan.sweep.picture import sweep_picture
from facade_gan.sweep.rows import Row, collect


def write_csv(rows: Sequence[Row], path: Path) -> None:
    """Write one line a job: rank, status, settings, metrics, seconds, reason, folder."""
    settings = dict.fromkeys(key for row in rows for key in row.settings)
    metrics = dict.fromkeys(key for row in rows for key in row.metrics)
    with replaced(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        fixed = ["seconds", "reason", "folder"]
        writer.writerow(["rank", "status", *settings, "value", *metrics, *fixed])
        for row in rows:
            job = row.job
            writer.writerow(
                [_blank(row.rank), job.status]
                + [row.settings.get(key, "") for key in settings]
                + [_blank(job.value)]
                + [row.metrics.get(key, "") for key in metrics]
                + [job.seconds, job.reason, row.folder.name]
            )


def _blank(value: float | None) -> float | str:
    return "" if value is None else value


def ranking(rows: Sequence[Row], metric: str) -> str:
    """Lay the jobs out as a table for the screen; below it, who has no rank and why."""
    keys = list(dict.fromkeys(key for row in rows for key in row.settings))
    cells = [["", *keys, metric, "status", "seconds"]]
    for row in rows:
        value = "-" if row.job.value is None else f"{row.job.value:.4f}"
        rank = "" if row.rank is None else f"{row.rank}."
        chosen = [row.shown.get(key, "") for key in keys]
        cells.append([rank, *chosen, value, row.job.status, f"{row.job.seconds:.0f}"])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    lines += [f"{row.job.status}: {row.label}: {_why(row.job)}" for row in _explained(rows)]
    return "\n".join(lines)


def _explained(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.job.status != "done"]


def _why(job: Job) -> str:
    if job.status == "running":
        return "still at work, or its process was killed (out of memory?)"
    return job.reason or "by the user"


def summarise(sweep: Path) -> list[Row]:
    """Write ``sweep.csv`` and ``sweep.png`` into ``sweep``, and print the table.

    Args:
        sweep: the folder with one folder a job.
    """
    rows = collect(sweep)
    metric = next((row.job.metric for row in rows if row.job.metric), "no metric")
    print("\n" + ranking(rows, metric))
    write_csv(rows, sweep / "sweep.csv")
    picture = sweep_picture(rows, metric)
    if picture is not None:
        save_figure(picture, sweep / "sweep.png")
    done = sum(row.job.status in FINISHED for row in rows)
    print(f"{done} of {len(rows)} jobs finished")
    print(f"table:       {sweep}/sweep.csv")
    if picture is not None:
        print(f"pictures:    {sweep}/sweep.png")
    print(f"on disk:     {disk_use(sweep)}")
    print(f"TensorBoard: tensorboard --logdir '{sweep}'  (all jobs: tab HPARAMS)")
    return rows
