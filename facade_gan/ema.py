"""The averaged generator: an exponential moving average of G's weights, which draws better.

Source: Yazici et al., "The Unusual Effectiveness of Averaging in GAN Training", ICLR 2019.
"""

import copy

import torch
from torch import Tensor, nn


class EMA(nn.Module):
    """Holds ``average``, a copy of the generator whose weights trail it.

    Args:
        generator: the network to average.
        decay: how much of the average each update keeps, in [0, 1); 0 is the generator itself.
    """

    keep: Tensor

    def __init__(self, generator: nn.Module, decay: float) -> None:
        super().__init__()
        self.average = copy.deepcopy(generator).eval().requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, generator: nn.Module) -> None:
        """Move the average a step towards ``generator``; running statistics are averaged too."""
        average = [t for t in self.average.state_dict().values() if t.is_floating_point()]
        current = [t for t in generator.state_dict().values() if t.is_floating_point()]
        torch._foreach_lerp_(average, current, 1 - self.decay)
