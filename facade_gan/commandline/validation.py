"""Settings that can't be right, found before any work starts: each one line with its name.

A setting's type is what the constructor it is handed to asks for, read off its type hints, so
that nothing is declared twice. What types can't say stands in ``RULES``.
"""

import fnmatch
import functools
import inspect
import math
import re
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from hydra.utils import get_object
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from facade_gan.commandline.did_you_mean import did_you_mean
from facade_gan.errors import UserError
from facade_gan.image_size import sides

UNIONS = (typing.Union, types.UnionType)


def check(cfg: DictConfig) -> None:
    """Look over a composed config, and make whole numbers floats where floats are asked for.

    Raises:
        UserError: for the first setting that is unknown, missing, of a wrong type or impossible.
    """
    if cfg.get("image_size") is not None:  # other settings follow from it
        sides(cfg.image_size)
    try:
        values = OmegaConf.to_container(cfg, resolve=True)
    except OmegaConfBaseException as error:
        raise UserError(" ".join(str(error).split())) from error
    sources = OmegaConf.to_container(cfg, resolve=False)
    for key, node in nodes("", values):
        if "_target_" in node:
            check_arguments(key, node, sources)
            for name, value in converted(node).items():
                OmegaConf.update(cfg, place_of(f"{key}{name}", sources), value, merge=False)
    for key, node in nodes("", values):
        for name, value in node.items():
            check_rules(f"{key}{name}", value)


