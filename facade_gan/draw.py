"""New images from a generator: what the command draws, and what the metrics measure."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from tqdm import tqdm

from facade_gan.images import to_uint8


def noises(latent_dim: int, seed: int) -> Iterator[Tensor]:
    """Yield z ~ N(0, 1), (latent_dim, 1, 1), endlessly; the i-th depends on seed and i alone."""
    own = torch.Generator().manual_seed(seed)
    while True:
        yield torch.randn(latent_dim, 1, 1, generator=own)


def draw(
    generator: nn.Module,
    count: int,
    seed: int,
    batch_size: int = 50,
    progress: str = "Drawing facades",
) -> Iterator[Tensor]:
    """Draw ``count`` images as batches, uint8 (N, 3, S, S) on the CPU, N at most ``batch_size``.

    Another batch size gives the same images, to rounding: at most one step of 255 apart. No global
    random generator is touched.

    Args:
        generator: maps (N, latent_dim, 1, 1) to images in [-1, 1]; in eval mode, on the device to
            draw on.
        count: how many images.
        seed: of the noise.
        batch_size: images drawn at a time.
        progress: name of the progress bar.
    """
    device = next(generator.parameters()).device
    z = noises(generator.latent_dim, seed)  # type: ignore[arg-type]
    with tqdm(total=count, desc=progress, unit="image", delay=2, leave=False) as bar:
        for first in range(0, count, batch_size):
            noise = torch.stack([next(z) for _ in range(min(batch_size, count - first))])
            with torch.inference_mode():
                images = to_uint8(generator(noise.to(device))).cpu()
            yield images
            bar.update(len(images))
