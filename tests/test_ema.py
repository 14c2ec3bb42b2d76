from collections.abc import Callable

import pytest
import torch
from conftest import TINY
from hydra.utils import instantiate
from omegaconf import DictConfig
from torch import Tensor, nn

from facade_gan.ema import EMA


class Network(nn.Sequential):
    latent_dim = 2


def network() -> nn.Module:
    torch.manual_seed(0)
    return Network(nn.Conv2d(2, 3, 1), nn.BatchNorm2d(3))


def test_the_average_is_the_weighted_sum_of_all_weights_so_far() -> None:
    source, decay = network(), 0.9
    ema = EMA(source, decay)
    expected = source[0].weight.detach().double()

    for step in range(5):
        with torch.no_grad():
            source[0].weight.add_(step + 1)
        ema.update(source)
        expected = decay * expected + (1 - decay) * source[0].weight.detach().double()

    torch.testing.assert_close(ema.average[0].weight.double(), expected, rtol=0, atol=1e-5)


def test_once_measured_the_average_normalises_what_its_own_weights_give() -> None:
    source = network()
    ema = EMA(source, 0.5)
    with torch.no_grad():
        source[0].weight.mul_(30)
        source[0].bias.add_(5)
    source[1].running_mean.fill_(100.0)
    ema.update(source)

    ema.measure_batch_norms()
    drawn: Tensor = ema.average(torch.randn(4000, 2, 1, 1))

    torch.testing.assert_close(drawn.mean((0, 2, 3)), torch.zeros(3), rtol=0, atol=0.15)
    torch.testing.assert_close(drawn.std((0, 2, 3)), torch.ones(3), rtol=0, atol=0.15)
    assert not any(m.training for m in ema.average.modules())
    assert ema.average[1].momentum == source[1].momentum


def test_settling_draws_nothing_from_the_generators_of_the_training() -> None:
    ema = EMA(network(), 0.5)
    before = torch.get_rng_state()
    ema.measure_batch_norms()
    assert torch.equal(before, torch.get_rng_state())


def test_a_saved_average_is_a_measured_one(composed: Callable[..., DictConfig]) -> None:
    gan = instantiate(composed(*TINY).gan, _convert_="all")
    with torch.no_grad():
        gan.generator.first[0].weight.mul_(30)
    gan.ema.decay = 0.0
    gan.ema.update(gan.generator)
    saved = gan.state_dict()["ema.average.first.1.running_var"].clone()
    gan.ema.measure_batch_norms()
    assert torch.equal(saved, gan.ema.average.first[1].running_var)
    assert saved.min() > 2


def test_a_decay_of_0_is_the_network_itself() -> None:
    source = network()
    ema = EMA(source, 0.0)
    with torch.no_grad():
        source[0].weight.mul_(1.37)
    ema.update(source)
    assert torch.equal(ema.average[0].weight, source[0].weight)


def test_updating_changes_nothing_of_the_network() -> None:
    source = network()
    ema = EMA(source, 0.5)
    with torch.no_grad():
        source[0].weight.add_(1)
    before = {k: v.clone() for k, v in source.state_dict().items()}
    ema.update(source)
    assert all(torch.equal(before[k], v) for k, v in source.state_dict().items())


def test_the_average_takes_no_gradients_and_stays_in_eval_mode() -> None:
    ema = EMA(network(), 0.5)
    assert not any(p.requires_grad for p in ema.average.parameters())
    assert not any(m.training for m in ema.average.modules())


@pytest.mark.parametrize("decay", [0.0, 0.998])
def test_a_network_that_stands_still_is_its_own_average(decay: float) -> None:
    source = network()
    ema = EMA(source, decay)
    for _ in range(10):
        ema.update(source)
    torch.testing.assert_close(ema.average[0].weight, source[0].weight)
