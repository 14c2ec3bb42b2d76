"""The state of every random generator, as plain values and tensors."""

import random
from typing import Any, cast

import numpy as np
import torch


def state(device: torch.device) -> dict[str, Any]:
    """Read the states of Python's, NumPy's, torch's and the GPU's generator."""
    algorithm, keys, *rest = cast(tuple, np.random.get_state())
    return {
        "python": random.getstate(),
        "numpy": [algorithm, torch.from_numpy(keys.astype(np.int64)), *rest],
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state(device) if device.type == "cuda" else None,
        "mps": torch.mps.get_rng_state() if device.type == "mps" else None,
    }


def restore(states: dict[str, Any], device: torch.device) -> None:
    """Set the generators to states that ``state`` read."""
    random.setstate(states["python"])
    algorithm, keys, *rest = states["numpy"]
    np.random.set_state((algorithm, keys.numpy().astype(np.uint32), *rest))
    torch.set_rng_state(states["torch"].cpu())
    if device.type == "cuda" and states["cuda"] is not None:
        torch.cuda.set_rng_state(states["cuda"].cpu(), device)
    if device.type == "mps" and states.get("mps") is not None:  # older checkpoints have none
        torch.mps.set_rng_state(states["mps"].cpu())
