"""What a generator and a discriminator have to be: the contract in types.

Both are an ``nn.Module`` of this package, in a file of its own here; nothing else has to know its
name. A network of one's own elsewhere works in the same way once ``network_modules`` names its
module.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol, Self

import torch
from torch import Tensor, nn


class Network(Protocol):
    """What both have: their arguments, and of ``nn.Module`` what the training uses."""

    arguments: dict[str, Any]
    """What the constructor was given: numbers, text, true or false, None, lists or dictionaries of
    these. A checkpoint keeps them, and the network is built again from them."""

    def parameters(self) -> Iterator[nn.Parameter]:
        """As ``nn.Module`` does, and so the methods below."""

    def modules(self) -> Iterator[nn.Module]:
        """All modules inside."""

    def state_dict(self) -> dict[str, Any]:
        """All weights and buffers by name."""

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> Any:
        """Take weights and buffers over."""

    def requires_grad_(self, requires_grad: bool) -> Self:
        """Say whether gradients are wanted."""

    def train(self) -> Self:
        """Behave as in training."""

    def eval(self) -> Self:
        """Behave as in use."""

    def to(self, device: torch.device) -> Self:
        """Move to a device."""

    def compile(self, **options: Any) -> None:
        """Run by ``torch.compile(**options)`` from now on."""


class Generator(Network, Protocol):
    """Maps noise to images."""

    latent_dim: int
    """Length of the noise vector."""
    image_size: int | list[int]
    """Of the images, pixels: one number for squares, ``[height, width]`` for others."""

    def __call__(self, z: Tensor) -> Tensor:
        """Generate images (N, 3, H, W) in [-1, 1] from noise ``z`` (N, latent_dim, 1, 1)."""


class Discriminator(Network, Protocol):
    """Tells photos from fakes."""

    judged_together: int | None
    """How many images, neighbours in a batch, a logit depends on: 1 where on its own alone, None
    where on the whole batch, as under batch norm."""

    def __call__(self, images: Tensor) -> Tensor:
        """Judge images (N, 3, H, W) in [-1, 1]: N logits of any shape, positive for real."""
