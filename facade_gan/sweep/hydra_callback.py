"""What happens before the first job of a ``-m`` and after its last one."""

import atexit
import functools
import json
import logging
import sys
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf, open_dict, read_write

from facade_gan.atomic_files import write_text
from facade_gan.checkpoints.locate import of_run
from facade_gan.commandline.config import register_resolvers
from facade_gan.commandline.folder_lock import hold, stop
from facade_gan.sweep.job import FINISHED, NO_DIFFERENCE
from facade_gan.sweep.rows import collect
from facade_gan.sweep.summary import summarise

log = logging.getLogger(__name__)

# A launcher's other processes unpickle the callback, hence import this file, before they read the
# config: they know its resolvers by this line.
register_resolvers()


class Sweep(Callback):
    """Names the jobs' folders, keeps sweeps of other settings apart, and sums up at the end.

    Args:
        unless_chosen: value by key or config group, added to the sweep where neither the command
            line nor a config chooses one.
    """

    def __init__(self, unless_chosen: dict[str, str]) -> None:
        self.unless_chosen = unless_chosen

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Prepare the folder and the names of those in it."""
        sweep = Path(config.hydra.sweep.dir)
        # Two sweeps in one folder would run each job twice.
        hold(
            sweep,
            f"another process runs the sweep in {sweep}: wait for it, or set hydra.sweep.dir",
        )
        sweep.mkdir(parents=True, exist_ok=True)
        with read_write(config), open_dict(config):
            self.choose(config)
            swept, fixed = swept_and_fixed(config)
            if swept:  # only they belong into the folders' names
                same = {key_of(o) for o in fixed} - {key_of(o) for o in swept}
                keys = ",".join(f"'{name}'" for name in sorted(same))
                config.hydra.overrides.hydra.append(
                    f"hydra.job.config.override_dirname.exclude_keys=[{keys}]"
                )
        keep_apart(sweep, fixed, swept)
        # A sweep that the user or an error ends never comes to on_multirun_end.
        self.sum_up = functools.partial(summarise, sweep)
        atexit.register(self.sum_up)

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """Sum up; the exit status is 1 where a job failed."""
        atexit.unregister(self.sum_up)
        try:
            rows = self.sum_up()
        except OSError as error:  # of a callback Hydra would make a warning, and of the status 0
            stop(f"the sweep in {config.hydra.sweep.dir} could not be summed up: {error}")
        if any(row.job.status not in FINISHED for row in rows):
            print("The same command with this hydra.sweep.dir runs only the jobs that are missing.")
            sys.exit(1)

    def choose(self, config: DictConfig) -> None:
        """Add the overrides of ``unless_chosen``."""
        named = {key_of(override) for override in config.hydra.overrides.task}
        choices = config.hydra.runtime.choices
        for key, value in self.unless_chosen.items():
            now = choices[key] if key in choices else OmegaConf.select(config, key)
            if key not in named and now in (None, "none"):
                config.hydra.overrides.task.append(f"{key}={value}")


def swept_and_fixed(config: DictConfig) -> tuple[list[str], list[str]]:
    """Part the task's overrides into those with several values and those with one."""
    given = list(config.hydra.overrides.task)
    parsed = OverridesParser.create().parse_overrides(given)
    swept = [o for o, p in zip(given, parsed, strict=True) if p.is_sweep_override()]
    params = OmegaConf.select(config, "hydra.sweeper.params") or {}
    return swept + [f"{k}={v}" for k, v in params.items()], [o for o in given if o not in swept]


def key_of(override: str) -> str:
    """Name what an override sets: ``+a.b=1`` sets ``a.b``."""
    return override.lstrip("+~").split("=", 1)[0].split("@", 1)[0]


def keep_apart(sweep: Path, fixed: list[str], swept: list[str]) -> None:
    """Refuse to mix jobs of other settings among those finished or begun in ``sweep``.

    Folders are named by what is swept, so what is the same for all jobs must stay the same. A job
    that has saved nothing would begin anew anyway.
    """
    path = sweep / "sweep.json"
    mine = sorted(override for override in fixed if key_of(override) not in NO_DIFFERENCE)
    begun = any(
        row.job.status in FINISHED or of_run(row.folder / "checkpoints") for row in collect(sweep)
    )
    if begun and path.is_file():
        theirs = json.loads(path.read_text())["fixed"]
        if theirs != mine:
            other = ", ".join(sorted(set(theirs) ^ set(mine)))
            stop(f"{sweep} holds jobs of other settings ({other}): set another hydra.sweep.dir")
    write_text(
        path, json.dumps({"fixed": mine, "swept": sorted(map(key_of, swept))}, indent=2) + "\n"
    )
