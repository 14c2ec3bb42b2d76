"""A page that generates in any browser: one file, without a server and without the internet."""

import base64
import gzip
import json
from collections.abc import Mapping
from pathlib import Path

from facade_gan.atomic_files import write_text
from facade_gan.errors import UserError
from facade_gan.exporting.onnx_file import Comparison, checked_onnx
from facade_gan.exporting.web_runtime import WebRuntime
from facade_gan.image_size import sides
from facade_gan.networks.base import Generator

TEMPLATE = Path(__file__).with_name("page.html")


LEAST = 16  # numbers of a noise, below which PyTorch samples in another way


def must_have_seeds(generator: Generator, out: Path) -> None:
    """Say before the work whether the page can sample a generator's noise as PyTorch does.

    Raises:
        UserError: where its noise is too short.
    """
    if generator.latent_dim < LEAST:
        raise UserError(
            f"out={out}: a page samples noise of {LEAST} numbers or more as generate does, and "
            f"this generator takes {generator.latent_dim}; name an .onnx"
        )


def write_page(
    generator: Generator, out: Path, runtime: WebRuntime, texts: Mapping[str, str]
) -> Comparison:
    """Write an ``.html`` with the generator, as ONNX, and what runs it, packed inside.

    Its seeds are those of ``facade-gan generate``: the page samples the noise that PyTorch does.

    Args:
        generator: in eval mode, on the CPU; see ``must_have_seeds``.
        out: the file.
        runtime: what runs it in the browser.
        texts: shown on the page: where the generator comes from.

    Raises:
        UserError: as ``write_onnx`` does.
        OSError: where it can't be written.
    """
    model, comparison = checked_onnx(generator, out, texts)
    settings = {
        "latent_dim": generator.latent_dim,
        "image_size": sides(generator.image_size),
        "about": "\n".join(f"{name}: {text}" for name, text in texts.items()),
    }
    page = TEMPLATE.read_text(encoding="utf-8")
    for name, content in {
        "settings": json.dumps(settings).replace("<", "\\u003c"),  # ends no element of the page
        "program": packed(runtime.program),
        "runtime": packed(runtime.binary),
        "model": packed(model),
    }.items():
        page = page.replace("{{" + name + "}}", content)
    write_text(out, page)
    return comparison


def packed(content: bytes) -> str:
    """Shrink by gzip, and write as base64."""
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode("ascii")
