"""The chapter's training loop, written out plainly: what the project's speed is compared with.

Float32, PyTorch's default layout, a pass for real photos and one for fakes, gradients of D's
parameters in the generator's step too, losses read with ``.item()`` every step.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from facade_gan.networks import DCGANDiscriminator, DCGANGenerator


class PlainLoop:
    """The chapter's loop over ``photos``.

    Args:
        photos: uint8 (N, 3, S, S).
        batch_size: photos of a step.
        device: where to train.
    """

    def __init__(self, photos: Tensor, batch_size: int, device: torch.device) -> None:
        self.device, self.batch_size = device, batch_size
        images = photos.float() / 127.5 - 1
        self.loader = DataLoader(
            TensorDataset(images), batch_size=batch_size, shuffle=True, drop_last=True
        )
        size = photos.shape[-1]
        self.net_g = DCGANGenerator(size, latent_dim=100, channels=64).to(device)
        self.net_d = DCGANDiscriminator(size, channels=64, norm="batch", spectral=None).to(device)
        self.criterion = nn.BCEWithLogitsLoss()
        self.optimizer_d = torch.optim.Adam(self.net_d.parameters(), lr=2e-4, betas=(0.5, 0.999))
        self.optimizer_g = torch.optim.Adam(self.net_g.parameters(), lr=2e-4, betas=(0.5, 0.999))
        self.batches = self.endless()

    def endless(self) -> Iterator[Tensor]:
        """Yield the batches of one epoch after another."""
        while True:
            for (batch,) in self.loader:
                yield batch

    def step(self) -> tuple[float, float]:
        """Update D, then G, on the next batch; return both losses."""
        ones = torch.ones(self.batch_size, device=self.device)
        zeros = torch.zeros(self.batch_size, device=self.device)

        self.net_d.zero_grad()
        real = next(self.batches).to(self.device)
        loss_real = self.criterion(self.net_d(real).view(-1), ones)
        loss_real.backward()
        noise = torch.randn(self.batch_size, 100, 1, 1, device=self.device)
        fake = self.net_g(noise)
        loss_fake = self.criterion(self.net_d(fake.detach()).view(-1), zeros)
        loss_fake.backward()
        self.optimizer_d.step()

        self.net_g.zero_grad()
        loss_g = self.criterion(self.net_d(fake).view(-1), ones)
        loss_g.backward()
        self.optimizer_g.step()
        return (loss_real + loss_fake).item(), loss_g.item()
