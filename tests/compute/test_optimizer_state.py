"""Moments of a checkpoint under another ``compute`` than the one they were saved with."""

import copy
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
import torch
from conftest import TINY
from hydra.utils import instantiate
from omegaconf import DictConfig
from torch import Tensor

from facade_gan.compute.optimizer_state import follow_weights
from facade_gan.gan import GAN

WAYS = [
    ("compute=plain",),
    ("compute=auto",),
    ("compute=auto", "compute.fused_adam=false"),
    ("compute=plain", "compute.fused_adam=true"),
]
PHOTOS = torch.randint(
    0, 256, (3, 4, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(2)
)


def resumed(compose: Callable[..., DictConfig], way: tuple[str, ...], saved: Any) -> GAN:
    """Build the module as a run does, with the weights and moments of ``saved``, if any."""
    torch.manual_seed(0)
    gan: GAN = instantiate(compose(*TINY, *way).gan, _convert_="all")
    optimizers = gan.configure_optimizers()
    gan.optimizers = lambda use_pl_optimizer: optimizers  # type: ignore[assignment,method-assign]
    if saved is not None:
        weights, states = copy.deepcopy(saved)
        gan.load_state_dict(weights)
        gan.keep_settings(states)
        for optimizer, state in zip(optimizers, states, strict=True):
            optimizer.load_state_dict(state)
    gan.run_step = gan.compute.prepare(gan)
    return gan


def saved_by(gan: GAN) -> Any:
    """What a checkpoint would hold."""
    optimizers: Any = gan.optimizers(use_pl_optimizer=False)
    return gan.state_dict(), [optimizer.state_dict() for optimizer in optimizers]


def moments(gan: GAN) -> Iterator[tuple[Tensor, Tensor]]:
    """Each weight with each of its moments."""
    optimizers: Any = gan.optimizers(use_pl_optimizer=False)
    for optimizer in optimizers:
        for weight, state in optimizer.state.items():
            yield weight, state["exp_avg"]
            yield weight, state["exp_avg_sq"]


@pytest.mark.parametrize(("before", "after"), list(product(WAYS, WAYS)))
def test_a_resume_under_another_compute_takes_the_step_that_changing_nothing_takes(
    composed: Callable[..., DictConfig], before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    first = resumed(composed, before, None)
    for photos in PHOTOS[:2]:
        first.run_step(photos)
    saved = copy.deepcopy(saved_by(first))

    second = resumed(composed, after, saved)
    for weight, moment in moments(second):
        assert moment.stride() == weight.stride()
    went_on = resumed(composed, before, saved)
    for gan in (second, went_on):
        torch.manual_seed(3)
        gan.run_step(PHOTOS[2])
    # Moments of other weights would move a weight by up to a step, which is 6e-4 and more; the
    # ways of computing differ by rounding alone.
    weights = (gan.discriminator.parameters() for gan in (second, went_on))
    for a, b in zip(*weights, strict=True):
        assert (a - b).abs().mean() <= (0 if before == after else 1e-5)


@pytest.mark.parametrize("fused", [True, False])
def test_the_same_arithmetic_in_another_layout_gives_the_same_bits(fused: bool) -> None:
    own = torch.Generator().manual_seed(0)
    start, *gradients = (torch.randn(8, 3, 4, 4, generator=own) for _ in range(4))

    def trained(layout_after_one_step: torch.memory_format) -> Tensor:
        weight = torch.nn.Parameter(start.clone())
        adam = torch.optim.Adam([weight], lr=1e-2, fused=fused)
        for number, gradient in enumerate(gradients):
            weight.grad = torch.empty_like(weight).copy_(gradient)
            adam.step()
            if number == 0:
                weight.data = weight.data.contiguous(memory_format=layout_after_one_step)
                follow_weights(adam)
        return weight.detach()

    assert torch.equal(trained(torch.contiguous_format), trained(torch.channels_last))
