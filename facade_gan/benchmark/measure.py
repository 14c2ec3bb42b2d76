"""Timing in turns, and what times are set against: arithmetic, the matmul rate, memory."""

import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

from facade_gan.benchmark.runners import Runner, synchronise


def in_turns(
    runners: Mapping[str, Runner],
    repeats: int,
    seconds: float,
    device: torch.device,
    each: Callable[[], object],
) -> dict[str, dict[str, float]]:
    """Time the runners in turns, so that a change of the machine's pace meets all of them.

    Args:
        runners: what to time, by name.
        repeats: turns.
        seconds: about the length of one timing; at least two steps are timed.
        device: where they run.
        each: called after each timing, to move a bar.

    Returns:
        For each name the median ``seconds`` of a step and ``memory``, the peak in bytes.
    """
    steps = {name: max(2, round(seconds / runner(1))) for name, runner in runners.items()}
    times: dict[str, list[float]] = {name: [] for name in runners}
    memory: dict[str, float] = dict.fromkeys(runners, 0.0)
    for _ in range(repeats):
        for name, runner in runners.items():
            reset_peak(device)
            times[name].append(runner(steps[name]) / steps[name])
            memory[name] = max(memory[name], peak(device))
            each()
    return {
        name: {"seconds": statistics.median(times[name]), "memory": memory[name]}
        for name in runners
    }


def reset_peak(device: torch.device) -> None:
    """Start the peak of memory anew: of the GPU, or of this process on Linux."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    elif Path("/proc/self/clear_refs").exists():
        Path("/proc/self/clear_refs").write_text("5")


def peak(device: torch.device) -> float:
    """Read the peak in bytes: tensors on the GPU, or all of this process; NaN where unknown."""
    if device.type == "cuda":
        return float(torch.cuda.max_memory_allocated(device))
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    peaks = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return float(peaks[0]) * 1024 if peaks else float("nan")


def operations(step: Callable[[], object]) -> int:
    """Count the floating point operations of one step: convolutions and products of matrices."""
    with FlopCounterMode(display=False) as counter:
        step()
    return int(counter.get_total_flops())


def matmul_rate(dtype: torch.dtype, device: torch.device, size: int = 2048) -> float:
    """Measure the best rate of square matrix products, operations a second."""
    a, b = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    count = 50 if device.type == "cuda" else 2
    best = 0.0
    for _ in range(5):
        synchronise(device)
        start = time.perf_counter()
        for _ in range(count):
            a @ b
        synchronise(device)
        best = max(best, count * 2 * size**3 / (time.perf_counter() - start))
    return best
