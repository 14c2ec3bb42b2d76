"""What every command does around its work: compose its config, and end in one line and a status."""

import errno
import functools
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hydra
from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import (
    HydraException,
    InstantiationException,
    MissingConfigException,
    OverrideParseException,
)
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from facade_gan.commandline.config import register_resolvers
from facade_gan.commandline.did_you_mean import did_you_mean
from facade_gan.commandline.validation import nodes
from facade_gan.errors import Stopped, UserError

PACKAGE = Path(__file__).parents[1]
# A wheel has the configs inside the package, a clone beside it.
CONF = next(path for path in (PACKAGE / "conf", PACKAGE.parent / "conf") if path.is_dir())

Function = Callable[[DictConfig], Any]


def command(name: str) -> Callable[[Function], Callable[[], None]]:
    """Make a function of a config the command that ``conf/NAME.yaml`` describes.

    Exit status: 0, 1 for a failure, 2 for a mistake of the user's, 130 or 143 after a signal.
    """

    def decorate(function: Function) -> Callable[[], None]:
        register_resolvers()

        @functools.wraps(function)
        def task(cfg: DictConfig) -> Any:
            with plain_words(name):
                return function(cfg)

        run = hydra.main(config_path=str(CONF), config_name=name, version_base="1.3")(task)

        @functools.wraps(function)
        def main() -> None:
            os.environ["HYDRA_FULL_ERROR"] = "1"  # raise errors, so that they can be put in words
            take_signals()
            with plain_words(name):  # what is wrong with the config comes before the task
                run()

        return main

    return decorate


@contextmanager
def plain_words(name: str) -> Iterator[None]:
    """End the process with one line and a status where a mistake or a signal ends the work."""
    try:
        yield
    except Stopped as stop:
        print(stop, file=sys.stderr)
        sys.exit(stop.status)
    except Exception as error:
        mistake = explain(error, name)
        if mistake is None:
            raise
        print(f"error: {mistake}", file=sys.stderr)
        sys.exit(mistake.status)


def take_signals() -> None:
    """Make Ctrl-C and SIGTERM end the command without a traceback, here and not in its workers."""

    def stop(number: int, frame: Any) -> None:
        raise Stopped(signal.Signals(number), f"Stopped by {signal.Signals(number).name}.")

    def forget() -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_DFL)

    if threading.current_thread() is threading.main_thread():
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, stop)
        if hasattr(os, "register_at_fork"):  # Windows starts its workers anew
            os.register_at_fork(after_in_child=forget)


def explain(error: Exception, name: str) -> UserError | None:
    """Put an error in words for the user; None where it is a fault of the program."""
    if isinstance(error, InstantiationException) and isinstance(error.__cause__, Exception):
        error = error.__cause__  # met while Hydra built an object
    if isinstance(error, UserError):
        return error
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return UserError(f"the disk is full ({error.filename or 'while writing'}): make room")
    if isinstance(error, MissingConfigException) and error.missing_cfg_file and error.options:
        group, choice = error.missing_cfg_file.rsplit("/", 1)
        options = ", ".join(error.options)
        hint = did_you_mean(choice, error.options)
        return UserError(f"{group}={choice}: no such choice{hint or '; there are'} ({options})")
    if isinstance(error, OverrideParseException):
        reason = error.message.splitlines()[0]
        return UserError(f"{error.override}: not to be read as key=value ({reason})")
    unknown = getattr(error.__cause__, "full_key", None)
    if isinstance(error, HydraException) and "Could not override" in str(error) and unknown:
        return UserError(f"{unknown}: no such setting{did_you_mean(unknown, settings(name))}")
    is_value_for_group = "Config group override must be a string" in str(error)
    if is_value_for_group or isinstance(error, HydraException | OmegaConfBaseException):
        return UserError(" ".join(str(error).split()))
    return None


def settings(name: str) -> list[str]:
    """List the keys of a command's config, with the groups' choices on the command line."""
    groups = {path.name for path in CONF.iterdir() if path.is_dir()}
    chosen = [a for a in sys.argv[1:] if a.split("=")[0] in groups and "," not in a]
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        try:
            cfg = compose(name, overrides=chosen)
        except HydraException:
            cfg = compose(name)
    found = nodes("", OmegaConf.to_container(cfg))
    return [f"{prefix}{key}" for prefix, node in found for key in node if key != "_target_"]
