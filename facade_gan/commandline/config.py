"""What the configs in conf/ need of Python, and configs as plain values."""

import functools
import hashlib
import json
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from omegaconf import DictConfig, OmegaConf

from facade_gan.image_size import possible_doublings

PACKAGE = Path(__file__).parents[1]
# A wheel has the configs inside the package, a clone beside it.
CONF = next(path for path in (PACKAGE / "conf", PACKAGE.parent / "conf") if path.is_dir())

# Beginnings of the keys that decide what a step does with given networks and photos.
OF_THE_STEP = ("loss.", "augment.", "optimizer.", "batch_size", "ema_decay")
LOGGERS = "loggers.json"  # in a run's folder: the ids that its loggers gave it, by their classes
# What a run did that was started before there was such a setting.
BEFORE: dict[str, Any] = {"optimizer": {"lr_decay_from": 1}}
UNKNOWN = "?"  # a value that follows from what the device is, before PyTorch is loaded


def register_resolvers() -> None:
    """Make known what stands in conf/ as ``${fastest_precision:...}`` and the like."""
    for name, resolver in OF_THE_DEVICE.items():
        OmegaConf.register_new_resolver(name, resolver, replace=True)
    OmegaConf.register_new_resolver("folder_name", _folder_name, replace=True)
    OmegaConf.register_new_resolver("logged_as", _logged_as, replace=True)
    OmegaConf.register_new_resolver("square", _square, replace=True)
    OmegaConf.register_new_resolver("curves_folder", _curves_folder, replace=True)


def _fastest_precision(accelerator: str) -> str:
    from facade_gan.compute.device import fastest_precision

    return fastest_precision(accelerator)


def _if_gpu(accelerator: str, yes: Any, no: Any) -> Any:
    import torch

    gpu = accelerator in ("gpu", "cuda", "auto") and torch.cuda.is_available()
    return yes if gpu else no


OF_THE_DEVICE: dict[str, Callable[..., Any]] = {
    "fastest_precision": _fastest_precision,
    "if_gpu": _if_gpu,
}


@contextmanager
def without_torch() -> Iterator[None]:
    """Where PyTorch is not loaded yet, have what follows from the device be ``UNKNOWN``."""
    if "torch" not in sys.modules:
        for name in OF_THE_DEVICE:
            OmegaConf.register_new_resolver(name, lambda *_: UNKNOWN, replace=True)
    try:
        yield
    finally:
        register_resolvers()


def _folder_name(overrides: str, number: int) -> str:
    """Name a job's folder by its overrides, of any length and with slashes; without, by number."""
    name = overrides.replace("/", "_").replace("'", "").replace('"', "")
    if len(name.encode()) > 200:  # a file system takes 255 bytes
        name = f"{name[:100]}...{hashlib.sha256(name.encode()).hexdigest()[:12]}"
    return name or str(number)


def _logged_as(run: str, logger: str) -> str | None:
    """Look up under which id the run in the folder ``run`` was logged; None for a new run."""
    ids = Path(run) / LOGGERS
    return json.loads(ids.read_text(encoding="utf-8")).get(logger) if ids.is_file() else None


def _square(image_size: Any) -> int | None:
    """Find the square of 32, 64, ... pixels that has as many stages; None where there is none."""
    times = possible_doublings(image_size)
    return None if times is None else 4 << times


def _curves_folder(run: str) -> str:
    """Say where in its folder a run's curves are: TensorBoard calls a run by the path to them.

    Runs of earlier versions have theirs in ``tensorboard/``, and keep them in one place.
    """
    return "tensorboard" if (Path(run) / "tensorboard").is_dir() else ""


def choice_today(group: str, choice: str) -> str:
    """Follow a choice whose file in ``conf/`` only names another one, as an old spelling does."""
    path = CONF / group / f"{choice}.yaml"
    content = OmegaConf.to_container(OmegaConf.load(path)) if path.is_file() else {}
    match content:
        case {"defaults": [str(other)], **rest} if not rest:
            return other
    return choice


