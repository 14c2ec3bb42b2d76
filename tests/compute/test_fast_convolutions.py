"""The shorter ways of a convolution give the numbers of the usual ones."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode

from facade_gan.compute.fast_convolutions import Shorter
from facade_gan.networks import DCGANDiscriminator, DCGANGenerator, LightweightGenerator

# conv or conv_transpose, shape of the input, shape of the weight, stride, padding
WAYS = {
    "kernel covers the map": (F.conv2d, (3, 8, 4, 4), (5, 8, 4, 4), 1, 0),
    "1x1 on one pixel": (F.conv2d, (3, 8, 1, 1), (5, 8, 1, 1), 1, 0),
    "first layer of G": (F.conv_transpose2d, (3, 7, 1, 1), (7, 6, 4, 4), 1, 0),
    "image into D": (F.conv2d, (2, 3, 8, 8), (5, 3, 4, 4), 2, 1),
    "image out of G": (F.conv_transpose2d, (2, 6, 4, 4), (6, 3, 4, 4), 2, 1),
    "many channels, halving": (F.conv2d, (2, 128, 32, 32), (130, 128, 4, 4), 2, 1),
    "many channels, doubling": (F.conv_transpose2d, (4, 128, 8, 16), (128, 130, 4, 4), 2, 1),
    "64 channels, halving": (F.conv2d, (2, 64, 32, 32), (66, 64, 4, 4), 2, 1),
    "64 channels, doubling": (F.conv_transpose2d, (4, 64, 8, 16), (64, 66, 4, 4), 2, 1),
    "few pixels, halving": (F.conv2d, (2, 128, 8, 10), (130, 128, 4, 4), 2, 1),
    "few pixels, doubling": (F.conv_transpose2d, (2, 130, 4, 5), (130, 128, 4, 4), 2, 1),
    "one pixel, halving": (F.conv2d, (2, 128, 2, 2), (128, 128, 4, 4), 2, 1),
}
USUAL = {
    "few channels": (F.conv2d, (30, 5, 8, 8), (150, 5, 4, 4), 2, 1),
    "64 channels at few pixels": (F.conv2d, (60, 64, 8, 8), (150, 64, 4, 4), 2, 1),
    "more pixels than few, and not many": (F.conv2d, (1, 128, 16, 16), (128, 128, 4, 4), 2, 1),
    "tiles cut off": (F.conv2d, (12, 128, 14, 20), (128, 128, 4, 4), 2, 1),
    "tiles cut off, doubling": (F.conv_transpose2d, (12, 128, 7, 8), (128, 128, 4, 4), 2, 1),
    "odd side": (F.conv2d, (2, 6, 7, 8), (9, 6, 4, 4), 2, 1),
    "3x3": (F.conv2d, (2, 6, 8, 8), (9, 6, 3, 3), 1, 1),
    "kernel of a part of the map": (F.conv2d, (3, 8, 5, 4), (5, 8, 4, 4), 1, 0),
    "padded": (F.conv2d, (3, 8, 4, 4), (5, 8, 4, 4), 1, 1),
}


def make(case: tuple, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor, Tensor]:
    conv, x_shape, weight_shape, *_ = case
    generator = torch.Generator().manual_seed(0)
    outputs = weight_shape[0] if conv is F.conv2d else weight_shape[1]
    x, weight, bias = (
        torch.randn(shape, generator=generator, dtype=dtype)
        for shape in (x_shape, weight_shape, (outputs,))
    )
    weight /= weight[0].numel() ** 0.5  # as small as a layer's: the results are around 1
    return x.requires_grad_(), weight.requires_grad_(), bias.requires_grad_()


def run(case: tuple, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    conv, _, _, stride, padding = case
    return conv(x, weight, bias, stride, padding)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("has_bias", [False, True])
@pytest.mark.parametrize("name", [*WAYS, *USUAL])
def test_values_and_all_gradients_are_those_of_torch(
    name: str, has_bias: bool, layout: torch.memory_format
) -> None:
    case = (WAYS | USUAL)[name]
    x, weight, bias = make(case)
    inputs = [x, weight, *([bias] if has_bias else [])]
    laid_out = x.contiguous(memory_format=layout), weight.contiguous(memory_format=layout)
    expected = run(case, *laid_out, bias if has_bias else None)
    with Shorter():
        found = run(case, *laid_out, bias if has_bias else None)
    weights = torch.randn_like(expected)
    torch.testing.assert_close(found, expected)
    gradients = torch.autograd.grad((expected * weights).sum(), inputs)
    for retain_graph in (True, False):  # twice over the same graph
        again = torch.autograd.grad((found * weights).sum(), inputs, retain_graph=retain_graph)
        torch.testing.assert_close(again, gradients)


class Recorder(TorchDispatchMode):
    """Notes the shapes of the weights that torch's own convolution gets."""

    def __init__(self) -> None:
        super().__init__()
        self.weights: list[tuple[int, ...]] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if func is torch.ops.aten.convolution.default:
            self.weights.append(tuple(args[1].shape))
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("name", [*WAYS, *USUAL])
def test_where_there_is_a_shorter_way_it_is_taken_and_nowhere_else(name: str) -> None:
    case = (WAYS | USUAL)[name]
    with Recorder() as recorder, Shorter():
        run(case, *make(case)[:2], None)
    assert (case[2] not in recorder.weights) == (name in WAYS)


