"""From the page's settings to facades, and D's verdict on each."""

import functools
import heapq
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from torch import Tensor

from facade_gan.errors import UserError
from facade_gan.explore_page.mixing import mixable_stages, mixing, mixing_with
from facade_gan.explore_page.settings import NO_MIXING, SEEDS, SLIDERS, Limits, Settings, Wall
from facade_gan.image_size import base_map, in_words
from facade_gan.latents.directions import METHODS, moved
from facade_gan.latents.walks import slerp
from facade_gan.networks.base import Discriminator, Generator
from facade_gan.sampling import noises, to_uint8

STRIP = 5  # images of a strip
REACH = 0.6  # how far a direction's slider goes, of the usual length of noise


class Facade(NamedTuple):
    """One generated image."""

    image: Tensor
    """uint8 (3, H, W)."""
    logit: float
    """D's verdict: positive where D takes the image for a photo, unless ``relative``."""
    relative: bool = False
    """Whether D knows logits by their differences alone, so that no number is that of a photo."""


class Facades:
    """Generates what the page shows.

    Args:
        generator: in eval mode, on the device to compute on.
        discriminator: likewise.
        given: directions from a file, (N, latent_dim), or None.
        batch_size: images generated at a time.
        relative: whether the discriminator was trained on differences of logits alone.
    """

    def __init__(
        self,
        generator: Generator,
        discriminator: Discriminator,
        given: Tensor | None,
        batch_size: int,
        relative: bool = False,
    ) -> None:
        self.generator, self.relative = generator, relative
        # Its spectral norms read weights in this order; in another they copy them for each image.
        judge: Any = discriminator
        self.discriminator: Discriminator = judge.to(memory_format=torch.channels_last)
        self.batch_size = batch_size
        self.device = next(generator.parameters()).device
        self.directions: dict[str, Tensor] = {} if given is None else {"file": given}
        self.why_no_directions = ""
        for name, method in METHODS.items():
            try:
                self.directions[name] = method(generator)
            except UserError as error:
                self.why_no_directions = str(error)
        self.limits = Limits(
            tuple(mixable_stages(generator)),
            {name: len(found) for name, found in self.directions.items()},
            round(REACH * generator.latent_dim**0.5, 1),
        )
        self._mixing = functools.cache(functools.partial(mixing, generator))
        self._strip = functools.lru_cache(SLIDERS)(self._new_strip)

    def noise(self, seed: int) -> Tensor:
        """Sample the noise of a seed, (latent_dim, 1, 1): the first that ``noises`` gives."""
        return next(noises(self.generator.latent_dim, seed))

    def map_sizes(self) -> dict[str, str]:
        """Name the size in pixels, "4" or "6 x 4", of the maps that mixing can begin at."""
        height, width = base_map(self.generator.image_size)
        return {name: in_words([height << i, width << i])
                for i, name in enumerate(self.limits.stages)}  # fmt: skip

    def picture(self, settings: Settings) -> Facade:
        """Generate the facade of ``settings``."""
        return self._judged([settings])[0]

    def ends(self, settings: Settings) -> Tensor:
        """Generate the two facades that ``settings`` lies between, uint8 (2, 3, H, W)."""
        seeds, variety = (settings.a, settings.b), settings.variety
        return self._as_uint8([Settings(seed, variety=variety) for seed in seeds])

    def strip(self, settings: Settings, direction: int) -> Tensor:
        """Generate facades along a direction, counted from 1, uint8 (STRIP, 3, H, W).

        The last ones are kept, as Gradio takes a slider for released, too, whose box loses focus.
        """
        return self._strip(with_step(settings, direction, 0.0), direction)

    def wall(self, wall: Wall, variety: float, count: int) -> list[tuple[int, Facade]]:
        """Generate ``count`` facades of the wall, each with its seed, in the order it asks for.

        They are fewer where the seeds end.
        """
        several = 2 * count if wall.order == "half" else count
        seeds = range(wall.first, min(wall.first + several, SEEDS + 1))
        facades = self._judged([Settings(seed, variety=variety) for seed in seeds])
        found = list(zip(seeds, facades, strict=True))
        if wall.order == "seed":
            return found
        wanted = -(-len(found) // 2) if wall.order == "half" else count
        return heapq.nlargest(wanted, found, key=lambda each: each[1].logit)

    def way(self, settings: Settings) -> tuple[Generator, Tensor]:
        """Return what a film from the first facade to the second and back is made by.

        A generator, mixing as ``settings`` say, and the noise of both, (2, latent_dim, 1, 1).
        """
        ends = torch.stack([self._between(replace(settings, share=share)) for share in (0.0, 1.0)])
        if settings.mix == NO_MIXING:
            return self.generator, ends
        partner = settings.variety * self.noise(settings.b)
        return mixing_with(self.generator, settings.mix, partner), ends

    def _new_strip(self, settings: Settings, direction: int) -> Tensor:
        along = torch.linspace(-self.limits.reach, self.limits.reach, STRIP).tolist()
        return self._as_uint8([with_step(settings, direction, step) for step in along])

    def _judged(self, several: Sequence[Settings]) -> list[Facade]:
        facades: list[Facade] = []
        for images in self._batches(several):
            with torch.inference_mode():
                logits = self.discriminator(images).flatten().float().tolist()
            shown = zip(to_uint8(images).cpu(), logits, strict=True)
            facades += [Facade(image, logit, self.relative) for image, logit in shown]
        return facades

    def _as_uint8(self, several: Sequence[Settings]) -> Tensor:
        return torch.cat([to_uint8(images).cpu() for images in self._batches(several)])

    def _batches(self, several: Sequence[Settings]) -> Iterator[Tensor]:
        for first in range(0, len(several), self.batch_size):
            with torch.inference_mode():
                images = self._images(several[first : first + self.batch_size])
            yield images

    def _images(self, batch: Sequence[Settings]) -> Tensor:
        """Generate images in [-1, 1], (N, 3, H, W), of settings that mix in the same way."""
        z = torch.stack([self._between(each) for each in batch])
        if batch[0].mix == NO_MIXING:
            return self.generator(z.to(self.device))
        manner = torch.stack([each.variety * self.noise(each.b) for each in batch])
        return self._mixing(batch[0].mix)(torch.cat([z, manner]).to(self.device))[: len(z)]

    def _between(self, settings: Settings) -> Tensor:
        z = self.noise(settings.a)
        if settings.share > 0:
            z = slerp(z, self.noise(settings.b), settings.share)
        steps = {i: step for i, step in enumerate(settings.steps, 1) if step != 0}
        if steps:
            z = moved(z, self.directions[settings.method], steps)
        return settings.variety * z  # as `latents.variety.shrunk` does


def with_step(settings: Settings, direction: int, step: float) -> Settings:
    """Copy settings with another step along a direction, counted from 1."""
    steps = list(settings.steps)
    steps[direction - 1] = step
    return replace(settings, steps=tuple(steps))
