"""Checkpoints, read safely, and the networks out of one.

No Lightning in here: generating facades from a checkpoint should not wait for its import.
"""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from facade_gan.checkpoints import starting_weights
from facade_gan.checkpoints.locate import locate
from facade_gan.checkpoints.rebuild import rebuild
from facade_gan.errors import UserError
from facade_gan.networks.base import Discriminator, Generator


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint's tensors and plain values; nothing in it is executed.

    A ``.safetensors`` file of ``facade_gan.export`` has its networks and nothing else of its run.

    Raises:
        UserError: when there is no such file, or it holds anything else, or is damaged.
    """
    if not path.is_file():
        raise UserError(f"{path}: no such checkpoint")
    try:
        if path.suffix == ".safetensors":
            return starting_weights.load(path)
        must_be_whole(path)
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
        if not isinstance(checkpoint, dict):
            raise TypeError(f"holds a {type(checkpoint).__name__}")
        return checkpoint
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UserError(f"{path}: not a checkpoint of facade_gan, or damaged ({reason})") from error


def must_be_whole(path: Path) -> None:
    """Compare the file's contents with their checksums, which ``torch.load`` does not.

    Raises:
        BadZipFile: when they differ, and for a file that is none of PyTorch's.
    """
    if not zipfile.is_zipfile(path):
        raise zipfile.BadZipFile("no whole file of PyTorch's")
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
    if damaged is not None:
        raise zipfile.BadZipFile(f"wrong checksum of {damaged}")


def must_describe_networks(checkpoint: dict[str, Any], path: Path) -> None:
    """Refuse what ``read_checkpoint`` read from ``path`` where it names no networks.

    Raises:
        UserError: as for a file of another program.
    """
    if not {"networks", "state_dict"} <= checkpoint.keys():
        raise UserError(f"{path}: holds no description of its networks; made by another program?")


def load_generator(source: str | Path, network_modules: Sequence[str] = ()) -> Generator:
    """Load an averaged generator, in eval mode on the CPU.

    Args:
        source: what ``locate`` finds.
        network_modules: modules of the user's own, beside ``facade_gan.networks``, whose networks
            a checkpoint may name.

    Raises:
        UserError: where it can't be read, or its network is none of those.
    """
    path = locate(source)
    return _network("generator", read_checkpoint(path), path, network_modules)


def load_networks(
    source: str | Path, network_modules: Sequence[str] = ()
) -> tuple[Generator, Discriminator]:
    """Load an averaged generator and the discriminator it was trained against, as above."""
    path = locate(source)
    checkpoint = read_checkpoint(path)
    generator = _network("generator", checkpoint, path, network_modules)
    return generator, _network("discriminator", checkpoint, path, network_modules)


PREFIXES = {"generator": "ema.average.", "discriminator": "discriminator."}


def _network(
    role: str, checkpoint: dict[str, Any], path: Path, network_modules: Sequence[str]
) -> Any:
    must_describe_networks(checkpoint, path)
    prefix = PREFIXES[role]
    weights = {
        name.removeprefix(prefix): tensor
        for name, tensor in checkpoint["state_dict"].items()
        if name.startswith(prefix)
    }
    if role not in checkpoint["networks"] or not weights:
        raise UserError(f"{path}: holds no {role}")
    try:
        network = rebuild(checkpoint["networks"][role], network_modules)
        network.load_state_dict(weights)
    except (UserError, RuntimeError) as error:
        raise UserError(f"{path}: {' '.join(str(error).split())}") from error
    return network.eval()
