"""What the devices of a run tell each other inside a step: gradients and batch statistics.

Gradients are averaged by one line of the step instead of by ``DistributedDataParallel``. That
wrapper reduces whatever a backward pass through it reaches, and needs to be told which parameters
a pass leaves out; here two networks take turns, D is called several times a step, G's pass runs
through D, and ``backward(inputs=...)`` does not fire the wrapper's hooks at all. A plain
``all_reduce`` after the backward pass is the same mean, reads in the step where it happens, and is
one more operation on the stream when the step is recorded as a CUDA graph. What it gives up, the
overlap of sending with the backward pass, matters for networks far larger than these.
"""

from typing import Any

import torch
from lightning.pytorch.plugins import LayerSync
from torch import Tensor, distributed, nn

from facade_gan.networks.base import Network


def several_devices() -> bool:
    """Say whether this process is one of several that train together."""
    return (
        distributed.is_available()
        and distributed.is_initialized()
        and distributed.get_world_size() > 1
    )


@torch.no_grad()
def average_gradients(network: Network) -> None:
    """Replace the gradients of ``network`` by their mean over all devices.

    One message holds them all. On a single device nothing happens. Every device must call it.
    """
    if not several_devices():
        return
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    message = torch.cat([gradient.flatten() for gradient in gradients])
    message /= distributed.get_world_size()
    distributed.all_reduce(message)
    parts = message.split([gradient.numel() for gradient in gradients])
    means = [part.view(g.shape) for part, g in zip(parts, gradients, strict=True)]
    torch._foreach_copy_(gradients, means)


def first_says(*answers: int) -> list[int]:
    """Take the first device's answers to what every device asks at the same time.

    One message holds them all: clocks and signals differ by device, and what follows must not.
    """
    if not several_devices():
        return list(answers)
    on_gpus = distributed.get_backend() == "nccl"
    message = torch.tensor(answers, device="cuda" if on_gpus else "cpu")
    distributed.broadcast(message, src=0)
    return message.tolist()


def from_all_devices(value: Any) -> list[Any]:
    """Collect a plain value of every device, by rank. Every device must call it."""
    if not several_devices():
        return [value]
    values = [None] * distributed.get_world_size()
    distributed.all_gather_object(values, value)
    return values


class BatchNormSync(LayerSync):
    """Makes every batch norm take its statistics over the batches of all devices.

    W devices with B photos each then see what one device sees with W * B, and their running
    statistics stay equal. On GPUs the layers become PyTorch's, which work nowhere else.
    """

    def apply(self, model: nn.Module) -> nn.Module:
        """Replace the batch norms inside ``model``; their parameters stay the same objects."""
        if model.device.type == "cuda":
            return nn.SyncBatchNorm.convert_sync_batchnorm(model)
        for parent in list(model.modules()):
            for name, child in parent.named_children():
                if isinstance(child, nn.BatchNorm2d):
                    setattr(parent, name, SyncBatchNorm.of(child))
        return model

    def revert(self, model: nn.Module) -> nn.Module:
        """Leave ``model``: without other devices its layers are ordinary batch norms."""
        return model


class SyncBatchNorm(nn.BatchNorm2d):
    """Batch norm over the batches of all devices, for devices that PyTorch's does not support."""

    @classmethod
    def of(cls, norm: nn.BatchNorm2d) -> "SyncBatchNorm":
        """Take over the parameters and statistics of ``norm``."""
        synced = cls(norm.num_features, norm.eps, norm.momentum)
        synced.weight, synced.bias = norm.weight, norm.bias
        synced.running_mean, synced.running_var = norm.running_mean, norm.running_var
        synced.num_batches_tracked = norm.num_batches_tracked
        return synced.train(norm.training)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise ``x`` (N, C, H, W), N the same on every device."""
        if not self.training or not several_devices():
            return super().forward(x)
        values = x.float()
        mean = _mean_over_devices(values.mean((0, 2, 3)))
        centred = values - mean.view(1, -1, 1, 1)
        variance = _mean_over_devices(centred.square().mean((0, 2, 3)))
        self._track(mean, variance, values.numel() // len(mean))
        normalised = centred * torch.rsqrt(variance + self.eps).view(1, -1, 1, 1)
        return (normalised * self.weight.view(1, -1, 1, 1) + self.bias.view(1, -1, 1, 1)).to(
            x.dtype
        )

    @torch.no_grad()
    def _track(self, mean: Tensor, variance: Tensor, count: int) -> None:
        assert self.running_mean is not None and self.running_var is not None
        assert self.num_batches_tracked is not None
        total = count * distributed.get_world_size()
        self.num_batches_tracked += 1
        # Without a momentum the plain mean over all batches, as in PyTorch's own.
        share = 1 / self.num_batches_tracked if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean, share)
        self.running_var.lerp_(variance * total / (total - 1), share)


def _mean_over_devices(values: Tensor) -> Tensor:
    return _MeanOverDevices.apply(values)


class _MeanOverDevices(torch.autograd.Function):
    """The mean of a tensor over all devices, forward and backward."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        mean = values / distributed.get_world_size()
        distributed.all_reduce(mean)
        return mean

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return _MeanOverDevices.forward(ctx, gradient)
