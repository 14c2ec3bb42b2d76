"""Counts the launches of one eager step by operator: kernels.py "OVERRIDE OVERRIDE..." ...

Torch's own convolutions run here; each is counted as one of cuDNN's, one launch forward and one for
each gradient that is asked for. What they return is laid out as cuDNN's would be: with the channels
last where the weight has them last.
"""

from collections import Counter
from typing import Any

import torch
from recipe import autocast, black_photos, built, report
from stub import launches
from torch.utils._python_dispatch import TorchDispatchMode


class LaunchCounter(TorchDispatchMode):
    """Counts the launches of each operator that runs under it."""

    def __init__(self) -> None:
        super().__init__()
        self.counted: Counter[str] = Counter()

    def __torch_dispatch__(
        self, operator: Any, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        before = launches()
        result = operator(*args, **(kwargs or {}))
        name = str(operator).removeprefix("aten.")
        if name.startswith("convolution_backward"):
            wanted = args[-1]  # for the images, the weight and the bias, which is added apart
            self.counted[name] += sum(wanted[:2])
            result = (*(laid_out_as(args[2], each) for each in result[:2]), result[2])
        elif name.startswith("convolution"):
            self.counted[name] += 1
            result = laid_out_as(args[1], result)
        else:
            self.counted[name] += launches() - before
        return result


def laid_out_as(weight: torch.Tensor, result: torch.Tensor | None) -> torch.Tensor | None:
    """Lay ``result`` (N, C, H, W) out in memory as ``weight`` is."""
    if result is None or not weight.is_contiguous(memory_format=torch.channels_last):
        return result
    return result.contiguous(memory_format=torch.channels_last)


def look(case: str) -> dict[str, object]:
    """Count the second step, as the first one makes the optimizers' states."""
    cfg, gan, _ = built([*case.split(), "compute=graph"])
    photos = black_photos(cfg)
    with autocast(cfg):
        gan.step(photos)
        with LaunchCounter() as seen:
            gan.step(photos)
    operators = {name: n for name, n in seen.counted.most_common() if n}
    return {"launches": seen.counted.total(), "operators": operators}


if __name__ == "__main__":
    report(look)
