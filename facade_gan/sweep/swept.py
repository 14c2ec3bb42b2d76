"""What a sweep varies, seen from inside one of its jobs."""

import json
from pathlib import Path

from hydra.conf import HydraConf
from hydra.types import RunMode
from omegaconf import DictConfig


def swept_settings(hydra: HydraConf | DictConfig) -> dict[str, bool | float | str]:
    """Name the settings of this job that its sweep varies, numbers as numbers.

    Args:
        hydra: Hydra's part of the job's config.

    Returns:
        Value by key, in the command line's order; nothing outside a sweep.
    """
    record = Path(hydra.sweep.dir) / "sweep.json"
    if hydra.mode != RunMode.MULTIRUN or not record.is_file():
        return {}
    keys = json.loads(record.read_text(encoding="utf-8")).get("swept", [])
    pairs = [o.lstrip("+").split("=", 1) for o in hydra.overrides.task if "=" in o]
    return {key: _number_or_text(value) for key, value in pairs if key in keys}


def _number_or_text(text: str) -> bool | float | str:
    if text in ("true", "false"):
        return text == "true"
    try:
        return float(text)
    except ValueError:
        return text
