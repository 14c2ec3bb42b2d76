"""What a checkpoint says of its networks, and how to get the generator out of one safely.

No Lightning in here: drawing facades from a checkpoint should not wait for its import.
"""

import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import nn

from facade_gan import networks
from facade_gan.errors import UserError


def describe_network(network: nn.Module) -> dict[str, Any]:
    """Name a network's class and arguments, as plain values for a checkpoint."""
    return {"name": type(network).__name__, "arguments": network.arguments}


def rebuild(description: dict[str, Any]) -> nn.Module:
    """Build the network that ``describe_network`` named.

    Raises:
        UserError: for a name that is not one of the networks of ``facade_gan.networks``. A
            checkpoint may come from a stranger: it picks from this list and from nothing else.
    """
    name = description["name"]
    if name not in networks.__all__:
        raise UserError(f"network {name!r} is unknown here: one of {', '.join(networks.__all__)}")
    return getattr(networks, name)(**description["arguments"])


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint's tensors and plain values; nothing in it is executed.

    Raises:
        UserError: when there is no such file, or it holds anything else, or is damaged.
    """
    if not path.is_file():
        raise UserError(f"{path}: no such checkpoint")
    try:
        must_be_whole(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UserError(f"{path}: not a checkpoint of facade_gan, or damaged ({reason})") from error


def must_be_whole(path: Path) -> None:
    """Compare the file's contents with their checksums, which ``torch.load`` does not.

    Raises:
        BadZipFile: when they differ.
    """
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
        if damaged is not None:
            raise zipfile.BadZipFile(f"wrong checksum of {damaged}")


def load_generator(path: Path) -> nn.Module:
    """Load the averaged generator of a checkpoint, in eval mode on the CPU.

    It has ``latent_dim`` and ``image_size``, and maps (N, latent_dim, 1, 1) to (N, 3, S, S) in
    [-1, 1].
    """
    checkpoint = read_checkpoint(path)
    if "networks" not in checkpoint:
        raise UserError(f"{path}: holds no description of its networks; made by another program?")
    generator = rebuild(checkpoint["networks"]["generator"])
    prefix = "ema.average."
    weights = checkpoint["state_dict"]
    generator.load_state_dict(
        {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}
    )
    return generator.eval()
