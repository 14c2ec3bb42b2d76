"""What every command does around its work: compose its config, and end in one line and a status."""

import functools
import io
import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import hydra
from omegaconf import DictConfig

from facade_gan.commandline.broken_pipe import reader_may_leave
from facade_gan.commandline.config import CONF, register_resolvers
from facade_gan.commandline.help_text import help_text
from facade_gan.commandline.mistakes import explain, must_be_settings
from facade_gan.commandline.signals import end_quietly, raised, take_signals
from facade_gan.errors import Stopped

Function = Callable[[DictConfig], Any]


def command(
    name: str, complete: Callable[[list[str]], list[str]] = list
) -> Callable[[Function], Callable[[], None]]:
    """Make a function of a config the command that ``conf/NAME.yaml`` describes.

    Exit status: 0, 1 for a failure, 2 for a mistake of the user's, 130 or 143 after a signal.

    Args:
        name: of the config.
        complete: adds to the command line what it leaves unsaid.
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
            # What --help and the log file call it.
            os.environ["HYDRA_MAIN_MODULE"] = f"facade_gan.{name}"
            for stream in (sys.stdout, sys.stderr):
                if isinstance(stream, io.TextIOWrapper):  # its encoding may lack a file's name
                    stream.reconfigure(errors="backslashreplace")
            logging.raiseExceptions = False  # no traceback for each line that a full disk refuses
            take_signals()
            with plain_words(name):  # what is wrong with the config comes before the task
                must_be_settings(sys.argv[1:], name)
                if name != "train" and {"--help", "-h"} & set(sys.argv):
                    # Hydra's own lists groups that this command lacks, and says of no setting
                    # what it means.
                    print(help_text(name, sys.argv[1:]), end="")
                    return
                sys.argv[1:] = complete(sys.argv[1:])
                run()

        return main

    return decorate


@contextmanager
def plain_words(name: str) -> Iterator[None]:
    """End the process with one line and a status where a mistake or a signal ends the work."""
    try:
        with reader_may_leave():
            yield
    except Stopped as stop:
        end(stop)
    except Exception as error:
        if raised:
            end(raised[-1])
        mistake = explain(error, name)
        if mistake is None:
            keep(traceback.format_exc())
            raise
        say(f"error: {mistake}")
        sys.exit(mistake.status)


def end(stop: Stopped) -> NoReturn:
    """End the process after a signal."""
    end_quietly()
    if str(stop):  # of several devices one speaks
        say(str(stop))
    sys.exit(stop.status)


def say(line: str) -> None:
    """Print the last line of a command that ends early."""
    print(line, file=sys.stderr)
    keep(line)


def keep(text: str) -> None:
    """Write into the run's log what the screen shows, where there is a log."""
    record = logging.LogRecord(__name__, logging.ERROR, __file__, 0, text, None, None)
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.FileHandler):
            handler.handle(record)
