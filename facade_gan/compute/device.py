"""The device: which one a command computes on, its name, and what it can do."""

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from facade_gan.errors import UserError


def pick(name: str) -> torch.device:
    """Return the device ``auto``, ``cpu``, ``cuda`` or ``mps``; ``auto`` is a CUDA GPU if there is.

    Apple's ``mps`` has to be named, as nobody has tried this project on it.

    Raises:
        UserError: for another name, and for a GPU that is not there.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name not in ("auto", "cpu", *there):
        raise UserError(f"device={name}: unknown; choose auto, cpu, cuda or mps")
    if not there.get(name, True):
        kind = name.upper()
        raise UserError(f"device={name}: PyTorch finds no {kind} GPU here; set device=cpu or auto")
    if name == "auto":
        name = "cuda" if there["cuda"] else "cpu"
    return torch.device(name)


def accelerator(name: str) -> str:
    """Name to Lightning's Trainer what is asked for: ``auto`` is what ``pick`` takes for it.

    Lightning's own ``auto`` would take Apple's ``mps``.
    """
    return pick("auto").type if name == "auto" else name


def fastest_precision(accelerator: str) -> str:
    """Name the trainer's precision that the device which ``accelerator`` picks is fastest in."""
    if has_bf16(accelerator):
        return "bf16-mixed"
    return "16-mixed" if has_fp16_tensor_cores(accelerator) else "32-true"


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


def has_fp16_tensor_cores(accelerator: str) -> bool:
    """Say whether the device is a GPU with tensor cores for fp16: V100, T4, RTX 20 and later."""
    if accelerator not in ("gpu", "cuda", "auto") or not torch.cuda.is_available():
        return False
    # The GTX 16 is of their generation and has none.
    return (
        torch.cuda.get_device_capability()[0] >= 7 and "GTX 16" not in torch.cuda.get_device_name()
    )


def what_decides_rounding() -> dict[str, Any]:
    """Name the software, the kind of CPU, its threads and the GPU, as plain values.

    The same step repeats bit by bit while these stay the same on a CPU; with another thread count
    alone, sums are split elsewhere and the weights drift apart.
    """
    return {
        "torch": str(torch.__version__),  # a class of its own, which weights_only loading refuses
        "CPU capability": torch.backends.cpu.get_cpu_capability(),
        "CPU threads": torch.get_num_threads(),
        "GPU": torch.cuda.get_device_name() if torch.cuda.is_available() else "none",
    }


def device_name(device: torch.device) -> str:
    """Name the device, and for a CPU its cores and what it has for bf16."""
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)}, torch {torch.__version__}"
    capability = {
        "AMX": torch.cpu._is_amx_tile_supported(),
        "AVX512-BF16": torch.cpu._is_avx512_bf16_supported(),
    }
    has = [name for name, there in capability.items() if there]
    threads = torch.get_num_threads()
    instructions = " and ".join(has) if has else f"{torch.backends.cpu.get_cpu_capability()} only"
    return f"{cpu_model()}, {threads} threads, {instructions}, torch {torch.__version__}"


def cpu_model() -> str:
    """Read the model from /proc/cpuinfo, or ask Python where there is none."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def measuring(device: torch.device) -> torch.device:
    """Choose where images are measured for a model on ``device``: there, or for MPS on the CPU.

    Apple's MPS has neither float64 nor the antialiased resize in front of the features.
    """
    return torch.device("cpu") if device.type == "mps" else device


@contextmanager
def full_float32() -> Iterator[None]:
    """Round nothing to TF32 while this lasts: measurements are compared between devices."""
    convolutions, products = torch.backends.cudnn, torch.backends.cuda.matmul
    before = convolutions.allow_tf32, products.allow_tf32
    convolutions.allow_tf32 = products.allow_tf32 = False
    try:
        yield
    finally:
        convolutions.allow_tf32, products.allow_tf32 = before


def off_device(*tensors: Tensor) -> list[Tensor]:
    """Copy tensors of one dtype to the host in one message, hence with one wait for the device."""
    device = next((t.device for t in tensors if t.device.type != "cpu"), torch.device("cpu"))
    parts = [t.flatten().to(device, non_blocking=True) for t in tensors]
    message = torch.cat(parts).cpu().split([t.numel() for t in tensors])
    return [part.view(t.shape) for part, t in zip(message, tensors, strict=True)]
