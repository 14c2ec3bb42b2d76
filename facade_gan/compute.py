"""How the one step is run: eagerly, as a CUDA graph or compiled. What it computes is in gan.py."""

from __future__ import annotations

import ctypes
import logging
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from facade_gan.convolutions import Shorter

if TYPE_CHECKING:
    from facade_gan.gan import GAN

log = logging.getLogger(__name__)
Step = Callable[[Tensor], Tensor]


class Eager:
    """Run the step as Python runs it.

    Args:
        channels_last: keep weights and images with the channels last in memory, which convolutions
            on CPUs and tensor cores are faster with.
        tf32: let float32 products on GPUs round their factors to 10 bits of mantissa.
        benchmark: let cuDNN time its algorithms and keep the fastest; runs may then differ.
    """

    def __init__(self, channels_last: bool, tf32: bool, benchmark: bool) -> None:
        self.channels_last, self.tf32, self.benchmark = channels_last, tf32, benchmark
        # Numbers too small for a normal exponent slow a CPU down many times, and mean nothing here.
        # Here already: threads take the setting over when they start, at the first large operation.
        torch.set_flush_denormal(channels_last)
        keep_freed_memory()

    def prepare(self, module: GAN) -> Step:
        """Lay out the networks of ``module`` and return its step, ready to be called."""
        self.lay_out(module)
        if module.device.type != "cpu" or not self.channels_last:
            return module.step

        def run(photos: Tensor) -> Tensor:
            with Shorter():
                return module.step(photos)

        return run

    def lay_out(self, module: GAN) -> None:
        """Set torch's switches, and the order of the networks' weights in memory."""
        torch.backends.cudnn.benchmark = self.benchmark
        torch.backends.cudnn.allow_tf32 = self.tf32
        torch.backends.cuda.matmul.allow_tf32 = self.tf32
        if self.channels_last:
            module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


class CUDAGraph(Eager):
    """Record the whole step once as a CUDA graph, and replay it: one launch instead of hundreds."""

    def prepare(self, module: GAN) -> Step:
        """Return the step as a graph; on another device than a GPU, eagerly, with a log line."""
        step = super().prepare(module)
        if module.device.type != "cuda":
            log.warning(f"compute=graph needs a CUDA GPU; on {module.device} the step runs eagerly")
            return step
        for optimizer in module.optimizers(use_pl_optimizer=False):  # type: ignore[union-attr]
            for group in optimizer.param_groups:
                group["capturable"] = True
                # A number would be frozen into the graph; a tensor can still change.
                group["lr"] = torch.as_tensor(group["lr"], device=module.device)
        graphed = GraphedStep(step)

        def run(photos: Tensor) -> Tensor:
            module.ema.settled = False  # a replay runs the kernels of the step, not its Python
            return graphed(photos)

        return run


class GraphedStep:
    """A step recorded once for each batch shape it meets.

    The first steps of a shape run eagerly, as the allocator and cuDNN need to settle before the
    recording; they are training steps like any other.
    """

    WARM_UP = 3

    def __init__(self, step: Step) -> None:
        self.step: Step = step
        self.calls: dict[torch.Size, int] = {}
        self.graphs: dict[torch.Size, tuple[torch.cuda.CUDAGraph, Tensor, Tensor]] = {}
        self.stream = torch.cuda.Stream()
        self.failed = False

    def __call__(self, photos: Tensor) -> Tensor:
        """Run the step on ``photos``; the result is overwritten by the next call."""
        shape = photos.shape
        if shape not in self.graphs and not self.failed:
            self.calls[shape] = self.calls.get(shape, 0) + 1
            if self.calls[shape] <= self.WARM_UP:
                return self.eagerly(photos)
            self.record(photos)
        if self.failed:
            return self.step(photos)
        graph, static_photos, result = self.graphs[shape]
        static_photos.copy_(photos)
        graph.replay()
        return result

    def eagerly(self, photos: Tensor) -> Tensor:
        """Run one step on the stream that will record."""
        self.stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.stream):
            result = self.step(photos)
        torch.cuda.current_stream().wait_stream(self.stream)
        return result

    def record(self, photos: Tensor) -> None:
        """Record the step for the shape of ``photos``; recording runs nothing."""
        static_photos = photos.clone()
        graph = torch.cuda.CUDAGraph()
        pool = next(iter(self.graphs.values()))[0].pool() if self.graphs else None
        try:
            # Thread-local: the thread that pins host memory for the next block goes on meanwhile.
            mode = "thread_local"
            with torch.cuda.graph(graph, pool, self.stream, capture_error_mode=mode):
                result = self.step(static_photos)
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[0]
            log.warning(f"compute=graph: this step can't be recorded ({reason}); it runs eagerly")
            self.failed = True
            return
        self.graphs[photos.shape] = graph, static_photos, result


class Compiled(Eager):
    """Compile both networks with torch.compile; the first steps wait for the compiler."""

    def prepare(self, module: GAN) -> Step:
        """Return the step over compiled networks."""
        self.lay_out(module)
        module.generator.compile()
        module.discriminator.compile()
        return module.step


def keep_freed_memory(keep: bool = True) -> None:
    """Let glibc keep what a step frees for the next one, or not: then as it does by itself.

    By itself it hands large blocks back to the system, and each page costs a fault when it is used
    again: some per cent of a step. On systems without glibc nothing happens.
    """
    trim_threshold, mmap_threshold = -1, -3  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD of malloc.h
    if sys.platform == "linux" and hasattr(c := ctypes.CDLL(None), "mallopt"):
        # Left alone, both thresholds rise to 32 and 64 MiB where large blocks come and go.
        c.mallopt(mmap_threshold, 2**30 if keep else 2**25)
        c.mallopt(trim_threshold, 2**31 - 1 if keep else 2**26)


def has_bf16(accelerator: str) -> bool:
    """Say whether the device that ``accelerator`` picks computes in bf16 faster than in float32.

    A CPU without the instructions for it runs bf16 many times slower, so the dtype's existence
    says nothing.
    """
    if accelerator in ("gpu", "cuda") or (accelerator == "auto" and torch.cuda.is_available()):
        return torch.cuda.is_available() and torch.cuda.get_device_capability()[0] >= 8
    if accelerator in ("cpu", "auto"):
        return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return False
