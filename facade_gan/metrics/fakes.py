"""Images drawn from a generator for measuring: from a seed of their own, as bytes."""

from typing import cast

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from facade_gan.images import to_uint8


@torch.no_grad()
def draw_fakes(generator: nn.Module, count: int, seed: int, progress: str | None = None) -> Tensor:
    """Draw uint8 (count, 3, S, S), on the CPU, from ``generator`` in eval mode.

    ``generator`` maps (N, latent_dim, 1, 1) to images in [-1, 1] and knows its ``latent_dim``.
    ``seed`` alone decides the noise, whatever the device; no global generator is touched, and the
    generator is handed back in the mode it came in. ``progress`` names a progress bar.
    """
    weight = next(generator.parameters())
    own = torch.Generator().manual_seed(seed)
    noise = torch.randn(count, cast(int, generator.latent_dim), 1, 1, generator=own)
    training = generator.training
    generator.eval()
    fakes = [
        to_uint8(generator(z.to(weight))).cpu()
        for z in tqdm(noise.split(50), progress, leave=False, disable=progress is None)
    ]
    generator.train(training)
    return torch.cat(fakes)
