"""What a command that goes on with a run leaves unsaid: it is taken from that run's ``.hydra``.

A run's settings are taken as the overrides it was started with, not as the config they made: what
is no matter of the run, such as where a callback's class lives, may have changed since. Of the
config only what its steps were made by is taken, where today's default is another one.
"""

import os
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf

from facade_gan.atomic_files import write_text
from facade_gan.checkpoints.locate import must_hold_no_other, run_of
from facade_gan.commandline.config import (
    OF_THE_STEP,
    argument,
    choice_today,
    composed,
    config_of,
    flat,
    folders_of_own,
    searching,
)
from facade_gan.commandline.rules import written
from facade_gan.errors import UserError

ITSELF = ("ckpt_path", "hydra.run.dir")  # what says that a run goes on, and which one


def complete(arguments: list[str]) -> list[str]:
    """Put the overrides that a run was started with before those of a command that resumes it.

    Prints a line that names the run, and what the command sets otherwise.

    Args:
        arguments: the command line. ``ckpt_path`` is "last", with the run's folder as
            ``hydra.run.dir``; or the folder of a run to go on in; or a checkpoint of the run.

    Returns:
        The command line to compose the config by; as it was where it goes on with no run, with a
        sweep, or with a run whose settings are unknown.

    Raises:
        UserError: for "last" where no run is named.
    """
    given = [a for a in arguments if a[:1] == "~" or ("=" in a and a[:1] != "-")]
    flags = [a for a in arguments if a not in given]
    try:
        parsed = {o.key_or_group: o for o in OverridesParser.create().parse_overrides(given)}
    except HydraException:
        return arguments  # Hydra says what is wrong with it
    path, here = (_text(parsed.get(key)) for key in ITSELF)
    run = _folder_of_run(path, here)
    many = {"-m", "--multirun"} & set(flags)
    if path == "last" and here is None and not many:
        raise UserError("ckpt_path=last: of which run? Say hydra.run.dir=RUN, its folder")
    if path not in (None, "last") and here is not None and not many:
        must_hold_no_other(Path(here), Path(path))  # Hydra would write into it at once
    if run is None or many:
        return arguments
    about = OmegaConf.load(run / ".hydra" / "hydra.yaml").hydra
    own = [o for o in about.overrides.task if not _is_replaced(o, parsed, about.runtime.choices)]
    if path is not None and Path(path).is_dir() and here in (None, str(run)):
        given = [o for o in given if parsed["ckpt_path"].input_line != o]
        given += ["ckpt_path=last"] + ([] if here else [argument("hydra.run.dir", str(run))])
        here = str(run)
    folders = folders_of_own(about.runtime)
    defaults = _defaults_of(run, own, folders)
    own = [o for o in defaults if not _is_replaced(o, parsed, about.runtime.choices)] + own
    set_here = ["hydra.mode=RUN"]  # a job of a search goes on by itself
    if about.runtime.choices.get("hparams_search") is not None and "~callbacks.pruning" not in own:
        set_here.append("~callbacks.pruning")
    if here is not None and Path(here).resolve() == run.resolve():
        set_here.append("hydra.output_subdir=null")  # `keep_settings` writes it, if all goes well
    changes = [o for o in given if _key(o) not in ITSELF and o not in about.overrides.task]
    if os.environ.get("LOCAL_RANK", "0") == "0":
        print(f"{run}: its own settings{', and ' + ', '.join(changes) if changes else ''}")
    return [*flags, *(f"--config-dir={f}" for f in folders), *set_here, *own, *given]


def keep_settings(cfg: DictConfig) -> None:
    """Write the settings of a run that goes on into its ``.hydra``.

    Hydra would do so before the run is known to be able to go on with them, and the next command
    would take them for the run's own. Nothing is written where the user has Hydra leave none.
    """
    hydra = HydraConfig.get()
    folder = Path(hydra.runtime.output_dir) / ".hydra"
    if hydra.output_subdir is None and folder.is_dir():
        parts = {"config": cfg, "hydra": HydraConfig.instance().cfg}
        for name, part in (*parts.items(), ("overrides", hydra.overrides.task)):
            write_text(folder / f"{name}.yaml", OmegaConf.to_yaml(part))


def _folder_of_run(ckpt_path: str | None, run_dir: str | None) -> Path | None:
    """Find the folder, with its settings, of the run that a command goes on with."""
    if ckpt_path is None:
        return None
    if ckpt_path == "last":
        folder = Path(run_dir) if run_dir else None
    else:
        folder = run_of(Path(ckpt_path))
    # Hydra writes the overrides last: where they are, the other files are whole.
    if folder is None or not (folder / ".hydra" / "overrides.yaml").is_file():
        return None
    return folder


def _defaults_of(run: Path, own: list[str], folders: list[str]) -> list[str]:
    """Write as overrides the defaults that a run's steps were made by and that are others now.

    Args:
        run: its folder.
        own: the overrides it was started with, as far as they still hold.
        folders: of configs of the user's own (``--config-dir``).
    """
    try:
        here = composed("train", *own, searching(folders))
    except HydraException:
        return []  # Hydra says what is wrong with it
    values = flat(config_of(run), resolve=False)
    return [
        f"{key}={written(values[key])}"
        for key, now in flat(here, resolve=False).items()
        if key.startswith(OF_THE_STEP)
        and values.get(key, now) != now
        and "${" not in f"{values[key]}{now}"  # a reference may be spelt anew and be the same
    ]


def _is_replaced(own: str, given: dict[str, Override], choices: Any) -> bool:
    """Whether an override of the run gives way to those of the command.

    A setting of a group goes with the group's choice: ``data.root`` where ``data`` is another one.
    """
    key = _key(own)
    if key == "ckpt_path" or key in given:
        return True
    if key == "trainer.max_steps" and "trainer.max_epochs" in given:
        return True  # who says how many epochs is not stopped by the steps that the run had
    group = key.split(".")[0]
    if group not in given:
        return False
    before, now = (choice_today(group, str(c)) for c in (choices.get(group), _text(given[group])))
    return before != now


def _key(override: str) -> str:
    return OverridesParser.create().parse_override(override).key_or_group


def _text(override: Override | None) -> str | None:
    value = None if override is None else override.value()
    return None if value is None else str(value)
