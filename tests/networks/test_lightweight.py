from collections.abc import Callable

import pytest
import torch
from hydra.utils import instantiate
from omegaconf import DictConfig
from torch import nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from facade_gan.image_size import ImageSize, sides
from facade_gan.networks import LightweightGenerator
from facade_gan.networks.lightweight import GatedLinearUnit, SkipLayerExcitation, UpsampleConv


def test_upsample_conv_is_nearest_upsampling_and_a_3x3_convolution() -> None:
    torch.manual_seed(0)
    layer = UpsampleConv(5, 7)
    x = torch.randn(2, 5, 6, 9, requires_grad=True)
    y = x.detach().clone().requires_grad_()

    ours = layer(x)
    # A transposed convolution scatters what a convolution gathers: its kernel is turned round.
    kernel = layer.weight.detach().transpose(0, 1).flip(2, 3).clone().requires_grad_()
    reference = F.conv2d(F.interpolate(y, scale_factor=2, mode="nearest"), kernel, padding=1)

    torch.testing.assert_close(ours, reference, rtol=1e-4, atol=1e-5)
    weights = torch.randn_like(ours)
    (ours * weights).sum().backward()
    (reference * weights).sum().backward()
    torch.testing.assert_close(x.grad, y.grad, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(
        layer.weight.grad, kernel.grad.flip(2, 3).transpose(0, 1), rtol=1e-3, atol=1e-3
    )


def test_autocast_does_not_round_the_taps_before_they_are_summed() -> None:
    torch.manual_seed(0)
    layer = UpsampleConv(5, 7)
    exact = layer.merged()
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(layer.merged(), exact)


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_gate_and_gradient_keep_the_memory_format(memory_format: torch.memory_format) -> None:
    x = torch.randn(2, 8, 3, 5).contiguous(memory_format=memory_format).requires_grad_()
    y = GatedLinearUnit()(x)
    y.backward(torch.ones_like(y))
    assert x.grad is not None
    assert y.is_contiguous(memory_format=memory_format)
    assert x.grad.is_contiguous(memory_format=memory_format)


def test_the_gated_linear_unit_is_torchs() -> None:
    x = torch.randn(2, 8, 3, 3)
    torch.testing.assert_close(GatedLinearUnit()(x), F.glu(x, dim=1))


def test_excitation_scales_each_channel_by_0_to_1() -> None:
    torch.manual_seed(0)
    fine = torch.rand(2, 6, 32, 32) + 0.5
    ratio = SkipLayerExcitation(4, 6)(torch.randn(2, 4, 8, 8), fine) / fine
    assert ((ratio > 0) & (ratio < 1)).all()
    torch.testing.assert_close(ratio, ratio[:, :, :1, :1].expand_as(ratio))


@pytest.mark.parametrize("size", [32, 64, 128, 256, [48, 32], [128, 192], 48])
def test_images_have_the_size_asked_for_and_stay_in_range(size: ImageSize) -> None:
    torch.manual_seed(0)
    images = LightweightGenerator(size, 10, [8, 8, 4, 4, 4])(torch.randn(2, 10, 1, 1))
    assert images.shape == (2, 3, *sides(size))
    assert images.abs().max() <= 1


def test_every_parameter_gets_a_gradient() -> None:
    torch.manual_seed(0)
    generator = LightweightGenerator(64, 10, [8, 8, 8, 8, 8])
    generator(torch.randn(4, 10, 1, 1)).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in generator.parameters())


def test_the_arguments_rebuild_the_same_network() -> None:
    generator = LightweightGenerator(32, 10, [8, 8, 4, 4])
    again = LightweightGenerator(**generator.arguments)
    again.load_state_dict(generator.state_dict())
    z = torch.randn(2, 10, 1, 1)
    assert torch.equal(generator.eval()(z), again.eval()(z))


@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_larger_images_get_finer_stages_and_not_a_network_four_times_as_costly(
    network: str, composed: Callable[..., DictConfig]
) -> None:
    def build(size: int) -> nn.Module:
        return instantiate(composed(f"image_size={size}").model[network], _convert_="all")

    def cost(size: int) -> int:
        net = build(size)
        shape = (2, 100, 1, 1) if network == "generator" else (2, 3, size, size)
        with FlopCounterMode(display=False) as counter:
            net(torch.randn(shape))
        return counter.get_total_flops()

    costs = [cost(size) for size in (64, 128, 256)]
    assert costs[0] < costs[1] < 2 * costs[0]
    assert costs[1] < costs[2] < 2 * costs[1]
