"""``--help`` of a command: its own settings, each with what it means."""

import re

import pytest
from conftest import REPOSITORY, run_command
from hydra.errors import HydraException

from facade_gan.__main__ import commands
from facade_gan.commandline.help_text import help_text


@pytest.mark.parametrize("name", sorted(commands().keys() - {"train"}))
def test_every_setting_is_shown_with_its_comment_and_nothing_of_hydra(name: str) -> None:
    shown = help_text(name, ["--help"])
    written = (REPOSITORY / "conf" / f"{name}.yaml").read_text().split("\nhydra:")[0]
    lines = [line for line in written.splitlines() if re.match(r"\w+:|#", line)]
    assert set(lines) - {"defaults:"} <= set(shown.splitlines())
    assert "hydra" not in shown and "defaults:" not in shown


def test_a_command_shows_the_choices_it_has_and_no_others() -> None:
    shown = help_text("evaluate", ["data=cmp", "--help"])
    assert "# Choices: data=cmp|drawn|folder|shards. Those of data=cmp:\ndata:\n" in shown
    assert "\n  root: data/cmp\n" in shown and "features=efficientnet|inception" in shown
    assert "loss" not in shown and "Choices" not in help_text("generate", [])


def test_help_with_a_choice_that_does_not_exist_is_refused() -> None:
    with pytest.raises(HydraException):
        help_text("evaluate", ["data=nope"])


def test_the_command_prints_it() -> None:
    done = run_command("-m", "facade_gan", "generate", "-h")
    assert (done.returncode, done.stdout) == (0, help_text("generate", []))
