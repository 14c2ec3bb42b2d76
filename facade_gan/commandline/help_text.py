"""What ``facade-gan COMMAND --help`` prints: the command's config with its comments."""

import re
from pathlib import Path

from omegaconf import OmegaConf

from facade_gan.commandline.config import CONF, choices_of, composed

NOT_SETTINGS = ("defaults", "hydra")


def help_text(name: str, arguments: list[str]) -> str:
    """Show the settings of a command, what each means, and those of the groups it has.

    Args:
        name: of the command; ``conf/NAME.yaml`` is its config.
        arguments: its command line; overrides such as ``data=cmp`` choose what is shown.

    Raises:
        HydraException: where an override fits nothing.
    """
    path = CONF / f"{name}.yaml"
    parts = [settings_with_comments(path.read_text(encoding="utf-8"))]
    config = composed(name, *(each for each in arguments if "=" in each and each[0] != "-"))
    for group, choices in groups_of(path).items():
        parts.append(
            f"# Choices: {group}={'|'.join(choices)}. Those of {group}="
            f"{config.hydra.runtime.choices[group]}:\n" + OmegaConf.to_yaml({group: config[group]})
        )
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def settings_with_comments(text: str) -> str:
    """Leave out of a config file what is Hydra's."""
    kept, key = [], ""
    for line in text.splitlines():
        if top := re.match(r"(\w+):", line):
            key = top[1]
        if key not in NOT_SETTINGS or not line.strip() or line.startswith("#"):
            kept.append(line)
    return "\n".join(kept)


def groups_of(config: Path) -> dict[str, list[str]]:
    """List the groups that a command's config is made of, each with its choices."""
    entries = OmegaConf.to_container(OmegaConf.load(config))["defaults"]  # type: ignore[call-overload, index]
    groups = [key for entry in entries if isinstance(entry, dict) for key in entry]
    return {
        group: choices_of(group)
        for group in groups
        if " " not in group  # "override hydra/job_logging"
    }
