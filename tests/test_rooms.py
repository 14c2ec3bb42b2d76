"""Who may import whom: the ground plan of docs/architecture.md, held against the code."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from conftest import REPOSITORY

PACKAGE = REPOSITORY / "facade_gan"
COMMANDS = {"train", "generate", "evaluate", "export", "photos", "shard", "results", "benchmark",
            "directions", "explore", "project", "video"}  # fmt: skip
# Callbacks for what a sweep varies, distributed to start its processes by the same command.
KNOW_HYDRA = {*COMMANDS, "commandline", "run", "sweep", "callbacks", "distributed"}


def room(file: Path) -> str:
    """Name the folder or file at the top of the package that ``file`` belongs to."""
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(file: Path) -> set[str]:
    """List what a file imports, wherever in it, as dotted names."""
    nodes = list(ast.walk(ast.parse(file.read_text())))
    plain = {a.name for node in nodes if isinstance(node, ast.Import) for a in node.names}
    origins = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    return plain | {f"{node.module}.{a.name}" for node in origins for a in node.names}


IMPORTS: dict[str, set[str]] = {}
for file in PACKAGE.rglob("*.py"):
    if file != PACKAGE / "__init__.py":  # the front door
        IMPORTS.setdefault(room(file), set()).update(imported(file))
ROOMS = {
    name: {n.split(".")[1] for n in found if n.startswith("facade_gan.")} - {name}
    for name, found in IMPORTS.items()
}


def test_no_room_imports_itself_through_others() -> None:
    assert len(list(TopologicalSorter(ROOMS).static_order())) == len(ROOMS)


def test_the_grammar_imports_nothing_of_the_project() -> None:
    assert ROOMS["shape_grammar"] == set()


@pytest.mark.parametrize("name", ["networks", "losses", "augment", "ema", "compute", "metrics"])
def test_what_computes_knows_no_configs_and_no_trainer(name: str) -> None:
    assert not [n for n in IMPORTS[name] if n.startswith(("hydra", "omegaconf", "lightning"))]
    assert not ROOMS[name] & {"commandline", "run", "callbacks", "gan"}
    assert name == "metrics" or "data" not in ROOMS[name]  # images of any origin are judged


def test_only_commands_and_what_serves_them_know_hydra_and_nobody_imports_a_command() -> None:
    knowing = {name for name, found in IMPORTS.items() for n in found if n.startswith("hydra")}
    assert knowing <= KNOW_HYDRA
    assert not set().union(*ROOMS.values()) & COMMANDS
