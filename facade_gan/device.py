"""The device a command computes on."""

import torch

from facade_gan.errors import UserError


def pick(name: str) -> torch.device:
    """Return the device ``auto``, ``cpu`` or ``cuda``; ``auto`` is the GPU where there is one.

    Raises:
        UserError: for another name, and for ``cuda`` where there is no GPU.
    """
    if name not in ("auto", "cpu", "cuda"):
        raise UserError(f"device={name}: unknown; choose auto, cpu or cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise UserError("device=cuda: PyTorch finds no CUDA GPU here; set device=cpu or auto")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)
