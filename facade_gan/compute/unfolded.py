"""4x4 convolutions of stride 2 as one product of matrices, for maps of few pixels.

Each pixel of the small map meets 16 pixels of the large one. Written side by side (``Unfold``) they
are rows of a matrix, and the weight, with the channels last in memory, is the other one as it lies.
Where the first one is not much larger than the weight this takes less than a convolution, which
brings the weight into an order of its own and its gradient back.

Source: Chellapilla, Puri, Simard, "High Performance Convolutional Neural Networks for Document
Processing", 2006.
"""

from typing import Any

from torch import Tensor
from torch.autograd import Function
from torch.nn import functional as F


def halve(x: Tensor, weight: Tensor) -> Tensor:
    """Compute ``F.conv2d(x, weight, stride=2, padding=1)``.

    Args:
        x: (N, C, 2H, 2W).
        weight: (D, C, 4, 4).

    Returns:
        (N, D, H, W).
    """
    taps = Unfold.apply(x.permute(0, 2, 3, 1))
    return (taps @ weight.permute(0, 2, 3, 1).flatten(1).t()).permute(0, 3, 1, 2)


def double(x: Tensor, weight: Tensor) -> Tensor:
    """Compute ``F.conv_transpose2d(x, weight, stride=2, padding=1)``, the transpose of ``halve``.

    Args:
        x: (N, D, H, W).
        weight: (D, C, 4, 4).

    Returns:
        (N, C, 2H, 2W).
    """
    taps = x.permute(0, 2, 3, 1) @ weight.permute(0, 2, 3, 1).flatten(1)
    return Fold.apply(taps).permute(0, 3, 1, 2)


class Unfold(Function):
    """Write 4x4 pixels side by side, every second one: (N, 2H, 2W, C) to (N, H, W, 16C)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Copy what lies overlapping."""
        count, height, width, channels = x.shape
        padded = F.pad(x, (0, 0, 1, 1, 1, 1))
        image, row, pixel, _ = padded.stride()
        # Four pixels of a row lie in memory one after the other.
        shape = count, height // 2, width // 2, 4, 4 * channels
        return padded.as_strided(shape, (image, 2 * row, 2 * pixel, row, 1)).flatten(3)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        """Apply the transpose."""
        return Fold.apply(grad)


class Fold(Function):
    """Add up what ``Unfold`` writes side by side, its transpose: (N, H, W, 16C) to (N, 2H, 2W, C).

    Of the four taps along a side, two fall on the pixels of their block and two on the next one's.
    """

    @staticmethod
    def forward(ctx: Any, taps: Tensor) -> Tensor:
        """Add rows, then columns."""
        own, next_one = taps.unflatten(3, (2, 2, -1)).permute(3, 0, 1, 4, 2, 5)
        rows = overlapping(own, next_one, dim=1).flatten(1, 2)  # (N, 2H + 2, W, 4C)
        own, next_one = rows.unflatten(3, (2, 2, -1)).permute(3, 0, 1, 2, 4, 5)
        return overlapping(own, next_one, dim=2).flatten(2, 3)[:, 1:-1, 1:-1]

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        """Apply the transpose."""
        return Unfold.apply(grad)


def overlapping(first: Tensor, second: Tensor, dim: int) -> Tensor:
    """Add ``second`` to ``first``, moved on by one along ``dim``, which becomes longer by one."""
    shape = list(first.shape)
    shape[dim] += 1
    total = first.new_zeros(shape)
    total.narrow(dim, 0, shape[dim] - 1).copy_(first)
    total.narrow(dim, 1, shape[dim] - 1).add_(second)
    return total
