"""Generators and discriminators: plain modules that know tensors and nothing else.

Every network that a file of this package defines is ``facade_gan.networks.NAME``: a new network is
a new file, and no list names it.
"""

import functools
import importlib
import inspect
import pkgutil
from typing import Any, TypeGuard

from torch import nn


@functools.cache
def classes(*own_modules: str) -> dict[str, type[nn.Module]]:
    """Find the classes that a network may be of, by name.

    Args:
        own_modules: names of modules beside this package, from the user and never from a file.

    Raises:
        ImportError: where there is no such module.
        ValueError: where two classes have one name, as a checkpoint couldn't tell them apart.
    """
    package = [f"{__name__}.{info.name}" for info in pkgutil.iter_modules(__path__)]
    found: dict[str, type[nn.Module]] = {}
    for module in map(importlib.import_module, (*package, *own_modules)):
        for name, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ != module.__name__ or not keeps_arguments(kind):
                continue
            if found.setdefault(name, kind) is not kind:
                raise ValueError(f"two networks are called {name}: {found[name]} and {kind}")
    return found


def keeps_arguments(kind: type) -> TypeGuard[type[nn.Module]]:
    """Whether a class is a network and no part of one: only a network has ``arguments``.

    They belong to the object, so that the class shows them in its methods alone.
    """
    if not issubclass(kind, nn.Module):
        return False
    own = [base for base in kind.__mro__ if base not in nn.Module.__mro__]
    methods = filter(inspect.isfunction, (each for base in own for each in vars(base).values()))
    return hasattr(kind, "arguments") or any("arguments" in m.__code__.co_names for m in methods)


def __getattr__(name: str) -> Any:
    """Look a class up, so that ``_target_: facade_gan.networks.DCGANGenerator`` finds it."""
    if name.startswith("_") or name not in (found := classes()):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return found[name]
