"""What of the machine decides how numbers are rounded, so that a resumed run can say it changed."""

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
