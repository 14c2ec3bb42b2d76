"""Optimizer states that lie in memory as the weights do, and where the implementation wants them.

A checkpoint holds moments in the layout and on the device they were saved with, and a run may go
on under another ``compute``. Fused Adam takes the values of weight and moments by their place in
memory: under two layouts it pairs each weight with the moments of another one, without a word.
"""

import torch
from torch import Tensor
from torch.optim import Optimizer


@torch.no_grad()
def follow_weights(optimizer: Optimizer) -> None:
    """Lay out the moments like their weights; move the counts of steps to where they are read.

    A count is read on the device by an implementation that is fused or goes into a CUDA graph, and
    on the CPU by the others, which would wait for the device each time.
    """
    for group in optimizer.param_groups:
        on_device = group.get("fused") or group.get("capturable")
        for weight in group["params"]:
            state = optimizer.state.get(weight, {})
            for name, value in state.items():
                if not isinstance(value, Tensor):
                    continue
                if name == "step":
                    state[name] = value.to(weight.device if on_device else "cpu")
                elif value.shape == weight.shape:
                    state[name] = torch.empty_like(weight, dtype=value.dtype).copy_(value)
