"""A trained generator for use from Python: ``facade_gan.load("drawn").sample(8, seed=0)``."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from facade_gan.checkpoints.read import load_generator
from facade_gan.compute import device as devices
from facade_gan.networks.base import Generator
from facade_gan.sampling import generate_images, noises, to_uint8


class TrainedGenerator:
    """Maps noise to facades.

    Args:
        network: the averaged generator, in eval mode; it is moved to ``device``.
        device: what it computes on.
    """

    def __init__(self, network: Generator, device: torch.device) -> None:
        self.network = network.to(device).requires_grad_(False)
        self.device = device
        self.latent_dim = network.latent_dim

    def sample(self, count: int, seed: int) -> np.ndarray:
        """Generate ``count`` facades, uint8 (count, H, W, 3); the i-th depends on seed and i alone.

        They are those of ``facade-gan generate`` with this seed.
        """
        images = torch.cat(list(generate_images(self.network, count, seed)))
        return images.permute(0, 2, 3, 1).contiguous().numpy()

    def noise(self, count: int, seed: int) -> Tensor:
        """Sample the noise behind ``sample(count, seed)``: (count, latent_dim, 1, 1)."""
        z = noises(self.latent_dim, seed)
        return torch.stack([next(z) for _ in range(count)])

    def __call__(self, z: Tensor) -> Tensor:
        """Map noise (N, latent_dim, 1, 1) or (N, latent_dim) to images (N, 3, H, W) in [-1, 1].

        Gradients reach ``z`` where it asks for them.
        """
        return self.network(z.reshape(-1, self.latent_dim, 1, 1).to(self.device))

    def images(self, z: Tensor) -> np.ndarray:
        """Map noise to facades as pictures, uint8 (N, H, W, 3)."""
        with torch.inference_mode():
            return to_uint8(self(z)).permute(0, 2, 3, 1).cpu().contiguous().numpy()


def load(source: str | Path, device: str, network_modules: Sequence[str]) -> TrainedGenerator:
    """Load the averaged generator that ``source`` names, see ``facade_gan.load``."""
    return TrainedGenerator(load_generator(source, network_modules), devices.pick(device))
