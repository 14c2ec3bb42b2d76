import pytest
import torch
from torch import nn

from facade_gan.ema import EMA


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(2, 3, 1), nn.BatchNorm2d(3))


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


def test_running_statistics_are_averaged_too() -> None:
    source = network()
    ema = EMA(source, 0.75)
    source[1].running_mean.fill_(4.0)
    ema.update(source)
    assert ema.average[1].running_mean.tolist() == [1.0, 1.0, 1.0]


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
