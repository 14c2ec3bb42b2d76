"""Choosing noise: shrunk for less variety, or of several noises the one that D likes most."""

import copy
from collections.abc import Iterator
from itertools import islice
from typing import Any

import torch
from torch import Tensor

from facade_gan.networks.base import Discriminator, Generator


def shrunk(generator: Generator, variety: float) -> Generator:
    """Copy a generator so that it shrinks its noise first; 1 gives ``generator`` itself.

    The batch norms' statistics stay those of the noise it was trained on: measured anew, they take
    the shrinking out again.

    Args:
        generator: in eval mode.
        variety: the factor, above 0.

    Source: the truncation trick of Brock et al., "Large Scale GAN Training for High Fidelity
    Natural Image Synthesis", ICLR 2019, with a scale in place of its threshold.
    """
    if variety == 1:
        return generator
    less: Any = copy.deepcopy(generator)
    less.register_forward_pre_hook(lambda _, arguments: arguments[0] * variety)
    return less


def best_of(
    noises: Iterator[Tensor], count: int, generator: Generator, discriminator: Discriminator
) -> Iterator[Tensor]:
    """Of each ``count`` noises, (latent_dim, 1, 1), yield the one whose image D likes most."""
    device = next(generator.parameters()).device
    while several := list(islice(noises, count)):
        z = torch.stack(several)
        with torch.inference_mode():
            logits = discriminator(generator(z.to(device))).flatten()
        yield z[int(logits.argmax())]