@pytest.mark.parametrize("name", ["64 channels, halving", "64 channels, doubling"])
def test_fewer_channels_are_enough_only_where_products_take_long(name: str) -> None:
    case = WAYS[name]
    with Recorder() as in_bf16, Shorter(), torch.autocast("cpu", torch.bfloat16):
        run(case, *make(case, torch.float32)[:2], None)
    with Recorder() as in_float32, Shorter():
        run(case, *make(case, torch.float32)[:2], None)
    assert case[2] in in_bf16.weights
    assert case[2] not in in_float32.weights


@pytest.mark.parametrize("name", WAYS)
def test_second_derivatives_for_gradient_penalties_are_right_too(name: str) -> None:
    case = WAYS[name]
    with Shorter():
        assert torch.autograd.gradgradcheck(
            lambda *inputs: run(case, *inputs), make(case), fast_mode=True
        )


@pytest.mark.parametrize("name", WAYS)
def test_autocast_computes_in_bf16_and_gives_float32_gradients(name: str) -> None:
    case = WAYS[name]
    x, weight, bias = make(case, torch.float32)
    expected = run(case, x, weight, bias)
    with Shorter(), torch.autocast("cpu", torch.bfloat16, cache_enabled=False):
        found = run(case, x, weight, bias)
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found.float(), expected, rtol=0.03, atol=0.05)
    found.float().sum().backward()
    assert x.grad is not None and weight.grad is not None and bias.grad is not None
    assert {x.grad.dtype, weight.grad.dtype, bias.grad.dtype} == {torch.float32}


@pytest.mark.parametrize("image_size", [32, 64])
@pytest.mark.parametrize(
    ("make_g", "channels", "norm", "spectral"),
    [
        (lambda size: DCGANGenerator(size, 10, 8), 8, "batch", None),
        (lambda size: DCGANGenerator(size, 10, 64), 64, "batch", None),
        (lambda size: LightweightGenerator(size, 10, [16, 8, 8, 8, 4]), 8, "none", 2.0),
    ],
    ids=["dcgan", "wide dcgan", "lightweight"],
)
def test_whole_networks_draw_judge_and_learn_as_without(
    make_g: Callable[[int], nn.Module],
    channels: int,
    norm: str,
    spectral: float | None,
    image_size: int,
) -> None:
    def gradients() -> list[Tensor]:
        torch.manual_seed(0)
        judge = DCGANDiscriminator(image_size, channels, norm, spectral)
        networks = nn.ModuleList([make_g(image_size), judge])
        networks.double().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        images = networks[0](torch.randn(8, 10, 1, 1, dtype=torch.float64))
        logits = networks[1](images)
        (logits**2).sum().backward()
        return [images, logits, *[p.grad for p in networks.parameters() if p.grad is not None]]

    expected = gradients()
    with Shorter():
        found = gradients()
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-7)
