"""The convolutions of small GANs by shorter ways on a CPU; the numbers are the same.

- A kernel that covers its whole map is one product of matrices.
- A kernel of 4x4 with stride 2 at the three channels of an image is a kernel of 2x2 with stride 1
  at the twelve channels of blocks of 2x2 pixels, and then no register is filled with padding.
- Where many channels meet at few pixels, it is one product of matrices, too.
- Where many channels meet, Winograd's way takes 9 multiplications for every 16.

``Shorter`` sends a convolution one of these ways where that was measured to be faster, and leaves
all others alone.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from facade_gan.compute import unfolded, winograd

FEW_CHANNELS = 4
FEW_PIXELS = 36  # of the smaller map


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
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """Compute ``F.conv2d`` the shortest way."""
    simple = input.ndim == 4 and groups == 1 and pair(dilation) == (1, 1)
    if simple and pair(padding) == (0, 0) and input.shape[2:] == weight.shape[2:]:
        y = rows(input).flatten(1) @ rows(weight).flatten(1).t()
        return plus(y[:, :, None, None], bias)
    if simple and is_halving(input, weight, stride, padding):
        # Forward the usual way is as fast; what takes it long is the gradient to the image.
        if input.shape[1] <= FEW_CHANNELS and input.requires_grad:
            return F.conv2d(to_blocks(F.pad(input, (1, 1, 1, 1))), block_kernel(weight), bias)
        way = way_of(input[:, :, ::2, ::2], weight)
        if way is not None:
            return plus(way.halve(*as_autocast(input, weight)), bias)
    return F.conv2d(input, weight, bias, stride, padding, dilation, groups)


def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    """Compute ``F.conv_transpose2d`` the shortest way."""
    simple = (
        input.ndim == 4
        and groups == 1
        and pair(dilation) == (1, 1)
        and pair(output_padding) == (0, 0)
    )
    if simple and pair(padding) == (0, 0) and input.shape[2:] == (1, 1):
        y = input.flatten(1) @ rows(weight).flatten(1)
        return plus(maps(y.unflatten(1, (*weight.shape[2:], -1))), bias)
    if simple and is_halving(None, weight, stride, padding):
        if weight.shape[1] <= FEW_CHANNELS:
            blocks = F.conv_transpose2d(input, block_kernel(weight))
            return plus(maps(rows(from_blocks(blocks))[:, 1:-1, 1:-1]), bias)
        way = way_of(input, weight)
        if way is not None:
            return plus(way.double(*as_autocast(input, weight)), bias)
    return F.conv_transpose2d(
        input, weight, bias, stride, padding, output_padding, groups, dilation
    )


WAYS: dict[Callable[..., Any], Callable[..., Any]] = {
    F.conv2d: conv2d,
    F.conv_transpose2d: conv_transpose2d,
}


def to_blocks(x: Tensor) -> Tensor:
    """Gather blocks of 2x2 pixels: (N, C, 2H, 2W) to (N, 4C, H, W)."""
    count, channels, height, width = x.shape
    split = rows(x).reshape(count, height // 2, 2, width // 2, 2, channels)
    return maps(split.transpose(2, 3).flatten(3))


def from_blocks(x: Tensor) -> Tensor:
    """Take blocks of two pixels by two apart again: (N, 4C, H, W) to (N, C, 2H, 2W)."""
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


def way_of(small: Tensor, weight: Tensor) -> Any:
    """Choose the module whose way of halving or doubling is the shortest, None for torch's own.

    Measured on one thread, each alone and in whole steps, of an Intel Xeon with all it has, without
    AMX and with no more than AVX2, and, for Winograd's way, of AMD EPYCs: between fewer channels
    the sums over the maps take what is saved, and at fewer pixels Winograd's sums over the weight.
    In float32 products take longer, the gradient of a weight by torch's way most, so that fewer
    channels are enough (an EPYC with no more than AVX2). AMX multiplies so fast in bf16 that at
    larger maps no multiplication is worth saving.
    """
    dtype = dtype_of_products(small)
    pixels, all_pixels = small[0, 0].numel(), small[:, 0].numel()
    fewest = 64 if dtype.itemsize >= 4 and pixels > FEW_PIXELS else 128
    if min(weight.shape[:2]) < fewest:
        return None
    if pixels <= FEW_PIXELS and all_pixels <= 2 * len(weight):  # unfolded, twice the weight at most
        return unfolded
    whole_tiles = small.shape[2] % 2 == 0 and small.shape[3] % 2 == 0
    if not whole_tiles or all_pixels < 512:
        return None
    # By the matrix unit of a CPU, a convolution in bf16 is computed at once.
    at_once = dtype == torch.bfloat16 and torch.cpu._is_amx_tile_supported()
    return None if at_once and pixels > FEW_PIXELS else winograd


def dtype_of_products(x: Tensor) -> torch.dtype:
    """Name the dtype in which ``x`` is convolved: that of autocast where it is on."""
    device = x.device.type
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else x.dtype


def as_autocast(x: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """Bring both to the dtype that autocast gives a convolution."""
    device = x.device.type
    if not torch.is_autocast_enabled(device):
        return x, weight
    dtype = torch.get_autocast_dtype(device)
    return x.to(dtype), weight.to(dtype)


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
