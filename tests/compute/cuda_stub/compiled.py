"""Counts the launches of one step under compute=compiled_graph: compiled.py "OVERRIDE ..." ...

Torch's own convolutions run here; each is counted as in kernels.py. The kernels of triton are
compiled in earnest, for the card that is played.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from recipe import autocast, black_photos, built, report
from stub import Recorded, launches
from torch._inductor.select_algorithm import extern_kernels


class ConvolutionCounter:
    """Counts the convolutions that compiled code calls, and their launches in the stand-in."""

    def __init__(self) -> None:
        self.convolutions = self.own_launches = 0

    def counting(self, call: Callable[..., Any], cost: Callable[..., int]) -> Callable[..., Any]:
        """Return ``call``, which from now on is counted."""

        def counted(*args: Any, **kwargs: Any) -> Any:
            before = launches()
            result = call(*args, **kwargs)
            self.own_launches += launches() - before
            self.convolutions += cost(*args)
            return result

        return counted

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Count what is called meanwhile."""
        operator = torch.ops.aten.convolution_backward
        forward, backward = extern_kernels.convolution, operator.default
        extern_kernels.convolution = self.counting(forward, lambda *args: 1)
        operator.default = self.counting(backward, lambda *args: sum(args[-1][:2]))
        try:
            yield
        finally:
            extern_kernels.convolution, operator.default = forward, backward


def look(case: str) -> dict[str, object]:
    """Count the third step: the first ones compile, and make the optimizers' states."""
    cfg, gan, _ = built([*case.split(), "compute=compiled_graph"])
    photos = black_photos(cfg)
    step = gan.compute.graphed.step  # as it is recorded
    counter = ConvolutionCounter()
    with autocast(cfg):
        step(photos)
        step(photos)
        before = launches()
        with counter.in_place(), Recorded() as seen:
            step(photos)
        others = launches() - before - counter.own_launches
    gan.cpu()
    triton = Counter(call.split()[2] for call in seen.calls if call.startswith("kernel triton"))
    return {
        "launches": others + counter.convolutions,
        "convolutions": counter.convolutions,
        "triton": dict(triton.most_common()),
    }


if __name__ == "__main__":
    report(look)