def choices_of(group: str) -> list[str]:
    """List the choices of a group in ``conf/``, without those that are for others to build on."""
    names = sorted(path.stem for path in (CONF / group).glob("*.yaml"))
    return [name for name in names if is_choice(group, name)]


def is_choice(group: str, name: str) -> bool:
    """Whether a file of a group is more than what others build on, or an old spelling."""
    return name != "base" and choice_today(group, name) == name


def argument(key: str, value: str) -> str:
    """Write ``key=value`` as Hydra takes it, whatever is in ``value``; not yet for a shell."""
    return f"{key}={quoted(value)}"


def network_modules(cfg: DictConfig) -> list[str]:
    """Write the setting without which other commands refuse the networks; nothing for ours."""
    return [f"network_modules=[{','.join(cfg.network_modules)}]"] if cfg.network_modules else []


def quoted(value: str) -> str:
    """Write a text as Hydra takes it on a command line, in quotes where it needs them."""
    # Without a slash it might be read as a number, a boolean or null.
    if "/" in value and re.fullmatch(r"[\w./+-]+", value, re.ASCII):
        return value
    # Hydra reads a backslash as an escape only where a quote follows.
    doubled = re.sub(r"(\\+)(?='|\Z)", r"\1\1", value)
    return "'" + doubled.replace("'", "\\'") + "'"


def for_shell(argument: str) -> str:
    """Write an argument for a shell, where it can be in double quotes, which read well."""
    if "'" in argument and not re.search(r'["$`\\!]', argument):
        return f'"{argument}"'
    return shlex.quote(argument)


@functools.cache  # of the runs of a table few are different
def composed(name: str, *overrides: str) -> DictConfig:
    """Compose a command's config, with Hydra's part, where no command has done so; not to change.

    Raises:
        HydraException: where an override fits nothing.
    """
    register_resolvers()
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose(name, list(overrides), return_hydra_config=True)


def config_of(run: Path) -> DictConfig:
    """Read the config that a run was made by, where Hydra left it in the run's folder."""
    merged = OmegaConf.merge(BEFORE, OmegaConf.load(run / ".hydra" / "config.yaml"))
    assert isinstance(merged, DictConfig)
    return merged


def folders_of_own(runtime: Any) -> list[str]:
    """List the folders of the user's own configs (``--config-dir``) that a run was composed with.

    Args:
        runtime: ``hydra.runtime`` of the ``hydra.yaml`` in its ``.hydra``.
    """
    sources = runtime.get("config_sources") or []
    return [source.path for source in sources if source.provider == "command-line"]


def searching(folders: list[str]) -> str:
    """Write the override by which ``composed`` finds configs in ``folders``, too.

    Folders that are gone are passed over: the choice that is missing then says more.
    """
    there = [quoted(f"file://{folder}") for folder in folders if Path(folder).is_dir()]
    return f"hydra.searchpath=[{','.join(there)}]"


def chosen(cfg: DictConfig, group: str) -> dict[str, Any]:
    """List the nodes of a group such as ``callbacks`` by name, without those that are null."""
    return {str(name): node for name, node in (cfg.get(group) or {}).items() if node is not None}


def without_hydra(cfg: DictConfig) -> DictConfig:
    """Copy a composed config but for Hydra's own part."""
    return OmegaConf.masked_copy(cfg, [str(key) for key in cfg if key != "hydra"])


def nodes(prefix: str, value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every dictionary inside ``value`` with the beginning of its keys, such as ``data.``."""
    if isinstance(value, dict):
        yield prefix, value
        for key, inner in value.items():
            yield from nodes(f"{prefix}{key}.", inner)


def flat(cfg: DictConfig, resolve: bool = True) -> dict[str, Any]:
    """List the config's values by dotted name, as plain values.

    Args:
        cfg: the config.
        resolve: put values in place of references to other keys.
    """
    found = nodes("", OmegaConf.to_container(cfg, resolve=resolve))
    return {
        f"{prefix}{key}": value
        for prefix, node in found
        for key, value in node.items()
        if not isinstance(value, dict)
    }