def nodes(prefix: str, value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every dictionary inside ``value`` with the beginning of its keys, such as ``data.``."""
    if isinstance(value, dict):
        yield prefix, value
        for key, inner in value.items():
            yield from nodes(f"{prefix}{key}.", inner)


# ---------------------------------------------------------------------- by type


def check_arguments(prefix: str, node: dict[str, Any], sources: Any) -> None:
    """Compare a node's keys and values with what its ``_target_`` asks for."""
    hints, takes_more = parameters(get_object(node["_target_"]))
    for name, value in node.items():
        if re.fullmatch(r"_\w+_", name):
            continue
        key = f"{prefix}{name}"
        if name not in hints:
            if not takes_more:
                raise UserError(f"{key}: no such setting{did_you_mean(name, hints, prefix)}")
        elif value == "???":
            raise UserError(f"{key} is missing: set {source_of(key, sources)}=...")
        elif not fits(value, hints[name]):
            expected = in_words(hints[name])
            raise UserError(f"{source_of(key, sources)}={shown(value)}: must be {expected}")


@functools.cache
def parameters(target: Callable[..., Any]) -> tuple[dict[str, Any], bool]:
    """List the parameters of a class or function with their type hints.

    Returns:
        Hints by name, and whether it takes others that it doesn't name. ``**kwargs`` of a class of
        this project are those of the classes it is made from.
    """
    hints: dict[str, Any] = {}
    own = target.__module__.startswith("facade_gan")
    makers = [c.__init__ for c in target.__mro__] if inspect.isclass(target) else [target]  # type: ignore[misc]
    for maker in makers:
        try:
            signature, typed = inspect.signature(maker), typing.get_type_hints(maker)
        except (NameError, TypeError, ValueError):
            return hints, True
        kinds = [p.kind for p in signature.parameters.values()]
        for name in signature.parameters:
            hints.setdefault(name, typed.get(name, Any))
        if inspect.Parameter.VAR_KEYWORD not in kinds:
            return hints, False
        if not own:
            return hints, True
    return hints, True


def fits(value: Any, hint: Any) -> bool:
    """Say whether a value from a config is one that ``hint`` describes, as far as it is simple."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in UNIONS:
        return any(fits(value, each) for each in inner)
    if origin is Literal:
        return any(type(value) is type(each) and value == each for each in inner)
    if hint is None or hint is type(None):
        return value is None
    if hint is bool or hint is str:
        return isinstance(value, hint)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if hint is float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and math.isfinite(value)
    if hint is Path:
        return isinstance(value, str)
    if origin is tuple and Ellipsis not in inner:
        pairs = isinstance(value, list) and len(value) == len(inner)
        return pairs and all(map(fits, value, inner))
    if origin in (list, tuple) or (inspect.isclass(origin) and issubclass(origin, Iterable)):
        if issubclass(origin, Mapping):
            return isinstance(value, dict)
        return isinstance(value, list) and all(fits(each, inner[0]) for each in value)
    if isinstance(value, dict):  # another object
        return True
    return hint is Any or not inspect.isclass(hint) or value is None


def converted(node: dict[str, Any]) -> dict[str, Any]:
    """List a node's values that its ``_target_`` asks for as floats, and that are whole numbers.

    ``[0, 0.99]`` passes for two floats, but Adam refuses to see an int beside a float.
    """
    hints, _ = parameters(get_object(node["_target_"]))
    floats = {name: as_hinted(node[name], hints[name]) for name in node.keys() & hints.keys()}
    return {name: value for name, value in floats.items() if repr(value) != repr(node[name])}


def as_hinted(value: Any, hint: Any) -> Any:
    """Turn each int where ``hint`` asks for a float into one; ``value`` is one that fits."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in UNIONS:
        kinds = [kind for kind in inner if fits(value, kind)]
        return as_hinted(value, type(value) if type(value) in kinds else kinds[0])
    if hint is float:
        return float(value)
    if isinstance(value, list) and inner:
        hints = inner if origin is tuple and Ellipsis not in inner else inner[:1] * len(value)
        return list(map(as_hinted, value, hints))
    return value


def in_words(hint: Any) -> str:
    """Say what ``fits`` asks for."""
    return " or ".join(dict.fromkeys(alternatives(hint)))


NAMES = {
    int: "a whole number",
    float: "a number",
    str: "text",
    Path: "a path",
    bool: "true or false",
    type(None): "null",
}


def alternatives(hint: Any) -> list[str]:
    """Name each kind of value that ``fits`` takes."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in UNIONS:
        simple = [kind for kind in inner if kind in NAMES or typing.get_origin(kind)]
        return [words for kind in simple for words in alternatives(kind)]
    if origin is Literal:
        return list(map(shown, inner))
    if origin is tuple and Ellipsis not in inner:
        return [f"a list of {len(inner)} values: {', '.join(map(in_words, inner))}"]
    if origin is not None:
        return [f"a list, each {in_words(inner[0])}" if inner else "a list"]
    return [NAMES.get(hint, getattr(hint, "__name__", str(hint)))]


def place_of(key: str, sources: Any) -> str:
    """Name the node that ``key`` leads to where parts on the way are ``${...}``."""
    *way, last = key.split(".")
    place = ""
    for part in way:
        place = source_of(f"{place}{part}", sources) + "."
    return f"{place}{last}"


def source_of(key: str, sources: Any) -> str:
    """Follow ``${...}`` from a key to the one the value was set at, as that is what users know."""
    for _ in range(10):
        value = sources
        for part in key.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        reference = re.fullmatch(r"\$\{([\w.]+)\}", value) if isinstance(value, str) else None
        if reference is None:
            break
        key = reference[1]
    return key


# ---------------------------------------------------------------------- by rule


def is_number(value: Any) -> bool:
    """Whether ``value`` is an int or a finite float."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def at_least(least: float) -> Callable[[Any], bool]:
    """Make a test for numbers from ``least`` on."""
    return lambda value: is_number(value) and value >= least


def each(test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Make a test for a value, or for each of a list."""
    return lambda value: all(map(test, value if isinstance(value, list) else [value]))


def is_names(value: Any) -> bool:
    """Whether ``value`` is a list of texts."""
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def has_gpu(accelerator: Any) -> bool:
    """Whether ``accelerator`` is not a GPU, or there is one."""
    import torch

    return accelerator not in ("gpu", "cuda", "mps") or torch.accelerator.is_available()


Rule = tuple[str, Callable[[Any], bool], str]

RULES: list[Rule] = [
    ("seed", lambda v: isinstance(v, int) and 0 <= v < 2**32, "must be a whole number from 0 on"),
    ("batch_size", at_least(1), "must be 1 or more"),
    ("network_modules", is_names, "must be a list of names of modules: [mine]"),
    ("ema_decay", lambda v: is_number(v) and 0 <= v < 1, "must be from 0 to below 1"),
    ("*lr", at_least(0), "must be 0 or more"),
    ("*.betas", each(lambda v: is_number(v) and 0 <= v < 1), "must be from 0 to below 1"),
    ("*.channels", each(at_least(1)), "must be 1 or more"),
    ("*.latent_dim", at_least(1), "must be 1 or more"),
    ("*.spectral", lambda v: is_number(v) and v > 0, "must be more than 0, or null for none"),
    ("loss.gamma", at_least(0), "must be 0 or more"),
    ("loss.share", lambda v: is_number(v) and 0 < v <= 1, "must be above 0, to 1"),
    ("gan.fixed_noises", at_least(1), "must be 1 or more"),
    ("*.steps_per_call", at_least(1), "must be 1 or more"),
    ("*.every_n_epochs", at_least(1), "must be 1 or more"),
    ("*.every_n_minutes", lambda v: is_number(v) and v > 0, "must be more than 0"),
    ("*.rollbacks", at_least(0), "must be 0 or more"),
    ("*.panels", at_least(2), "must be 2 or more"),
    ("*.fakes", at_least(2), "must be 2 or more"),
    ("data.count", at_least(1), "must be 1 or more"),
    ("data.limit", at_least(1), "must be 1 or more, or null"),
    ("data.holdout", at_least(0), "must be 0 or more"),
    ("data.memory_share", lambda v: is_number(v) and 0 <= v <= 1, "must be from 0 to 1"),
    ("trainer.max_epochs", lambda v: v == -1 or at_least(1)(v), "must be 1 or more; -1: no bound"),
    ("trainer.max_steps", lambda v: v == -1 or at_least(1)(v), "must be 1 or more; -1: no bound"),
    (
        "*.precision",
        lambda v: v in ("32-true", "bf16-mixed", "16-mixed"),
        "must be 32-true, bf16-mixed or 16-mixed: weights and their average stay in float32",
    ),
    ("trainer.log_every_n_steps", at_least(1), "must be 1 or more"),
    ("trainer.num_nodes", at_least(1), "must be 1 or more"),
    (
        "trainer.devices",
        lambda v: v in ("auto", -1) or (isinstance(v, list) and v != []) or at_least(1)(v),
        "must be auto, a number from 1 on, or a list of numbers",
    ),
    (
        "trainer.accelerator",
        lambda v: v in ("auto", "cpu", "gpu", "cuda", "mps"),
        "must be auto, cpu or gpu",
    ),
    ("trainer.accelerator", has_gpu, "there is no GPU that PyTorch can use; set auto or cpu"),
]


def check_rules(key: str, value: Any) -> None:
    """Apply the rules for ``key``; a value of null is the types' concern."""
    for pattern, test, words in RULES:
        if value is not None and fnmatch.fnmatchcase(key, pattern) and not test(value):
            raise UserError(f"{key}={shown(value)}: {words}")


# ---------------------------------------------------------------------- in words


def written(value: Any) -> str:
    """Write a value as on the command line."""
    plain = {None: "null", True: "true", False: "false"}
    return plain[value] if value is None or isinstance(value, bool) else str(value)


def shown(value: Any) -> str:
    """Write a value as on the command line, not too long."""
    text = written(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
