"""Which file in ``conf/`` a setting comes from."""

from pathlib import Path

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
            content = OmegaConf.load(path) if path.is_file() else OmegaConf.create()
            if OmegaConf.select(content, name) is not None:
                return f"{path.parents[1].name}/{group}/{path.name}"
            bases = OmegaConf.select(content, "defaults") or []
            choices += [base for base in bases if isinstance(base, str)]
    return None
