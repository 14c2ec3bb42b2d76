"""Mixing two facades: the layout of one in the manner of the other.

Source: Huang and Belongie, "Arbitrary Style Transfer in Real-time with Adaptive Instance
Normalization", ICCV 2017, applied to a generator's own maps.
"""

import copy
from typing import Any

import torch
from torch import Tensor, nn

from facade_gan.latents.stages import coarse_maps
from facade_gan.networks.base import Generator

EPSILON = 1e-5  # keeps a channel that is the same everywhere finite


def mixable_stages(generator: Generator) -> list[str]:
    """Name the stages from which on facades can be mixed, the coarsest first.

    All maps but the finest, whose means and spreads are little but brightness; none where the
    generator names no stages.
    """
    return list(coarse_maps(generator))


def mixing(generator: Generator, first: str) -> Generator:
    """Copy a generator so that it mixes the first half of its noises with the second half.

    From the stage ``first`` on, each map's channels keep their layout and take mean and spread over
    the pixels from the map of the partner in the other half, so that the i-th image of N noises has
    the layout of noise i in the manner of noise i + N / 2, and the other way round.

    Args:
        generator: in eval mode.
        first: of ``mixable_stages``.
    """
    mixed: Any = copy.deepcopy(generator)
    stages = coarse_maps(mixed)
    names = list(stages)
    for name in names[names.index(first) :]:
        stages[name].register_forward_hook(_exchange_statistics)
    return mixed


def mixing_with(generator: Generator, first: str, partner: Tensor) -> Generator:
    """Copy a generator so that all its noises are mixed with one, (latent_dim, 1, 1), as above."""
    mixed: Any = mixing(generator, first)

    def double(_: nn.Module, given: tuple[Tensor]) -> tuple[Tensor]:
        return (torch.cat([given[0], partner.to(given[0].device).expand_as(given[0])]),)

    mixed.register_forward_pre_hook(double)
    mixed.register_forward_hook(lambda _, given, images: images[: len(images) // 2])
    return mixed


def _exchange_statistics(stage: nn.Module, arguments: Any, maps: Tensor) -> Tensor:
    mean = maps.mean((2, 3), keepdim=True)
    spread = maps.std((2, 3), keepdim=True) + EPSILON
    half = len(maps) // 2
    return (maps - mean) / spread * spread.roll(half, 0) + mean.roll(half, 0)
