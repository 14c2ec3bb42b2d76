"""Settings that can't be right, found before any work starts: each one line with its name.

A setting's type is what the constructor it is handed to asks for, read off its type hints, so
that nothing is declared twice; they are read in the source, before PyTorch is loaded. A setting of
the command itself has the type of its default. What types can't say stands in ``rules.py``.
"""

import functools
import inspect
import math
import re
import types
import typing
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from facade_gan.commandline.config import CONF, UNKNOWN, nodes, without_hydra, without_torch
from facade_gan.commandline.config_files import file_with
from facade_gan.commandline.did_you_mean import did_you_mean
from facade_gan.commandline.rules import check_rules, shown
from facade_gan.commandline.signatures import is_known, parameters
from facade_gan.errors import UserError
from facade_gan.image_size import doublings, sides

SEVERAL_TYPES = ("defaults", "image_size", "runs")  # looked at where they are used
NEEDED_CALLBACKS = ("background", "tally", "checkpoint", "stop")  # others call them
MEASURED = tuple(f"{metric}{of}" for metric in ("kid", "fid") for of in ("", "_train", "_held_out"))
UNIONS = (typing.Union, types.UnionType)


def check(cfg: DictConfig) -> None:
    """Look over a composed config, and make whole numbers floats where floats are asked for.

    Before PyTorch is loaded, what follows from it, such as whether there is a GPU, is passed over.

    Raises:
        UserError: for the first setting that is unknown, missing, of a wrong type or impossible.
    """
    if cfg.get("image_size") is not None:  # other settings follow from it
        sides(cfg.image_size)
    sources: Any = OmegaConf.to_container(without_hydra(cfg), resolve=False)
    if "callbacks" in sources or "gan" in sources:
        check_callbacks(sources.get("callbacks") or {})
    try:
        with without_torch():
            values = OmegaConf.to_container(without_hydra(cfg), resolve=True)
    except OmegaConfBaseException as error:
        raise UserError(" ".join(str(error).split())) from error
    if HydraConfig.initialized():
        check_own(values, str(HydraConfig.get().job.config_name))
    for key, node in nodes("", values):
        if str(node.get("_target_")).startswith("facade_gan.networks.") and "image_size" in node:
            doublings(node["image_size"])  # only ours are made of stages that double
        if "_target_" in node:
            check_arguments(key, node, sources)
            for name, value in converted(node).items():
                OmegaConf.update(cfg, place_of(f"{key}{name}", sources), value, merge=False)
    if "callbacks" in sources:
        check_measured(values)
    check_rules(values)


def check_callbacks(callbacks: Any) -> None:
    """Refuse callbacks of which nothing says what they are, and to train without those in need.

    One that is null is left out.
    """
    for name in NEEDED_CALLBACKS:
        if callbacks.get(name) is None:
            raise UserError(f"callbacks.{name} can't be left out: training needs it")
    for name, node in callbacks.items():
        if node is not None and not (isinstance(node, dict) and "_target_" in node):
            if name == "metrics":
                advice = "choose metrics=offline, long or inception, or leave its settings out"
            else:
                advice = f"set callbacks.{name}._target_, or callbacks.{name}=null for none"
            raise UserError(f"callbacks.{name} has settings but no _target_: {advice}")


def check_measured(values: Any) -> None:
    """Refuse to train by a KID or FID that nothing will measure: it would show at the end only."""
    targets = [str(each["_target_"]) for each in values["callbacks"].values() if each]
    if not all(target.startswith("facade_gan.") for target in targets):
        return  # a callback of the user's own may measure what it likes
    for key, value in (
        ("callbacks.checkpoint.monitor", values["callbacks"]["checkpoint"].get("monitor")),
        ("optimized_metric", values.get("optimized_metric")),
    ):
        if not str(value).startswith(("kid", "fid")):
            continue
        if value not in MEASURED:
            raise UserError(f"{key}={shown(value)}: must be one of {', '.join(MEASURED)}")
        if values["callbacks"].get("metrics") is None:
            raise UserError(f"{key}={value}: nothing measures it; set metrics=offline")


def check_own(values: Any, command: str) -> None:
    """Compare what stands at the top of a command's config with the types of its defaults.

    What a default of null is the rules say.
    """
    for name, default in own_defaults(command).items():
        reference = isinstance(default, str) and "${" in default
        untyped = default is None or reference or isinstance(default, dict)
        if name in SEVERAL_TYPES or untyped or name not in values:
            continue
        hint = type(default)
        if values[name] == "???":
            raise UserError(f"{name} is missing: set {name}=...")
        if not fits(values[name], hint):
            raise UserError(f"{name}={shown(values[name])}: must be {in_words(hint)}")


@functools.cache
def own_defaults(command: str) -> Any:
    """Read what stands at the top of a command's config, where the command line changes nothing."""
    return OmegaConf.to_container(OmegaConf.load(CONF / f"{command}.yaml"))


def check_arguments(prefix: str, node: dict[str, Any], sources: Any) -> None:
    """Compare a node's keys and values with what its ``_target_`` asks for."""
    target = node["_target_"]
    if not isinstance(target, str) or not is_known(target):
        raise UserError(f"{prefix}_target_={shown(target)}: there is no such module")
    hints, takes_more = parameters(target)
    for name, value in node.items():
        if re.fullmatch(r"_\w+_", name) or value == UNKNOWN:
            continue
        key = f"{prefix}{name}"
        if name not in hints:
            if not takes_more:
                file = file_with(key)
                where = f" of {node['_target_']}, set in {file}" if file else ""
                raise UserError(f"{key}: no such setting{where}{did_you_mean(name, hints, prefix)}")
        elif value == "???":
            raise UserError(f"{key} is missing: set {source_of(key, sources)}=...")
        elif not fits(value, hints[name]):
            expected = in_words(hints[name])
            raise UserError(f"{source_of(key, sources)}={shown(value)}: must be {expected}")


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
    if hint is list:
        return isinstance(value, list)
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
    hints, _ = parameters(node["_target_"])
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
    list: "a list",
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
