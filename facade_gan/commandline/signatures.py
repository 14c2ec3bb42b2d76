"""What a class or function asks for, read off its source, as importing it may load PyTorch."""

import ast
import builtins
import functools
import importlib
import importlib.machinery
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OURS = "facade_gan."
FAR = 8  # a name that passes through more modules comes from itself

Place = tuple[str, str]  # a module's name, and a name in it
Function = ast.FunctionDef | ast.AsyncFunctionDef


@functools.cache
def parameters(target: str) -> tuple[dict[str, Any], bool]:
    """List the parameters of a class or function, given by its dotted name, with their type hints.

    Returns:
        Hints by name, and whether it takes others that it doesn't name. ``**kwargs`` of a class of
        this project are those of the classes it is made from.
    """
    module, _, name = target.rpartition(".")
    hints: dict[str, Any] = {}
    for where, function in makers(module, name):
        if function is None:
            return hints, True
        arguments = function.args
        for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            hints.setdefault(each.arg, hint(where, each.annotation))
        if arguments.kwarg is None:
            return hints, False
        if not where.startswith(OURS):
            return hints, True
    return hints, False


def is_known(target: str) -> bool:
    """Whether there is such a module as ``target`` is in."""
    return file_of(target.rpartition(".")[0]) is not None


def makers(module: str, name: str) -> Iterator[tuple[str, Function | None]]:
    """Find the functions that take a target's arguments, and their modules.

    That of a function is itself, those of a class its ``__init__`` and those of the classes it is
    made from; None stands for one that is written in another way.
    """
    where, found = definition(module, name)
    if isinstance(found, Function):
        yield where, found
    elif isinstance(found, ast.ClassDef) and not any(map(is_dataclass, found.decorator_list)):
        for each in found.body:
            if isinstance(each, Function) and each.name == "__init__":
                yield where, each
        for base in found.bases:
            base = base.value if isinstance(base, ast.Subscript) else base  # Generic[T]
            if not isinstance(base, ast.Name):
                yield where, None
            elif base.id != "object":
                yield from makers(where, base.id)
    else:
        yield where, None


def is_dataclass(decorator: ast.expr) -> bool:
    """Whether a decorator writes an ``__init__``."""
    return "dataclass" in ast.unparse(decorator)


def definition(module: str, name: str, importers: int = 0) -> tuple[str, ast.stmt | None]:
    """Find where ``name`` of ``module`` is defined, be it in a module that it is imported from."""
    if importers == FAR:
        return module, None
    for statement in reversed([*statements(module)]):
        if isinstance(statement, ast.ClassDef | Function) and statement.name == name:
            return module, statement
        if isinstance(statement, ast.Assign) and [*map(ast.unparse, statement.targets)] == [name]:
            return module, statement
        if isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                if (alias.asname or alias.name) == name:
                    return definition(origin(module, statement), alias.name, importers + 1)
    file = file_of(module)
    if module.startswith(OURS) and file is not None and file.name == "__init__.py":
        for part in sorted(file.parent.glob("[!_]*.py")):  # `networks` gives what its files define
            where, found = definition(f"{module}.{part.stem}", name, importers + 1)
            if isinstance(found, ast.ClassDef):
                return where, found
    return module, None


def origin(module: str, statement: ast.ImportFrom) -> str:
    """Name the module that ``module`` imports from."""
    if not statement.level:
        return statement.module or ""
    file = file_of(module)
    package = module if file is not None and file.name == "__init__.py" else None
    parts = (package or module.rpartition(".")[0]).split(".")
    parts = parts[: len(parts) - statement.level + 1]
    return ".".join([*parts, statement.module] if statement.module else parts)


@functools.cache
def statements(module: str) -> tuple[ast.stmt, ...]:
    """List what stands at the top of a module, and in its conditions there."""
    file = file_of(module)
    if file is None or file.suffix != ".py":
        return ()
    return tuple(flattened(ast.parse(file.read_bytes()).body))


def flattened(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Put what stands in conditions at the level of what stands outside."""
    for statement in body:
        if isinstance(statement, ast.If | ast.Try):
            yield from flattened([*statement.body, *statement.orelse])
        else:
            yield statement


@functools.cache
def file_of(module: str) -> Path | None:
    """Find a module's file, and import none of the packages it is in; None where there is none."""
    top, *rest = module.split(".")
    try:
        spec = importlib.util.find_spec(top) if top else None
    except ValueError:  # of a program that runs as __main__
        return None
    for part in rest:
        inside = spec.submodule_search_locations if spec is not None else None
        spec = importlib.machinery.PathFinder.find_spec(part, inside) if inside else None
    return Path(spec.origin) if spec is not None and spec.origin is not None else None


def hint(module: str, annotation: ast.expr | None) -> Any:
    """Read a type hint as ``typing.get_type_hints`` does; Any where it isn't simple."""
    try:
        if annotation is None:
            return Any
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            annotation = ast.parse(annotation.value, mode="eval").body
        code = compile(ast.Expression(annotation), module, "eval")
        return eval(code, {"__builtins__": {}}, Names(module))
    except (AttributeError, NameError, SyntaxError, TypeError):
        return Any


class Names(dict[str, Any]):
    """What the names in type hints of a module stand for; a class is one of the same name."""

    def __init__(self, module: str) -> None:
        super().__init__()
        self.module = module

    def __missing__(self, name: str) -> Any:
        """Read it off the module, or off the one of this project that it is imported from."""
        source = imported_from(self.module, name)
        if source is not None and source.split(".")[0] in sys.stdlib_module_names:
            return getattr(importlib.import_module(source), name, Any)
        if source is not None and not source.startswith(OURS):
            # A library's: looking there takes long, and all that counts is written as classes are.
            return type(name, (), {}) if name[0].isupper() and not name.isupper() else Any
        where, found = definition(self.module, name)
        if isinstance(found, ast.Assign):
            return hint(where, found.value)
        if isinstance(found, ast.ClassDef):
            return type(name, (), {})
        return None if name == "None" else getattr(builtins, name, Any)


def imported_from(module: str, name: str) -> str | None:
    """Name the module that ``module`` has ``name`` from; None for one that is its own."""
    for statement in statements(module):
        if not isinstance(statement, ast.ImportFrom):
            continue
        if name in [alias.asname or alias.name for alias in statement.names]:
            return origin(module, statement)
    return None
