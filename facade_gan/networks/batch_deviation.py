"""What lets a discriminator see that fakes are too alike: how much the images of a group differ.

Source: Karras et al., "Progressive Growing of GANs for Improved Quality, Stability, and Variation",
ICLR 2018, section 3.
"""

import torch
from torch import Tensor, nn


class BatchDeviation(nn.Module):
    """Adds to logits the standard deviation of the maps behind them, times a weight that it learns.

    In the paper it is one more map, the same everywhere, before the last layer. Where that layer's
    kernel covers the whole map, its weights there act as one, which has its own place here: it
    begins at 0, so that a discriminator trained without it goes on as it was.

    In training alone: of images to be ranked each is judged by itself.

    Args:
        group: how many images, neighbours in the batch, are compared. A batch that does not fall
            into such groups is one group.
    """

    def __init__(self, group: int) -> None:
        super().__init__()
        self.group = group
        self.weight = nn.Parameter(torch.zeros(()))

    def forward(self, logits: Tensor, maps: Tensor) -> Tensor:
        """Return ``logits`` (N, 1, 1, 1), each with the deviation of its group of ``maps``."""
        if not self.training:
            return logits
        group = self.group if len(maps) % self.group == 0 else len(maps)
        groups = maps.float().unflatten(0, (-1, group))
        variance = (groups - groups.mean(1, keepdim=True)).square().mean(1)
        deviations = (variance + 1e-8).sqrt()  # whose gradient at 0 is finite, too
        deviation = deviations.mean((1, 2, 3)).repeat_interleave(group)
        # The gradient of a kernel that adds up as many weights.
        scale = maps[0, 0].numel() * self.weight
        return logits + (scale * deviation).view(-1, 1, 1, 1)
