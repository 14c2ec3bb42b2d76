"""Counts the launches of one step under compute=compiled_graph: compiled.py "OVERRIDE ..." ...

Torch's own convolutions run here; each is counted and laid out as in kernels.py, and the compiler
is told of that layout. The kernels of triton are compiled in earnest, for the card that is played.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

import torch
from kernels import laid_out_as
from recipe import autocast, black_photos, built, report
from stub import Recorded, launches
from torch import Tensor
from torch._dynamo.callback import callback_handler
from torch._inductor.select_algorithm import extern_kernels

# Of a convolution of images and a weight: where either has the channels last, cuDNN's result has.
torch._C._conv_determine_backend_memory_format = lambda *_: torch.channels_last

OPERATOR = torch.ops.aten.convolution_backward
OWN = extern_kernels.convolution, OPERATOR.default


class Convolutions:
    """Stands in for the convolutions that compiled code calls: counts them, and lays them out."""

    def __init__(self) -> None:
        self.called = self.own_launches = 0
        # The compiler knows the operators by identity, so it has to find them where they were.
        callback_handler.register_start_callback(lambda _: self.put(*OWN))
        callback_handler.register_end_callback(lambda _: self.put(self.forward, self.backward))
        self.put(self.forward, self.backward)

    def put(self, forward: Callable[..., Any], backward: Callable[..., Any]) -> None:
        """Have compiled code call these."""
        extern_kernels.convolution, OPERATOR.default = forward, backward

    def forward(self, images: Tensor, weight: Tensor, *args: Any, **kwargs: Any) -> Any:
        """Convolve."""
        before = launches()
        result = laid_out_as(weight, OWN[0](images, weight, *args, **kwargs))
        self.own_launches += launches() - before
        self.called += 1
        return result

    def backward(self, gradient: Tensor, images: Tensor, weight: Tensor, *args: Any) -> Any:
        """Compute the gradients that the last argument asks for."""
        before = launches()
        *wanted, of_bias = OWN[1](gradient, images, weight, *args)
        wanted = [laid_out_as(weight, each) for each in wanted]
        self.own_launches += launches() - before
        self.called += sum(args[-1][:2])
        return *wanted, of_bias


def look(case: str) -> dict[str, object]:
    """Count a step after some that compile, and make the optimizers' states."""
    cfg, gan, _ = built([*case.split(), "compute=compiled_graph"])
    photos = black_photos(cfg)
    step = gan.compute.graphed.step  # as it is recorded
    convolutions = Convolutions()
    with autocast(cfg):
        for _ in range(4):
            step(photos)
        convolutions.called = convolutions.own_launches = 0
        before = launches()
        with Recorded() as seen:
            step(photos)
        others = launches() - before - convolutions.own_launches
    gan.cpu()
    triton = Counter(call.split()[2] for call in seen.calls if call.startswith("kernel triton"))
    return {
        "launches": others + convolutions.called,
        "convolutions": convolutions.called,
        "triton": dict(triton.most_common()),
    }


if __name__ == "__main__":
    report(look)
