"""Differentiable augmentation of what the discriminator sees, real and fake alike.

Source: Zhao et al., "Differentiable Augmentation for Data-Efficient GAN Training", NeurIPS 2020.
Each policy maps images (N, 3, H, W) in [-1, 1] to images of the same shape, samples by the default
random generator of their device, and waits for nothing on the device.
"""

from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class NoAugment(nn.Module):
    """Hand the images on as they are."""

    def forward(self, images: Tensor) -> Tensor:
        """Return ``images``."""
        return images


class DiffAugment(nn.Module):
    """Apply the named policies in order, anew for every image.

    Args:
        policies: which, and in which order.
    """

    def __init__(self, policies: Sequence[Literal["color", "translation", "cutout"]]) -> None:
        super().__init__()
        self.policies = [POLICIES[name] for name in policies]

    def forward(self, images: Tensor) -> Tensor:
        """Augment ``images`` (N, 3, H, W); gradients flow back to them."""
        for policy in self.policies:
            images = policy(images)
        return images


def color(images: Tensor) -> Tensor:
    """Shift brightness by -0.5 to 0.5, scale saturation by 0 to 2 and contrast by 0.5 to 1.5."""
    brightness, saturation, contrast = (u.to(images.dtype) for u in _uniform(images, 3))
    images = images + (brightness - 0.5)
    grey = images.mean(1, keepdim=True)
    images = grey + (images - grey) * (2 * saturation)
    mean = images.mean((1, 2, 3), keepdim=True)
    return mean + (images - mean) * (contrast + 0.5)


def translation(images: Tensor, ratio: float = 1 / 8) -> Tensor:
    """Move by up to ``ratio`` of each side; what comes into view is 0, mid grey."""
    height, width = images.shape[-2:]
    up_to, across_to = int(height * ratio + 0.5), int(width * ratio + 0.5)
    down, right = (u.view(-1, 1) for u in _uniform(images, 2))
    down = (down * (2 * up_to + 1)).long()
    right = (right * (2 * across_to + 1)).long()
    return _Moved.apply(images, down, right, (up_to, across_to))


class _Moved(torch.autograd.Function):
    """Images with ``reach`` pixels around them, from row ``down`` and column ``right`` on.

    Both are int64 (N, 1) from 0 to twice the reach, and the reach itself moves nothing. The
    gradient moves the other way. By itself torch would add it up pixel by pixel, which takes a GPU
    a sort of all their indices.
    """

    @staticmethod
    def forward(
        ctx: Any, images: Tensor, down: Tensor, right: Tensor, reach: tuple[int, int]
    ) -> Tensor:
        ctx.save_for_backward(down, right)
        ctx.reach = reach
        up_to, across_to = reach
        height, width = images.shape[-2:]
        rows, columns = _offsets(images, height) + down, _offsets(images, width) + right
        batch = torch.arange(len(images), device=images.device)
        # Indexing with the channels last reads whole pixels.
        pixels = F.pad(images, (across_to, across_to, up_to, up_to)).permute(0, 2, 3, 1)
        moved = pixels[batch[:, None, None], rows[:, :, None], columns[:, None, :]]
        return moved.permute(0, 3, 1, 2)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None]:
        down, right = ctx.saved_tensors
        up_to, across_to = ctx.reach
        back = 2 * up_to - down, 2 * across_to - right
        return _Moved.apply(gradient, *back, ctx.reach), None, None, None


def cutout(images: Tensor, ratio: float = 1 / 2) -> Tensor:
    """Set ``ratio`` of each side to 0, mid grey, wherever the centre of that part falls."""
    height, width = images.shape[-2:]
    down, right = (u.view(-1, 1) for u in _uniform(images, 2))
    rows = (_offsets(images, height) + 0.5 - down * height).abs() < height * ratio / 2
    columns = (_offsets(images, width) + 0.5 - right * width).abs() < width * ratio / 2
    hidden = rows[:, None, :, None] & columns[:, None, None, :]
    return images * ~hidden


POLICIES = {"color": color, "translation": translation, "cutout": cutout}


def _offsets(images: Tensor, side: int) -> Tensor:
    """Number the pixels of a side from 0, on the images' device."""
    return torch.arange(side, device=images.device)


def _uniform(images: Tensor, count: int) -> tuple[Tensor, ...]:
    """Sample ``count`` float32 tensors (N, 1, 1, 1), uniform in [0, 1), on the images' device."""
    # Not in bf16: it would round samples just under 1 up to 1.
    return torch.rand(count, len(images), 1, 1, 1, device=images.device).unbind()
