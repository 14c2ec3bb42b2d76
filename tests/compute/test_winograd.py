"""Winograd's way gives the numbers of torch's convolutions with 9 multiplications for every 16."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from facade_gan.compute import winograd

Convolution = Callable[[Tensor, Tensor], Tensor]
# Winograd's way and torch's.
PAIRS: dict[str, tuple[Convolution, Convolution]] = {
    "halve": (winograd.halve, lambda x, weight: F.conv2d(x, weight, None, 2, 1)),
    "double": (winograd.double, lambda x, weight: F.conv_transpose2d(x, weight, None, 2, 1)),
}
SIZES = [(2, 3, 5, 1, 1), (2, 4, 3, 2, 3), (1, 2, 2, 3, 1), (3, 1, 1, 1, 2)]  # N, C, D, T, S


def make(
    name: str, sizes: tuple[int, ...], dtype: torch.dtype = torch.float64
) -> tuple[Tensor, Tensor]:
    count, channels, wide, tiles_down, tiles_across = sizes
    generator = torch.Generator().manual_seed(0)
    x_shape = {
        "halve": (count, channels, 4 * tiles_down, 4 * tiles_across),
        "double": (count, wide, 2 * tiles_down, 2 * tiles_across),
    }[name]
    x = torch.randn(x_shape, generator=generator, dtype=dtype)
    weight = torch.randn(wide, channels, 4, 4, generator=generator, dtype=dtype)
    return x.requires_grad_(), weight.requires_grad_()


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("name", PAIRS)
def test_values_and_gradients_are_those_of_torch(
    name: str, sizes: tuple[int, ...], layout: torch.memory_format
) -> None:
    ours, torchs = PAIRS[name]
    inputs = make(name, sizes)
    found, expected = (
        f(*(tensor.contiguous(memory_format=layout) for tensor in inputs)) for f in (ours, torchs)
    )
    torch.testing.assert_close(found, expected)
    towards = torch.randn_like(expected)
    torch.testing.assert_close(
        torch.autograd.grad(found, inputs, towards), torch.autograd.grad(expected, inputs, towards)
    )


@pytest.mark.parametrize("name", PAIRS)
def test_second_derivatives_are_right(name: str) -> None:
    assert torch.autograd.gradgradcheck(PAIRS[name][0], make(name, SIZES[1]))


@pytest.mark.parametrize("name", PAIRS)
def test_maps_come_with_channels_last_in_memory(name: str) -> None:
    y = PAIRS[name][0](*make(name, SIZES[1]))
    assert y.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("name", PAIRS)
def test_it_multiplies_nine_times_for_sixteen_forward_and_for_each_gradient(name: str) -> None:
    operations = []
    for convolution in PAIRS[name]:
        inputs = make(name, (2, 8, 8, 2, 2))
        with FlopCounterMode(display=False) as counter:
            convolution(*inputs).sum().backward()
        operations.append(counter.get_total_flops())
    assert 16 * operations[0] == 9 * operations[1]


@pytest.mark.parametrize("wanted", [0, 1])
@pytest.mark.parametrize("name", PAIRS)
def test_a_gradient_that_nobody_asked_for_is_not_computed(name: str, wanted: int) -> None:
    inputs = make(name, (2, 8, 8, 2, 2))
    with FlopCounterMode(display=False) as forward:
        y = PAIRS[name][0](*inputs)
    with FlopCounterMode(display=False) as backward:
        y.sum().backward(inputs=[inputs[wanted]])
    assert backward.get_total_flops() == forward.get_total_flops()


@pytest.mark.parametrize(("dtype", "error"), [(torch.float32, 2e-6), (torch.bfloat16, 0.01)])
@pytest.mark.parametrize("name", PAIRS)
def test_rounding_stays_close_to_that_of_the_dtype(
    name: str, dtype: torch.dtype, error: float
) -> None:
    ours, torchs = PAIRS[name]
    x, weight = make(name, (4, 64, 64, 4, 4), torch.float32)
    x, weight = x.to(dtype), weight.to(dtype)
    expected = torchs(x.double(), weight.double())
    assert (ours(x, weight).double() - expected).std() < error * expected.std()
