"""From noise to images, and from images to a grid or a file: what every picture is made by."""

import io
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from torch import Tensor
from tqdm import tqdm

from facade_gan.atomic_files import write_bytes
from facade_gan.networks.base import Generator


def noises(latent_dim: int, seed: int) -> Iterator[Tensor]:
    """Sample z ~ N(0, 1), (latent_dim, 1, 1), endlessly; the i-th depends on seed and i alone."""
    own = torch.Generator().manual_seed(seed)
    while True:
        yield torch.randn(latent_dim, 1, 1, generator=own)


def generate_images(
    generator: Generator,
    count: int,
    seed: int,
    batch_size: int = 50,
    progress: str = "Generating facades",
) -> Iterator[Tensor]:
    """Yield ``count`` images in batches, uint8 (N, 3, H, W) on the CPU, N at most ``batch_size``.

    Another batch size gives the same images, to rounding: at most one step of 255 apart. No global
    random generator is touched.

    Args:
        generator: maps (N, latent_dim, 1, 1) to images in [-1, 1]; in eval mode, on the device to
            generate on.
        count: how many images.
        seed: of the noise.
        batch_size: images generated at a time.
        progress: name of the progress bar.
    """
    yield from images_of(generator, noises(generator.latent_dim, seed), count, batch_size, progress)


def images_of(
    generator: Generator, z: Iterator[Tensor], count: int, batch_size: int, progress: str
) -> Iterator[Tensor]:
    """Generate as above from the first ``count`` noises of ``z``, (latent_dim, 1, 1) each."""
    device = next(generator.parameters()).device
    with tqdm(total=count, desc=progress, unit="image", delay=2, leave=False, disable=None) as bar:
        for first in range(0, count, batch_size):
            noise = torch.stack([next(z) for _ in range(min(batch_size, count - first))])
            with torch.inference_mode():
                images = to_uint8(generator(noise.to(device))).cpu()
            yield images
            bar.update(len(images))


def to_uint8(images: Tensor) -> Tensor:
    """Map [-1, 1] to uint8 in [0, 255], rounded; any shape."""
    return ((images.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


def grid(images: Tensor, columns: int | None = None) -> Tensor:
    """Lay uint8 images (N, 3, H, W) out as one picture (3, H', W'), 2 white pixels around each.

    ``columns`` images a row; by default as many as make as many rows as columns.
    """
    # Here, as its import takes as long as the rest of a command that needs no grid.
    from torchvision.utils import make_grid

    columns = columns or math.ceil(len(images) ** 0.5)
    return make_grid(images, nrow=columns, padding=2, pad_value=255)


def save_png(image: Tensor, path: Path, texts: Mapping[str, str] | None = None) -> None:
    """Write uint8 (3, H, W) as a PNG with ``texts`` inside; the file is whole or not there."""
    write_bytes(path, encode_png(image, texts))


def encode_png(image: Tensor, texts: Mapping[str, str] | None = None) -> bytes:
    """Make uint8 (3, H, W) the content of a PNG with ``texts`` inside."""
    inside = PngInfo()
    for key, text in (texts or {}).items():
        inside.add_text(key, text)
    content = io.BytesIO()
    Image.fromarray(image.permute(1, 2, 0).numpy()).save(content, format="PNG", pnginfo=inside)
    return content.getvalue()
