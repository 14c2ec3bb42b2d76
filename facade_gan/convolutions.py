"""The convolutions of small GANs by shorter ways on a CPU; the numbers are the same.

The routines for convolutions are at their best in the middle of a network, where many channels
meet many pixels. At its two ends they are not:

- A kernel that covers its whole map is one product of matrices.
- A kernel of 4x4 with stride 2 at the three channels of an image is a kernel of 2x2 with stride 1
  at the twelve channels of blocks of 2x2 pixels, and then no register is filled with padding.
- The gradient of a large weight over a small map is one product of matrices, too.

``Shorter`` sends a convolution one of these ways where that was measured to be faster, and leaves
all others alone.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

FEW_CHANNELS = 4


class Shorter(TorchFunctionMode):
    """While this context lasts, convolutions go the shorter way where there is one.

    Gradients go the way of their forward, also after the context has ended.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Send one call of a torch function its way."""
        return WAYS.get(func, func)(*args, **(kwargs or {}))


def conv2d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """Compute ``F.conv2d`` the shortest way."""
    simple = groups == 1 and pair(dilation) == (1, 1)
    if simple and pair(padding) == (0, 0) and x.shape[2:] == weight.shape[2:]:
        y = rows(x).flatten(1) @ rows(weight).flatten(1).t()
        return plus(y[:, :, None, None], bias)
    if simple and is_halving(x, weight, stride, padding):
        # Forward the usual way is as fast; what takes it long is the gradient to the image.
        if x.shape[1] <= FEW_CHANNELS and x.requires_grad:
            return F.conv2d(to_blocks(F.pad(x, (1, 1, 1, 1))), block_kernel(weight), bias)
        if weight.requires_grad and is_small(x[:, :, ::2, ::2], weight):
            return plus(with_product(Halving, x, weight), bias)
    return F.conv2d(x, weight, bias, stride, padding, dilation, groups)


def conv_transpose2d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    """Compute ``F.conv_transpose2d`` the shortest way."""
    simple = groups == 1 and pair(dilation) == (1, 1) and pair(output_padding) == (0, 0)
    if simple and pair(padding) == (0, 0) and x.shape[2:] == (1, 1):
        y = x.flatten(1) @ rows(weight).flatten(1)
        return plus(maps(y.unflatten(1, (*weight.shape[2:], -1))), bias)
    if simple and is_halving(None, weight, stride, padding):
        if weight.shape[1] <= FEW_CHANNELS:
            blocks = F.conv_transpose2d(x, block_kernel(weight))
            return plus(maps(rows(from_blocks(blocks))[:, 1:-1, 1:-1]), bias)
        if weight.requires_grad and is_small(x, weight):
            return plus(with_product(Doubling, x, weight), bias)
    return F.conv_transpose2d(x, weight, bias, stride, padding, output_padding, groups, dilation)


WAYS: dict[Callable[..., Any], Callable[..., Any]] = {
    F.conv2d: conv2d,
    F.conv_transpose2d: conv_transpose2d,
}


class Weight(Function):
    """A weight as it is, with its gradient as one product of the two maps in ``between``.

    A node of its own, as autograd runs a node only for gradients that were asked for, but runs all
    of it: the generator's step wants the gradient to D's images and not that to D's weights.
    """

    @staticmethod
    def forward(ctx: Any, weight: Tensor, between: list[Tensor]) -> Tensor:
        """Return ``weight``."""
        ctx.between = between
        return weight.view_as(weight)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        """Multiply the maps, or pass on a gradient that is whole already."""
        return weight_gradient(*ctx.between) if ctx.between else grad, None


class Halving(Function):
    """A 4x4 convolution of stride 2 and padding 1 with a ``Weight``."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, between: list[Tensor]) -> Tensor:
        """(N, C, 2H, 2W) to (N, D, H, W), weight (D, C, 4, 4)."""
        ctx.save_for_backward(x, weight)
        ctx.between = between
        return F.conv2d(x, weight, None, 2, 1)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, Tensor, None]:
        """Return the gradient to x, and leave that to the weight to its node."""
        x, weight = ctx.saved_tensors
        to_x = F.conv_transpose2d(grad, weight, None, 2, 1) if ctx.needs_input_grad[0] else None
        return to_x, leave(ctx.between, grad, x, weight), None


