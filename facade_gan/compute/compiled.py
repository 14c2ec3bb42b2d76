"""The step through torch.compile."""

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from facade_gan.compute import fast_convolutions
from facade_gan.compute.execution import Eager, Step, TrainedModule
from facade_gan.errors import UserError

OPTIONS = {
    "fallback_random": True,  # sample as the eager step does
    "combo_kernels": True,  # launch small kernels together that don't need each other's results
}


class Compiled(Eager):
    """Compile what the step calls by torch.compile: G, D behind the augmentation, and the loss.

    The first steps wait for the compiler. A penalty on D's gradient runs eagerly, as torch.compile
    differentiates once (see ``losses.py``).
    """

    def __init__(self, channels_last: bool, tf32: bool, benchmark: bool) -> None:
        super().__init__(channels_last, tf32, benchmark)
        self.in_place: list[tuple[Any, str]] = []  # compiled methods, by owner and name

    def prepare(self, module: TrainedModule) -> Step:
        """Return the step over its compiled parts."""
        from torch._dynamo.exc import TorchDynamoException  # takes a while, and few compile

        self.release()
        self.lay_out(module)
        # A batch has one shape, or two where an epoch's last is smaller.
        compiled = partial(torch.compile, dynamic=False, options=OPTIONS)
        judge = compiled(module.judge)

        def judge_for(*batches: Tensor) -> tuple[Tensor, ...]:
            # A compiled backward pass computes the gradients of all weights that want one, even
            # D's where the step asks for G's.
            for_generator = batches[0].grad_fn is not None
            module.discriminator.requires_grad_(not for_generator)
            logits = judge(*batches)
            module.discriminator.requires_grad_(True)
            return logits

        for layer in module.generator.modules():
            if isinstance(layer, nn.ConvTranspose2d):
                self.replace(layer, "forward", partial(from_one_pixel, layer))
        module.generator.compile(dynamic=False, options=OPTIONS)
        self.replace(module, "judge", judge_for)
        for name in ("discriminator", "generator"):
            self.replace(module.loss, name, compiled(getattr(module.loss, name)))

        def run(photos: Tensor) -> Tensor:
            try:
                return module.step(photos)
            except TorchDynamoException as error:
                cause = getattr(error, "inner_exception", error)
                reason = str(cause).strip().partition("\n")[0]
                advice = "set compute=auto, which needs no compiler"
                raise UserError(f"torch.compile fails here ({reason}); {advice}") from error

        return run

    def replace(self, owner: Any, name: str, method: Any) -> None:
        """Put a compiled method in the place of its owner's, until ``release``."""
        setattr(owner, name, method)
        self.in_place.append((owner, name))

    def release(self) -> None:
        """Take the compiled methods away, which hold the module."""
        super().release()
        for owner, name in self.in_place:
            delattr(owner, name)
        self.in_place.clear()


def from_one_pixel(layer: nn.ConvTranspose2d, x: Tensor) -> Tensor:
    """Run ``layer``, as one product of matrices where ``x`` (N, C, 1, 1) has one pixel.

    For these torch.compile expects the weight's gradient in another layout than cuDNN gives it in,
    and stops at the first step (seen with torch 2.11 on an H100; pytorch#197517).
    """
    if x.shape[2:] != (1, 1):
        return type(layer).forward(layer, x)
    return fast_convolutions.conv_transpose2d(
        x,
        layer.weight,
        layer.bias,
        layer.stride,
        layer.padding,
        layer.output_padding,
        layer.groups,
        layer.dilation,
    )
