"""The noise whose image is closest to a given one.

Sources: Zhu et al., "Generative Visual Manipulation on the Natural Image Manifold", ECCV 2016 (a
first find, then gradient steps by features and pixels); Karras et al., "Analyzing and Improving the
Image Quality of StyleGAN", CVPR 2020, appendix D (the test on a generator's own images); Larsen et
al., "Autoencoding beyond pixels using a learned similarity metric", ICML 2016 (D's features).
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any

import torch
from torch import Tensor, nn

from facade_gan.latents.stages import coarse_maps
from facade_gan.networks.base import Discriminator, Generator
from facade_gan.progress import Progress
from facade_gan.sampling import noises, to_uint8

COMPARED = 64  # random facades that say how far apart two are


@dataclass(frozen=True)
class Found:
    """What was found for N images, all on the CPU."""

    z: Tensor
    """Noise (N, latent_dim, 1, 1)."""
    first: Tensor
    """The nearest of the candidates, uint8 (N, 3, H, W)."""
    images: Tensor
    """What the generator makes of ``z``, uint8 (N, 3, H, W)."""
    errors: Tensor
    """Mean absolute difference of ``images`` from what was looked for, (N,) grey levels of 255."""


@dataclass(frozen=True)
class Search:
    """How noise is looked for.

    Args:
        candidates: noises sampled, of which the nearest are begun with.
        starts: how many of the nearest are followed; the best end is kept.
        steps: gradient steps of each.
        rate: Adam's learning rate at first; it falls to 0 as half a cosine.
        seed: of the candidates.
        batch_size: images that are computed at a time.
    """

    candidates: int
    starts: int
    steps: int
    rate: float
    seed: int
    batch_size: int


class Projector:
    """Looks for the noise behind images.

    Two images differ by the mean absolute difference of their pixels and of each of D's maps, all
    counted in units of the difference between two random facades.

    Args:
        generator: in eval mode, its weights without gradients.
        discriminator: the same, with stages by name; None compares pixels alone.
        search: how.
    """

    def __init__(
        self, generator: Generator, discriminator: Discriminator | None, search: Search
    ) -> None:
        self.generator, self.search = generator, search
        named: dict[str, nn.Module] = getattr(discriminator, "stages_by_name", dict)()
        # The logit is no map, nor is what compares images behind it.
        self.stages = [named[name] for name in takewhile("logit".__ne__, named)]
        self.device = next(generator.parameters()).device
        self.scales = [1.0] * (1 + len(self.stages))
        with torch.inference_mode():
            facades = generator(self.sampled(COMPARED, search.seed).to(self.device))
            maps = self.maps(facades)
            self.scales = [float((part - part.roll(1, 0)).abs().mean()) for part in maps]
        levels = to_uint8(facades).flatten(1).float().cpu()  # no pdist on an Apple GPU
        self.between_two = torch.pdist(levels, p=1).median() / levels.shape[1]
        """The median error between two random facades, grey levels of 255."""

    def sampled(self, count: int, seed: int) -> Tensor:
        """Sample noise (count, latent_dim, 1, 1)."""
        return torch.stack(list(islice(noises(self.generator.latent_dim, seed), count)))

    def maps(self, images: Tensor) -> list[Tensor]:
        """Give what images (N, 3, H, W) in [-1, 1] are compared by: each part (N, ...)."""
        parts = [images]
        for stage in self.stages:
            parts.append(stage(parts[-1]))
        return parts

    def features(self, images: Tensor) -> Tensor:
        """Lay the maps of N images out so that |a - b| summed up is their difference, (N, F)."""
        parts = zip(self.maps(images), self.scales, strict=True)
        return torch.cat([part.flatten(1) / (scale * part[0].numel()) for part, scale in parts], 1)

    def nearest(self, targets: Tensor) -> Tensor:
        """Find the nearest candidates of each target.

        Args:
            targets: (N, 3, H, W) in [-1, 1].

        Returns:
            Noise (N, starts, latent_dim, 1, 1), the nearest first.
        """
        search, distances = self.search, []
        z = self.sampled(search.candidates, search.seed)
        # The candidates anew for each batch of targets, whose features would fill the memory.
        batches = targets.split(search.batch_size)
        images = len(z) * len(batches)
        bar = Progress(total=images, desc="Looking through facades", unit="image", leave=False)
        with bar, torch.inference_mode():
            for batch in batches:
                wanted, apart = self.features(batch.to(self.device)), []
                for part in z.split(search.batch_size):
                    found = self.features(self.generator(part.to(self.device)))
                    apart.append(torch.cdist(wanted, found, p=1).cpu())
                    bar.update(len(part))
                distances.append(torch.cat(apart, 1))
        return z[torch.cat(distances).topk(search.starts, largest=False).indices]

    def descend(self, z: Tensor, targets: Tensor, bar: Progress, maps: list[Tensor]) -> Tensor:
        """Follow the gradient from noise ``z`` (N, ...) to ``targets`` (N, ...).

        Noise stays as long as the prior makes it: within three standard deviations.

        Args:
            z: where to begin.
            targets: (N, 3, H, W) in [-1, 1].
            bar: is told of each step.
            maps: what else is free, see ``free_maps``.
        """
        z = z.to(self.device).clone().requires_grad_()
        optimizer = torch.optim.Adam([z, *maps], self.search.rate, betas=(0.9, 0.99))
        falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, self.search.steps)
        usual, spread = math.sqrt(self.generator.latent_dim), 3 / math.sqrt(2)
        with torch.no_grad():
            wanted = self.features(targets)
        for _ in range(self.search.steps):
            optimizer.zero_grad()
            (self.features(self.generator(z)) - wanted).abs().sum().backward()
            optimizer.step()
            falling.step()
            with torch.no_grad():
                length = z.norm(dim=1, keepdim=True)
                z.mul_(length.clamp(max(0, usual - spread), usual + spread) / length)
            bar.update(len(z))
        return z.detach()

    def find(self, images: Tensor) -> Found:
        """Find the noise of each of the uint8 images (N, 3, H, W), several starts each."""
        starts, shape = self.search.starts, (len(images), self.search.starts)
        targets = (images.float() / 127.5 - 1).to(self.device)
        z = self.nearest(targets)
        first = self.generated(z[:, 0])
        parts = zip(
            z.flatten(0, 1).split(self.search.batch_size),
            targets.repeat_interleave(starts, 0).split(self.search.batch_size),
            strict=True,
        )
        with self.bar(len(images) * starts, "Following the gradient") as bar:
            ends = torch.cat([self.descend(a, b, bar, []).cpu() for a, b in parts])
        ended = self.generated(ends)
        errors = difference(ended, images.repeat_interleave(starts, 0)).view(shape)
        best = ends[torch.arange(len(images)) * starts + errors.argmin(1)]
        # Once more, as a batch of another size may round a pixel the other way: the images are
        # those that anyone gets who generates from the noise.
        found = self.generated(best)
        return Found(best, first, found, difference(found, images))

    def with_free_maps(self, z: Tensor, images: Tensor) -> Tensor:
        """Go on from noise ``z`` with the maps between the stages free too: uint8 (N, 3, H, W).

        Such images need not be ones that any noise gives.
        """
        targets = (images.float() / 127.5 - 1).to(self.device)
        size, ended = self.search.batch_size, []
        with self.bar(len(images), "Freeing the maps") as bar:
            for part, wanted in zip(z.split(size), targets.split(size), strict=True):
                with free_maps(self.generator, part.to(self.device)) as maps:
                    ended.append(self.generated(self.descend(part, wanted, bar, maps)))
        return torch.cat(ended)

    def generated(self, z: Tensor) -> Tensor:
        """Generate from noise (N, latent_dim, 1, 1): uint8 (N, 3, H, W) on the CPU."""
        parts = z.to(self.device).split(self.search.batch_size)
        with torch.inference_mode():
            return torch.cat([to_uint8(self.generator(part)).cpu() for part in parts])

    def bar(self, count: int, name: str) -> Progress:
        """Make a bar of the steps of ``count`` descents."""
        total = count * self.search.steps
        return Progress(total=total, desc=name, unit="step", leave=False)


def difference(a: Tensor, b: Tensor) -> Tensor:
    """Give the mean absolute difference of uint8 images (N, 3, H, W), in grey levels: (N,)."""
    return (a.float() - b.float()).abs().flatten(1).mean(1)


@contextmanager
def free_maps(generator: Generator, z: Tensor) -> Iterator[list[Tensor]]:
    """Let each map but the finest be moved, each pixel and channel for itself.

    Args:
        generator: with stages by name.
        z: noise (N, latent_dim, 1, 1) of the images that the maps will belong to.

    Yields:
        What is added to each map, in units of the standard deviation of the image's own map: zeros.
    """
    stages = list(coarse_maps(generator).values())
    made: list[Tensor] = []
    hooks = [s.register_forward_hook(lambda _, __, out: made.append(out)) for s in stages]
    with torch.no_grad():
        generator(z)
    for hook in hooks:
        hook.remove()
    moves = [torch.zeros_like(each).requires_grad_() for each in made]

    def moved(move: Tensor, size: Tensor) -> Any:
        return lambda _, __, out: out + move * size

    hooks = [
        stage.register_forward_hook(moved(move, each.std((1, 2, 3), keepdim=True)))
        for stage, move, each in zip(stages, moves, made, strict=True)
    ]
    try:
        yield moves
    finally:
        for hook in hooks:
            hook.remove()
