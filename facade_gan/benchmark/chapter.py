"""The chapter's training loop, written out plainly: what the project's speed is compared with.

Float32, PyTorch's default layout, a pass for real photos and one for fakes, gradients of D's
parameters in the generator's step too, losses read with ``.item()`` every step.
"""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from facade_gan.data.batches import normalise
from facade_gan.gan import GAN


class PlainLoop:
    """The chapter's loop over ``photos``, with the networks, loss and optimizers of a recipe.

    Args:
        recipe: holds them; composed under ``compute=plain``, whose optimizers are PyTorch's own.
        photos: uint8 (N, 3, H, W).
        batch_size: photos of a step.
        device: where to train.
    """

    def __init__(self, recipe: GAN, photos: Tensor, batch_size: int, device: torch.device) -> None:
        self.device, self.batch_size = device, batch_size
        images = normalise(photos)
        self.loader = DataLoader(
            TensorDataset(images), batch_size=batch_size, shuffle=True, drop_last=True
        )
        self.net_g, self.net_d = recipe.generator.to(device), recipe.discriminator.to(device)
        self.loss, self.augment = recipe.loss, recipe.augment
        self.optimizer_d, self.optimizer_g = recipe.configure_optimizers()
        self.batches = self.endless()

    def endless(self) -> Iterator[Tensor]:
        """Yield the batches of one epoch after another."""
        while True:
            for (batch,) in self.loader:
                yield batch

    def judge(self, images: Tensor) -> tuple[Tensor, ...]:
        """Give the logits (N,) of images (N, 3, H, W), in a tuple as losses take them."""
        return (self.net_d(self.augment(images)).view(-1),)

    def step(self) -> tuple[float, float]:
        """Update D, then G, on the next batch; return both losses."""
        self.optimizer_d.zero_grad()
        real = next(self.batches).to(self.device)
        noise = torch.randn(self.batch_size, self.net_g.latent_dim, 1, 1, device=self.device)
        fake = self.net_g(noise)
        (real_logits,), (fake_logits,) = self.judge(real), self.judge(fake.detach())
        loss_d = self.loss.discriminator(real_logits, fake_logits)
        loss_d = self.loss.penalised(loss_d, self.judge, real, fake.detach())
        loss_d.backward()
        self.optimizer_d.step()

        self.optimizer_g.zero_grad()
        (fooled_logits,) = self.judge(fake)
        references = [self.judge(photos)[0] for photos in self.loss.references(real)]
        loss_g = self.loss.generator(fooled_logits, *references)
        loss_g.backward()
        self.optimizer_g.step()
        return loss_d.item(), loss_g.item()
