"""Convolution under spectral normalisation.

Source: Miyato et al., "Spectral Normalization for Generative Adversarial Networks", ICLR 2018.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class SpectralConv2d(nn.Conv2d):
    """A convolution whose weight is scaled so that its largest singular value is ``norm``.

    The weight as a matrix is (out_channels, in_channels * kernel area); power iteration traces its
    largest singular value. The paper's ``norm`` is 1.
    """

    u: Tensor
    v: Tensor

    def __init__(self, *args: Any, norm: float = 1.0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.norm = norm
        self.register_buffer("u", F.normalize(torch.randn(self.out_channels), dim=0))
        self.register_buffer("v", F.normalize(torch.randn(self.weight[0].numel()), dim=0))

    def forward(self, x: Tensor) -> Tensor:
        """Convolve ``x`` (N, C, H, W) with the normalised weight; in training, sharpen u and v."""
        scale = self.norm / self.sigma()
        # Scaling the input or the weight gives the same numbers: scale what has fewer of them.
        if x.numel() < self.weight.numel():
            return self._conv_forward(x * scale, self.weight, self.bias)
        return self._conv_forward(x, self.weight * scale, self.bias)

    def sigma(self) -> Tensor:
        """Estimate the largest singular value, a float32 scalar with a gradient to the weight."""
        # bf16 would blur the power iteration.
        with torch.autocast(self.weight.device.type, enabled=False):
            # Channels last is the order in memory: flattened so, the matrix is a view.
            matrix = self.weight.permute(0, 2, 3, 1).flatten(1)
            if not self.training:
                return self.u @ (matrix @ self.v)
            with torch.no_grad():
                v = self.u @ matrix
                v /= torch.linalg.vector_norm(v)
            image = matrix @ v
            sigma = torch.linalg.vector_norm(image)  # of unit length, image / sigma is the new u
            with torch.no_grad():
                torch._foreach_copy_([self.u, self.v], [image / sigma, v])
            return sigma
