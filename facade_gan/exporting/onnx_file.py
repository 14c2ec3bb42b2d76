"""A generator as an .onnx, compared with PyTorch before it is kept."""

import json
import logging
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from facade_gan.atomic_files import write_bytes
from facade_gan.errors import UserError, to_install
from facade_gan.exporting.folding import Folded
from facade_gan.networks.base import Generator
from facade_gan.progress import Progress
from facade_gan.sampling import noises

TOLERANCE = 1e-4  # of images in [-1, 1]; a step of 255 is 0.008
COMPARED = (1, 16)  # batches, as the number of images is free
REPEATS = 5


@dataclass
class Comparison:
    """What the exported file gave beside PyTorch."""

    largest: float
    """Difference between two numbers of all images, which are in [-1, 1]."""
    onnxruntime: float
    """Milliseconds an image takes in a batch of ``COMPARED[-1]``."""
    pytorch: float
    """The same."""

    def __str__(self) -> str:
        return (
            f"differs from PyTorch by {self.largest:.1e} at most; an image takes "
            f"{self.onnxruntime:.1f} ms in onnxruntime, {self.pytorch:.1f} ms in PyTorch "
            f"(CPU, {torch.get_num_threads()} threads, batches of {COMPARED[-1]})"
        )


def write_onnx(generator: Generator, out: Path, texts: Mapping[str, str]) -> Comparison:
    """Write an ``.onnx`` with the input ``noise`` (N, latent_dim) and the output ``images``.

    Images are (N, 3, H, W) in [-1, 1], N is free.

    Args:
        generator: in eval mode, on the CPU.
        out: the file.
        texts: kept inside as metadata.

    Raises:
        UserError: where the extra ``onnx`` is missing, the network can't be exported, or the file
            doesn't give the same images; then it isn't written.
        OSError: where it can't be written.
    """
    model, comparison = checked_onnx(generator, out, texts)
    write_bytes(out, model)
    return comparison


def checked_onnx(
    generator: Generator, out: Path, texts: Mapping[str, str]
) -> tuple[bytes, Comparison]:
    """Make what ``write_onnx`` writes, or a page holds, and compare it with PyTorch."""
    with Progress(total=3, desc="Exporting", announced=False, leave=False) as bar:
        model = onnx_of(generator, texts)
        bar.update()
        comparison = compared(generator, model, bar.update)
    if not comparison.largest <= TOLERANCE:
        raise UserError(
            f"out={out}: not written, as onnxruntime's images differ from PyTorch's by "
            f"{comparison.largest:.1e}, more than {TOLERANCE:.0e}"
        )
    return model, comparison


def onnx_of(generator: Generator, texts: Mapping[str, str]) -> bytes:
    """Export a generator as the content of an ``.onnx``, see ``write_onnx``."""
    must_have_onnx()
    example = torch.zeros(2, generator.latent_dim)
    try:
        with _quiet():
            program = torch.onnx.export(
                Folded(generator),
                (example,),
                dynamo=True,
                dynamic_shapes=({0: torch.export.Dim("N")},),
                input_names=["noise"],
                output_names=["images"],
                verbose=False,
            )
    except torch.onnx.errors.OnnxExporterError as error:
        reason = str(error).strip().splitlines()[0]
        raise UserError(
            f"{type(generator).__name__} can't be exported to ONNX: {reason}"
        ) from error
    assert program is not None
    model = program.model_proto
    for key, text in {**texts, "image_size": json.dumps(generator.image_size)}.items():
        model.metadata_props.add(key=key, value=text)
    return model.SerializeToString()


def must_have_onnx() -> None:
    """Say what is missing before the work.

    Raises:
        UserError: where the extra ``onnx`` is not installed.
    """
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
        import onnxscript  # noqa: F401
    except ModuleNotFoundError as error:
        raise UserError(f"to export ONNX, {error.name} is needed: {to_install('onnx')}") from error


def compared(generator: Generator, model: bytes, done: Callable[[], Any]) -> Comparison:
    """Run an exported generator in onnxruntime, beside PyTorch; ``done`` hears of each half."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    largest = 0.0
    for count in COMPARED:
        z = torch.stack(list(islice(noises(generator.latent_dim, 0), count)))
        theirs = session.run(None, {"noise": z.flatten(1).numpy()})[0]
        largest = max(largest, float(np.abs(theirs - _images(generator, z)).max()))
    done()
    noise = z.flatten(1).numpy()
    times = [
        _milliseconds(lambda: session.run(None, {"noise": noise})),
        _milliseconds(lambda: _images(generator, z)),
    ]
    done()
    return Comparison(largest, *times)


def _images(generator: Generator, z: Tensor) -> np.ndarray:
    with torch.inference_mode():
        return generator(z).numpy()


def _milliseconds(work: Callable[[], Any]) -> float:
    """Time an image of a batch, in the best of some runs, as others are disturbed."""
    best = float("inf")
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return 1000 * best / COMPARED[-1]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter's remarks about itself off the screen."""
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)
