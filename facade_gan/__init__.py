"""Generate building facades with GANs trained on few photos."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from facade_gan.trained_generator import TrainedGenerator

# While they wait, the threads of GNU's OpenMP spin on their cores, 300,000 turns by default. Beside
# another busy program that takes the cores from the very thread they wait for; a short spin is paid
# for on a quiet machine, where docs/speed.md has what was measured. It is read when torch loads.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "30000")


def load(
    source: str | Path, device: str = "auto", network_modules: Sequence[str] = ()
) -> TrainedGenerator:
    """Load a trained generator.

    Args:
        source: "drawn" for the weights that come with the project, a run's folder, a checkpoint, or
            a ``.safetensors`` file of ``facade-gan export``.
        device: auto, cpu or cuda; auto is the GPU where there is one.
        network_modules: modules of your own that the generator's class may come from.

    Raises:
        UserError: where there is no such generator, or no such device.
    """
    # Here, as torch takes seconds to import.
    from facade_gan import trained_generator

    return trained_generator.load(source, device, network_modules)
