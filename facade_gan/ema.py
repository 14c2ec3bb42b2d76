"""The averaged generator: an exponential moving average of G's weights, better than G itself.

Source: Yazici et al., "The Unusual Effectiveness of Averaging in GAN Training", ICLR 2019.
"""

import copy

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from facade_gan.networks.base import Generator


class EMA(nn.Module):
    """Holds ``average``, a copy of the generator whose weights trail it.

    The batch norms' running statistics of a generator that moves fit neither its average nor,
    early on, anything: ``measure_batch_norms`` finds those of the average before it generates.

    Args:
        generator: the network to average; knows its ``latent_dim``.
        decay: how much of the average each update keeps, in [0, 1); 0 is the generator itself.
    """

    MEASURED = 4  # batches of 64 noises

    def __init__(self, generator: Generator, decay: float) -> None:
        super().__init__()
        self.average = copy.deepcopy(generator).eval().requires_grad_(False)
        self.decay = decay
        self.moved = True

    @torch.no_grad()
    def update(self, generator: Generator) -> None:
        """Move the average a step towards ``generator``."""
        average: list[Tensor] = list(self.average.parameters())
        current: list[Tensor] = list(generator.parameters())
        torch._foreach_lerp_(average, current, 1 - self.decay)
        self.moved = True

    @torch.no_grad()
    def measure_batch_norms(self) -> None:
        """Measure the batch norms' statistics of the average, if it moved since the last time.

        The noise has a generator of its own: no other sample changes. On several devices all of
        them have to call this, as their batch norms may be in sync.
        """
        if not self.moved:
            return
        norms = [m for m in self.average.modules() if isinstance(m, _BatchNorm)]
        momenta = [norm.momentum for norm in norms]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # the plain mean over all batches
        self.average.train()
        for z in self._noise().split(64):
            self.average(z)
        self.average.eval()
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
        self.moved = False

    def _noise(self) -> Tensor:
        weight = next(self.average.parameters())
        own = torch.Generator().manual_seed(0)
        count = 64 * self.MEASURED
        return torch.randn(count, self.average.latent_dim, 1, 1, generator=own).to(weight.device)
