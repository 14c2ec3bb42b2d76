"""What is wrong with a command, in one line: what, where, and how it is written."""

import errno
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from hydra._internal.utils import get_args_parser
from hydra.errors import (
    HydraException,
    InstantiationException,
    MissingConfigException,
    OverrideParseException,
)
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from facade_gan.commandline.config import (
    CONF,
    argument,
    choices_of,
    composed,
    for_shell,
    is_choice,
    nodes,
    without_hydra,
)
from facade_gan.commandline.did_you_mean import did_you_mean, nearest
from facade_gan.commandline.extras import PLUGINS
from facade_gan.errors import UserError, to_install

FULL = (errno.ENOSPC, errno.EDQUOT)
UNUSABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EISDIR,
            errno.ENAMETOOLONG)  # fmt: skip


def must_be_settings(arguments: list[str], name: str) -> None:
    """Refuse options that the command ``name`` doesn't have: ``--max_epochs 5``.

    Raises:
        UserError: for the first one, with the setting that is probably meant.
    """
    for option in get_args_parser().parse_known_args(arguments)[1]:
        if option.startswith("-"):
            key, equals, value = option.lstrip("-").partition("=")
            after = arguments[arguments.index(option) + 1 :]
            value = value if equals else (after[0] if after else "...")
            meant = nearest(key.replace("-", "_"), settings(name))
            hint = f": {meant}={value}" if meant else ""
            raise UserError(f"{option}: a setting is written key=value, without dashes{hint}")


def explain(error: Exception, name: str) -> UserError | None:
    """Put an error in words for the user; None where it is a fault of the program."""
    while isinstance(error, InstantiationException) and isinstance(error.__cause__, Exception):
        error = error.__cause__  # met while Hydra built an object
    if isinstance(error, ValueError) and "Unable to configure handler" in str(error):
        error = error.__cause__ if isinstance(error.__cause__, OSError) else error  # the log file
    if isinstance(error, ValueError) and str(error).startswith("Config group override must be"):
        return UserError(group_of_null())
    if isinstance(error, UserError):
        return error
    if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("facade_gan"):
        return UserError(f"a package is missing: {error}")
    if isinstance(error, HydraException | OmegaConfBaseException):
        return UserError(explain_config(error, name))
    return explain_file(error, name) if isinstance(error, OSError) else None


def group_of_null() -> str:
    """Say which config group was given as null, where Hydra takes one of its choices."""
    nulls = [argument[:-5] for argument in sys.argv[1:] if argument.endswith("=null")]
    for group in [key.split("@")[0].lstrip("+") for key in nulls]:
        if options := choices_of(group):
            return f"{group}=null: no such choice; there are ({', '.join(options)})"
    return "a config group takes one of its choices, and not null"


def explain_file(error: OSError, name: str) -> UserError | None:
    """Name the file or folder that can't be used."""
    if error.errno in FULL:
        return UserError(f"the disk is full ({error.filename or 'while writing'}): make room")
    if error.errno not in UNUSABLE or error.filename is None:
        return None
    hint = "; hydra.run.dir=... puts the run into another folder" if name == "train" else ""
    return UserError(f"{error.filename} can't be used: {str(error.strerror).lower()}{hint}")


def explain_config(error: HydraException | OmegaConfBaseException, name: str) -> str:
    """Say which argument can't be read or fits nothing."""
    missing = getattr(error, "missing_cfg_file", None) or ""
    if missing in PLUGINS:
        return f"{missing} is a plugin of Hydra's that is missing: {to_install(PLUGINS[missing])}"
    if isinstance(error, MissingConfigException) and error.missing_cfg_file and error.options:
        group, choice = error.missing_cfg_file.rstrip("/").rsplit("/", 1)
        there = [each for each in error.options if is_choice(group, each)]
        options = ", ".join(there)
        hint = did_you_mean(choice, there)
        if group == "data" and not hint:
            hint = f"; photos of your own are data=folder data.root={choice}; there are"
        return f"{group}={choice}: no such choice{hint or '; there are'} ({options})"
    if isinstance(error, OverrideParseException):
        return f"{error.override}: not to be read as key=value{as_text(error.override)}"
    several = re.match(r"Ambiguous value for argument '(.*)'", str(error))
    if several:
        key, _, value = several[1].partition("=")
        number = re.fullmatch(r"(\d+),(\d+)", value)
        hint = f" or a decimal point ({key}={number[1]}.{number[2]})" if number else ""
        return f"{several[1]}: several values need -m{hint}{as_text(several[1])}"
    unmatched = re.match(r"Could not override '(.*)'", str(error))
    if unmatched:
        unknown = unmatched[1]
        choices = " or ".join(choices_with(unknown, name))
        hint = f" as it stands; it comes with {choices}" if choices else ""
        return f"{unknown}: no such setting{hint or did_you_mean(unknown, settings(name))}"
    return " ".join(str(error).split())


def as_text(override: str) -> str:
    """Say how an argument is written for a shell whose value is to be taken as text."""
    key, equals, value = override.partition("=")
    if not equals or not value:
        return ""
    whole = str(Path(value).expanduser()) if value.startswith("~") else value
    return f"; as text it is written {for_shell(argument(key, whole))}"


def choices_with(key: str, name: str) -> Iterator[str]:
    """Find the choices of the config groups named in ``key`` that bring the setting ``key``."""
    groups = [part for part in key.split(".")[:-1] if (CONF / part).is_dir()]
    for choice in [f"{group}={each}" for group in groups for each in choices_of(group)]:
        if key in settings(name, choice):
            yield choice


def settings(name: str, *choices: str) -> list[str]:
    """List the keys of a command's config, with the groups' choices on the command line."""
    groups = {path.name for path in CONF.iterdir() if path.is_dir()}
    chosen = [a for a in sys.argv[1:] if a.split("=")[0] in groups and "," not in a]
    try:
        cfg = composed(name, *chosen, *choices)
    except HydraException:
        cfg = composed(name)
    found = nodes("", OmegaConf.to_container(without_hydra(cfg)))
    return [f"{prefix}{key}" for prefix, node in found for key in node if key != "_target_"]
