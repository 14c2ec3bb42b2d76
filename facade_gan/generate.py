"""Generate new facades.

``python -m facade_gan.generate checkpoint=RUN count=64 seed=0 out=X``

``out`` decides the form: ``x.png`` one grid, ``x.npz`` the uint8 array ``images`` (N, H, W, 3) and
the noise ``latents`` that the generator made them of, a folder one PNG an image. Lightning and the
training photos are not needed, nor loaded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig, OmegaConf

from facade_gan.checkpoints.locate import locate
from facade_gan.commandline.command import command
from facade_gan.commandline.console import say_loading
from facade_gan.commandline.validation import check
from facade_gan.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

    from facade_gan.networks.base import Generator

FACADES = 64  # where neither count nor latents says how many


def chosen(config: DictConfig, generator: Generator) -> tuple[int, Iterator[Tensor]]:
    """Find the noise, (latent_dim, 1, 1), that the settings ask for, ``generator`` being shrunk.

    Returns:
        how many facades to generate, and at least so many noises.

    Raises:
        UserError: where a file or a direction is not to be had.
    """
    from facade_gan.checkpoints.read import load_networks
    from facade_gan.latents.directions import load_directions, moved, read_vectors, sefa
    from facade_gan.latents.variety import best_of
    from facade_gan.sampling import noises

    count, z = config.count or FACADES, noises(generator.latent_dim, config.seed)
    if config.latents is not None:
        file = Path(config.latents).expanduser()
        given = read_vectors(file, "latents", generator.latent_dim)
        count = config.count or max(1, len(given) // config.best_of)
        if len(given) < count * config.best_of:
            raise UserError(f"latents={config.latents}: {len(given)} are too few: lower count")
        z = iter(given[:, :, None, None])
    steps = {int(number): step for number, step in config.direction.items() if step != 0}
    if steps:
        if config.directions is None:
            found = sefa(generator)
        else:
            file = Path(config.directions).expanduser()
            found = load_directions(file, generator.latent_dim)
        z = (moved(each, found, steps) for each in z)
    if config.best_of > 1:
        discriminator = load_networks(config.checkpoint, config.network_modules)[1]
        on = next(generator.parameters()).device
        z = best_of(z, config.best_of, generator, discriminator.to(on))
    return count, z


@command("generate")
def main(config: DictConfig) -> None:
    """Generate as ``conf/generate.yaml`` says."""
    check(config)
    locate(config.checkpoint)  # before PyTorch loads, to say where there is none
    say_loading(f"checkpoint={config.checkpoint}")
    from facade_gan.checkpoints.read import load_generator
    from facade_gan.compute import device
    from facade_gan.latents.variety import shrunk
    from facade_gan.sampling import images_of, save_images

    on = device.pick(config.device)
    generator = load_generator(config.checkpoint, config.network_modules).to(on)
    generator = shrunk(generator, config.variety)
    out = Path(config.out).expanduser()
    latents: list[Tensor] = []

    def kept(z: Iterator[Tensor]) -> Iterator[Tensor]:
        for each in z:
            latents.append(config.variety * each)  # what it is shrunk to: it gives the image alone
            yield each

    count, z = chosen(config, generator)
    images = images_of(generator, kept(z), count, config.batch_size, "Generating facades")
    plain: Any = OmegaConf.to_container(config)
    settings = {**plain, "checkpoint": Path(config.checkpoint).name, "count": count}
    texts = {key: str(settings[key]) for key in ("checkpoint", "seed")}
    save_images(images, count, out, latents, {**texts, "settings": json.dumps(settings)})
    print(f"{count} facades generated: {out}")


if __name__ == "__main__":
    main()
