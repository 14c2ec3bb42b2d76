"""The machine: its name for figures, and what of it decides how numbers are rounded."""

import platform
from pathlib import Path
from typing import Any

import torch


def describe() -> dict[str, Any]:
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