class Doubling(Function):
    """The transpose of ``Halving``."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, between: list[Tensor]) -> Tensor:
        """(N, C, H, W) to (N, D, 2H, 2W), weight (C, D, 4, 4)."""
        ctx.save_for_backward(x, weight)
        ctx.between = between
        return F.conv_transpose2d(x, weight, None, 2, 1)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, Tensor, None]:
        """Return the gradient to x, and leave that to the weight to its node."""
        x, weight = ctx.saved_tensors
        to_x = F.conv2d(grad, weight, None, 2, 1) if ctx.needs_input_grad[0] else None
        return to_x, leave(ctx.between, x, grad, weight), None


def with_product(conv: type[Function], x: Tensor, weight: Tensor) -> Tensor:
    """Apply ``Halving`` or ``Doubling``, in the dtype that autocast gives a convolution."""
    device, between = x.device.type, list[Tensor]()
    if torch.is_autocast_enabled(device):
        dtype = torch.get_autocast_dtype(device)
        x, weight = x.to(dtype), weight.to(dtype)
    return conv.apply(x, Weight.apply(weight, between), between)


def leave(between: list[Tensor], small: Tensor, large: Tensor, weight: Tensor) -> Tensor:
    """Leave both maps for the weight's node, and return what stands for the gradient until then."""
    if torch.is_grad_enabled():  # create_graph: it will be differentiated again, so it goes through
        between.clear()
        return weight_gradient(small, large)
    between[:] = small, large
    return weight.new_zeros(()).expand_as(weight)  # zeros that take no memory


def weight_gradient(small: Tensor, large: Tensor) -> Tensor:
    """Return the gradient (C, D, 4, 4) of the weight between two maps.

    Args:
        small: (N, C, H, W), a gradient or an input.
        large: (N, D, 2H, 2W), the other of the two.
    """
    count, channels, height, width = small.shape
    padded = F.pad(rows(large), (0, 0, 1, 1, 1, 1))
    a, b, c, d = padded.stride()
    shape = (count, height, width, 4, 4, large.shape[1])
    patches = padded.as_strided(shape, (a, 2 * b, 2 * c, b, c, d)).reshape(small[:, 0].numel(), -1)
    product = rows(small).reshape(-1, channels).t() @ patches
    return maps(product.view(channels, 4, 4, -1))


def to_blocks(x: Tensor) -> Tensor:
    """Gather blocks of 2x2 pixels: (N, C, 2H, 2W) to (N, 4C, H, W)."""
    count, channels, height, width = x.shape
    split = rows(x).reshape(count, height // 2, 2, width // 2, 2, channels)
    return maps(split.transpose(2, 3).flatten(3))


def from_blocks(x: Tensor) -> Tensor:
    """Undo ``to_blocks``."""
    split = rows(x).unflatten(3, (2, 2, -1)).transpose(2, 3)
    return maps(split.flatten(3, 4).flatten(1, 2))


def block_kernel(weight: Tensor) -> Tensor:
    """Turn a 4x4 kernel on pixels (A, C, 4, 4) into one on blocks, (A, 4C, 2, 2)."""
    split = weight.unflatten(3, (2, 2)).unflatten(2, (2, 2))
    return split.permute(0, 3, 5, 1, 2, 4).flatten(1, 3)


def is_halving(x: Tensor | None, weight: Tensor, stride: Any, padding: Any) -> bool:
    """Whether this is 4x4 with stride 2 and padding 1, on a map (N, C, H, W) of even sides."""
    even = x is None or (x.shape[2] % 2 == 0 and x.shape[3] % 2 == 0)
    return (
        even and weight.shape[2:] == (4, 4) and pair(stride) == (2, 2) and pair(padding) == (1, 1)
    )


def is_small(small: Tensor, weight: Tensor) -> bool:
    """Whether the small map has few pixels in all beside the weights of one of its channels.

    One thread takes as long either way up to about 4 times as many; two are sooner with a product.
    """
    return small[:, 0].numel() <= 4 * weight[0].numel()


def pair(value: Any) -> tuple[Any, ...]:
    """Both of two settings that torch lets one give as one."""
    return tuple(value) if isinstance(value, tuple | list) else (value, value)


def plus(y: Tensor, bias: Tensor | None) -> Tensor:
    """Add a bias (C,) to maps (N, C, H, W)."""
    return y if bias is None else y + bias.to(y.dtype)[:, None, None]


def rows(x: Tensor) -> Tensor:
    """Put channels last, as they lie in memory: (N, C, H, W) to (N, H, W, C), a view."""
    return x.permute(0, 2, 3, 1)


def maps(x: Tensor) -> Tensor:
    """Undo ``rows``."""
    return x.permute(0, 3, 1, 2)
