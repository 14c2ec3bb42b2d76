"""Ctrl-C ends a command in one line, whatever it meets it at."""

from pathlib import Path

import pytest
from conftest import run_command

COMMAND = """
import os, signal, sys, time
from facade_gan.commandline.command import command

def ctrl_c():
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.01)

@command("directions")
def main(config):
    {}
    time.sleep(20)  # which no lost signal ends

main()
"""

AT_WORK = "ctrl_c()"
WHERE_AN_OBJECT_IS_FREED = """
    class Freed:
        def __del__(self):
            ctrl_c()

    Freed()
"""
WHERE_CLEANING_UP_FAILS = """
    try:
        ctrl_c()
    finally:
        raise AttributeError("a module that is half loaded has no such attribute")
"""
WHERE_IT_IS_SWALLOWED = """
    try:
        ctrl_c()
    except BaseException:
        pass
    raise RecursionError("in a module that is half loaded")
"""
WHERE_AN_IMPORT_SWALLOWS_IT = """
    class Finder:
        def find_spec(self, name, path, target=None):
            if name == "chess":
                try:
                    ctrl_c()
                except BaseException:
                    pass

    sys.meta_path.insert(0, Finder())
    try:
        import chess
    except ImportError:
        pass
"""
WHILE_PYTORCH_LOADS = """
    class Finder:
        def find_spec(self, name, path, target=None):
            if name == "torch._meta_registrations":
                ctrl_c()

    sys.meta_path.insert(0, Finder())
    import torch
"""


@pytest.mark.parametrize(
    "met",
    [
        AT_WORK,
        WHERE_AN_OBJECT_IS_FREED,
        WHERE_CLEANING_UP_FAILS,
        WHERE_IT_IS_SWALLOWED,
        WHERE_AN_IMPORT_SWALLOWS_IT,
        WHILE_PYTORCH_LOADS,
    ],
    ids=["at work", "freed", "cleaning up fails", "swallowed", "import swallows", "PyTorch loads"],
)
def test_ctrl_c_ends_a_command_in_one_line(met: str, tmp_path: Path) -> None:
    done = run_command("-c", COMMAND.format(met), "out=x.png", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Stopped by SIGINT.\n")
    assert list(tmp_path.iterdir()) == []
