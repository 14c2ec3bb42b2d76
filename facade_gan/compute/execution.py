"""How the one step is run: eagerly here. What it computes is in gan.py."""

from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor

from facade_gan.compute.fast_convolutions import Shorter
from facade_gan.compute.freed_memory import keep_freed_memory
from facade_gan.compute.optimizer_state import follow_weights
from facade_gan.losses import Loss
from facade_gan.networks.base import Discriminator, Generator

Step = Callable[[Tensor], Tensor]


class TrainedModule(Protocol):
    """What the ways of running a step need of the module whose step it is."""

    generator: Generator
    discriminator: Discriminator
    loss: Loss
    ema: Any  # says by ``moved`` whether its average did

    @property
    def device(self) -> torch.device:
        """Where the networks are."""

    def step(self, photos: Tensor) -> Tensor:
        """Update both networks on uint8 (N, 3, H, W)."""

    def judge(self, *batches: Tensor) -> tuple[Tensor, ...]:
        """Augment and judge batches of images: logits (N,) a batch."""

    def optimizers(self, use_pl_optimizer: bool) -> Any:
        """Return the optimizers of both networks."""

    def to(self, *args: Any, **kwargs: Any) -> Any:
        """Move or lay out the weights, as ``nn.Module.to`` does."""


class Eager:
    """Run the step operation by operation; on a CPU, convolutions take the shorter ways.

    Args:
        channels_last: keep weights and images with the channels last in memory, which convolutions
            on CPUs and tensor cores are faster with; on a CPU also take the ways of
            ``fast_convolutions.py``, and flush numbers too small for a normal exponent to 0. False
            is torch as it comes.
        tf32: let float32 products on GPUs round their factors to 10 bits of mantissa.
        benchmark: let cuDNN time its algorithms and keep the fastest; runs may then differ.
    """

    def __init__(self, channels_last: bool, tf32: bool, benchmark: bool) -> None:
        self.channels_last, self.tf32, self.benchmark = channels_last, tf32, benchmark
        # Numbers too small for a normal exponent slow a CPU down many times, and mean nothing here.
        # Here already: threads take the setting over when they start, at the first large operation.
        torch.set_flush_denormal(channels_last)
        keep_freed_memory()

    def prepare(self, module: TrainedModule) -> Step:
        """Lay out the networks of ``module`` and return its step, ready to be called."""
        self.lay_out(module)
        if module.device.type != "cpu" or not self.channels_last:
            return module.step

        def run(photos: Tensor) -> Tensor:
            with Shorter():
                return module.step(photos)

        return run

    def release(self) -> None:
        """Give back what the prepared step holds on the device; nothing here."""

    def lay_out(self, module: TrainedModule) -> None:
        """Set torch's switches, and the order of weights and their moments in memory."""
        torch.backends.cudnn.benchmark = self.benchmark
        torch.backends.cudnn.allow_tf32 = self.tf32
        torch.backends.cuda.matmul.allow_tf32 = self.tf32
        if self.channels_last and module.device.type != "mps":  # not tried there
            module.to(memory_format=torch.channels_last)
        for optimizer in module.optimizers(use_pl_optimizer=False):
            follow_weights(optimizer)
