"""Which file in ``conf/`` a setting comes from."""

from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf


def file_with(key: str) -> str | None:
    """Find the config file that a setting of a group comes from, the ones it builds on included.

    Args:
        key: such as ``loss.share``: of the group ``loss``.

    Returns:
        Such as ``conf/loss/hinge.yaml``; None where it was set on the command line or elsewhere.
    """
    if not HydraConfig.initialized():
        return None
    hydra = HydraConfig.get()
    folders = [Path(s.path) for s in hydra.runtime.config_sources if s.schema == "file"]
    group, _, name = key.partition(".")
    given = {o.lstrip("+").partition("=")[0] for o in hydra.overrides.task}
    choices = [] if key in given else [hydra.runtime.choices.get(group)]
    while choices:
        choice = choices.pop()
        for path in (folder / group / f"{choice}.yaml" for folder in folders):
            content = OmegaConf.to_container(OmegaConf.load(path)) if path.is_file() else {}
            if has(content, name.split(".")):
                return f"{path.parents[1].name}/{group}/{path.name}"
            bases = content.get("defaults", []) if isinstance(content, dict) else []
            choices += [base for base in bases if isinstance(base, str)]
    return None


def has(content: Any, keys: list[str]) -> bool:
    """Whether nested ``keys`` lead to a value; what it refers to may be in another file."""
    for key in keys:
        if not isinstance(content, dict) or content.get(key) is None:
            return False
        content = content[key]
    return True
