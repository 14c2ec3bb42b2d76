"""Small starting weights, trained on drawn facades, and how they are written and read.

A file holds the discriminator and the averaged generator in float16; its metadata names both
networks and the recipe. The generator starts as its own average.
"""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save as save_tensors
from torch import Tensor

from facade_gan.atomic_files import write_bytes
from facade_gan.checkpoints.locate import SHIPPED
from facade_gan.image_size import ImageSize, doublings


def shipped(image_size: ImageSize) -> Path:
    """Find the weights trained on drawn facades whose networks are nearest to ``image_size``.

    They are of squares; nearest is the one with as many stages, or the fewest more or less.
    """
    there = {int(p.stem.removeprefix("drawn")): p for p in SHIPPED.glob("drawn*.safetensors")}
    stages = doublings(image_size)
    return there[min(there, key=lambda size: (abs(doublings(size) - stages), size))]


def save(path: Path, checkpoint: dict[str, Any], recipe: dict[str, Any]) -> None:
    """Write the D and the averaged G of a checkpoint's dictionary as starting weights.

    Args:
        path: the ``.safetensors`` file.
        checkpoint: as ``facade_gan.checkpoints.read.read_checkpoint`` returns it.
        recipe: how they were trained, plain values, kept as metadata.
    """
    parts = {"discriminator.": "discriminator.", "ema.average.": "generator."}
    tensors = {
        new + name.removeprefix(old): _small(tensor)
        for old, new in parts.items()
        for name, tensor in checkpoint["state_dict"].items()
        if name.startswith(old)
    }
    metadata = {"networks": json.dumps(checkpoint["networks"]), "recipe": json.dumps(recipe)}
    write_bytes(path, save_tensors(tensors, metadata))


def load(path: Path) -> dict[str, Any]:
    """Read starting weights as a dictionary with a checkpoint's keys, networks and state_dict.

    ``recipe`` beside them says how they were trained.

    Raises:
        ValueError: for tensors of something else.
    """
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata() or {}
        if "networks" not in metadata:
            raise ValueError("its metadata names no networks")
        tensors = {
            name: t.float() if t.is_floating_point() else t
            for name, t in ((name, file.get_tensor(name)) for name in file.keys())  # noqa: SIM118
        }
    averaged = {
        f"ema.average.{name.removeprefix('generator.')}": tensor
        for name, tensor in tensors.items()
        if name.startswith("generator.")
    }
    said = {name: json.loads(metadata[name]) for name in ("networks", "recipe")}
    return {**said, "state_dict": tensors | averaged}


def _small(tensor: Tensor) -> Tensor:
    # safetensors takes no channels-last tensors.
    return (tensor.to(torch.float16) if tensor.is_floating_point() else tensor).contiguous()
