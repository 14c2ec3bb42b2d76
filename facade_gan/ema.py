"""The averaged generator: an exponential moving average of G's weights, which draws better.

Source: Yazici et al., "The Unusual Effectiveness of Averaging in GAN Training", ICLR 2019.
"""

import copy

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from facade_gan.networks.base import Generator, Network

MEASURED = 4  # batches of 64 noises


class EMA(nn.Module):
    """Holds ``average``, a copy of the generator whose weights trail it.

    The batch norms' running statistics of a generator that moves fit neither its average nor,
    early on, anything: ``settle`` measures those of the average before it draws.

    Args:
        generator: the network to average; knows its ``latent_dim``.
        decay: how much of the average each update keeps, in [0, 1); 0 is the generator itself.
    """

    def __init__(self, generator: Generator, decay: float) -> None:
        super().__init__()
        self.average = copy.deepcopy(generator).eval().requires_grad_(False)
        self.decay = decay
        self.settled = False

    @torch.no_grad()
    def update(self, generator: Generator) -> None:
        """Move the average a step towards ``generator``."""
        average: list[Tensor] = list(self.average.parameters())
        current: list[Tensor] = list(generator.parameters())
        torch._foreach_lerp_(average, current, 1 - self.decay)
        self.settled = False

    def settle(self) -> None:
        """Measure the batch norms' statistics of the average, if it moved since the last time.

        On several devices all of them have to call this, as their batch norms may be in sync.
        """
        if not self.settled:
            settle(self.average, batch_norms(self.average))
            self.settled = True


def batch_norms(network: Network) -> list[_BatchNorm]:
    """List the batch norms of ``network``, the nearest to its input first."""
    return [module for module in network.modules() if isinstance(module, _BatchNorm)]


@torch.no_grad()
def settle(generator: Generator, norms: list[_BatchNorm]) -> None:
    """Measure the statistics of ``norms``, some of a generator's, over its images; in eval mode.

    The noise has a generator of its own: no other draw changes.
    """
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over all batches
        norm.train()
    for z in _noise(generator).split(64):
        generator(z)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.eval()
        norm.momentum = momentum


def _noise(generator: Generator) -> Tensor:
    weight = next(generator.parameters())
    own = torch.Generator().manual_seed(0)
    return torch.randn(64 * MEASURED, generator.latent_dim, 1, 1, generator=own).to(weight.device)
