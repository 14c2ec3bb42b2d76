"""One job of a sweep: run once, with how it went in ``job.json`` in its folder."""

import functools
import gc
import json
import logging
import math
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock
from hydra.core.hydra_config import HydraConfig
from hydra.errors import InstantiationException
from hydra.types import RunMode
from omegaconf import DictConfig

from facade_gan.atomic_files import write_text
from facade_gan.commandline.folder_lock import LOCK
from facade_gan.errors import StoppedWhenDone, UserError

log = logging.getLogger(__name__)

FINISHED = ("done", "pruned")  # the job need not run again
# Where a job goes on from and what it leaves on disk are no settings by which jobs differ.
NO_DIFFERENCE = ("ckpt_path", "callbacks.checkpoint.keep")


@dataclass
class Job:
    """How a job went.

    Args:
        status: "running", "done", "pruned" (stopped early by a search), "failed", "interrupted".
        overrides: its settings as on the command line, ``key=value``.
        metric: name of the metric that the sweep ranks by, lower is better; None for none.
        value: its value at the end; None where there is none.
        reason: why it failed or was pruned, one line.
        seconds: how long it ran, over all attempts.
    """

    status: str
    overrides: list[str] = field(default_factory=list)
    metric: str | None = None
    value: float | None = None
    reason: str = ""
    seconds: float = 0.0

    @staticmethod
    def load(folder: Path) -> "Job | None":
        """Read the record in ``folder``; None where there is none."""
        path = folder / "job.json"
        return Job(**json.loads(path.read_text())) if path.is_file() else None

    def save(self, folder: Path) -> None:
        """Write the record; whoever reads at the same time sees the old one or the new one."""
        write_text(folder / "job.json", json.dumps(asdict(self), indent=2) + "\n")


def job_of_a_sweep(
    command: Callable[[DictConfig], float | None],
) -> Callable[[DictConfig], float | None]:
    """Under ``-m``, run ``command`` where its folder holds no finished job, and record the outcome.

    An error ends this job and no other: the command then returns None. The user's interrupt ends
    the sweep, also where it came too late to end the job. Without ``-m`` nothing is recorded.
    """

    @functools.wraps(command)
    def run(cfg: DictConfig) -> float | None:
        hydra = HydraConfig.get()
        if hydra.mode != RunMode.MULTIRUN:
            try:
                return command(cfg)
            except StoppedWhenDone as stop:  # nothing follows
                return stop.value
        folder = Path(hydra.runtime.output_dir)
        # A search may try the same settings twice at once; the second then finds the first done.
        with FileLock(folder / LOCK):
            earlier = Job.load(folder)
            # One that was killed while a search gave it up has no value yet.
            cut_off = earlier is not None and (earlier.status, earlier.value) == ("pruned", None)
            if earlier is not None and earlier.status in FINISHED and not cut_off:
                log.info(f"Already {earlier.status}: {folder.name}")
                return earlier.value
            settings = [o for o in hydra.overrides.task if o.split("=")[0] not in NO_DIFFERENCE]
            before = 0.0 if earlier is None else earlier.seconds
            return _attempt(command, cfg, folder, settings, before)

    return run


def mark_pruned(folder: Path, reason: str) -> None:
    """Note in the record of the running job in ``folder`` that a search gave it up."""
    job = Job.load(folder)
    assert job is not None
    job.status, job.reason = "pruned", reason
    job.save(folder)


def _attempt(
    command: Callable[[DictConfig], float | None],
    cfg: DictConfig,
    folder: Path,
    overrides: list[str],
    seconds_before: float,
) -> float | None:
    start = time.monotonic()
    metric = cfg.optimized_metric
    stopped: StoppedWhenDone | None = None
    Job("running", overrides, metric, seconds=seconds_before).save(folder)
    (folder / "error.txt").unlink(missing_ok=True)

    def close(status: str, value: float | None = None, reason: str = "") -> None:
        seconds = round(seconds_before + time.monotonic() - start, 1)
        Job(status, overrides, metric, value, reason, seconds).save(folder)

    try:
        value = command(cfg)
    except StoppedWhenDone as stop:
        stopped, value = stop, stop.value
    except Exception as error:
        with suppress(OSError):  # a full disk, say; its line is told in any case
            write_text(folder / "error.txt", traceback.format_exc())
        close("failed", reason=in_one_line(error))
        log.error(f"{folder.name} failed: {in_one_line(error)} (more in {folder}/error.txt)")
        return None
    except BaseException:
        close("interrupted")
        say_how_to_go_on()
        raise
    finally:
        _free_memory()

    if value is not None and not math.isfinite(value):
        close("failed", reason=f"{metric} is {value}")
        value = None
    else:
        so_far = Job.load(folder)
        assert so_far is not None
        close("pruned" if so_far.status == "pruned" else "done", value, so_far.reason)
    if stopped is not None:
        say_how_to_go_on()
        raise stopped
    return value


def say_how_to_go_on() -> None:
    """Log the command that runs the rest of the sweep."""
    again = f"hydra.sweep.dir='{HydraConfig.get().sweep.dir}'"
    log.info(f"The sweep stops. The same command with {again} runs what is missing.")


def in_one_line(error: BaseException) -> str:
    """Say in one line what went wrong; a mistake of the user's in the words meant for the user."""
    if isinstance(error, InstantiationException) and error.__cause__ is not None:
        error = error.__cause__
    text = " ".join(str(error).split())
    line = text if isinstance(error, UserError) else f"{type(error).__name__}: {text}"
    return line if len(line) <= 300 else line[:297] + "..."


def _free_memory() -> None:
    """Give back what the job held, above all on a GPU it ran out of memory on."""
    gc.collect()
    torch: Any = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
