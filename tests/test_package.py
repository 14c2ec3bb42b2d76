"""What is installed, and what is said about it."""

import tomllib
from importlib.metadata import version

import pytest
from conftest import REPOSITORY
from omegaconf import OmegaConf
from packaging.requirements import Requirement
from packaging.version import Version

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.mark.parametrize("line", PROJECT["dependencies"])
def test_every_dependency_has_a_lower_bound_which_is_met_here(line: str) -> None:
    requirement = Requirement(line)
    assert any(part.operator == ">=" for part in requirement.specifier)
    assert Version(version(requirement.name)) in requirement.specifier


def test_the_citation_is_of_this_version() -> None:
    citation = OmegaConf.load(REPOSITORY / "CITATION.cff")
    assert citation.version == PROJECT["version"]
    assert citation.license == PROJECT["license"]
