"""A generator with nothing left in it that only training needs."""

import copy

from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from facade_gan.networks.base import Generator
from facade_gan.networks.lightweight import UpsampleConv


class Folded(nn.Module):
    """A copy of a generator that computes the same with fewer operations; it can't be trained.

    Kernels that are put together at each call are constants, and a batch norm behind a convolution
    is part of its weight. What is unknown here stays as it is.

    Args:
        generator: in eval mode.
    """

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.network = copy.deepcopy(generator)
        assert isinstance(self.network, nn.Module)
        for chain in [each for each in self.network.modules() if isinstance(each, nn.Sequential)]:
            _fold(chain)
        self.eval().requires_grad_(False)

    def forward(self, noise: Tensor) -> Tensor:
        """Map noise (N, latent_dim) to images (N, 3, H, W) in [-1, 1]."""
        return self.network(noise[:, :, None, None])


def _fold(chain: nn.Sequential) -> None:
    for i, layer in enumerate(chain):
        if isinstance(layer, UpsampleConv):
            chain[i] = _as_transposed_convolution(layer)
    for i in range(len(chain) - 1):
        layer, norm = chain[i], chain[i + 1]
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d) and isinstance(norm, nn.BatchNorm2d):
            transposed = isinstance(layer, nn.ConvTranspose2d)
            chain[i] = fuse_conv_bn_eval(layer, norm, transpose=transposed)
            chain[i + 1] = nn.Identity()


def _as_transposed_convolution(layer: UpsampleConv) -> nn.ConvTranspose2d:
    channels, wide = layer.weight.shape[:2]
    constant = nn.ConvTranspose2d(channels, wide, 4, 2, 1, bias=False)
    constant.weight = nn.Parameter(layer.merged().detach().contiguous())
    return constant.eval()
