"""Generate new facades.

``python -m facade_gan.generate checkpoint=RUN count=64 seed=0 out=X``

``out`` decides the form: ``x.png`` one grid, ``x.npz`` the uint8 array ``images`` (N, H, W, 3) and
its ``latents``, a folder one PNG an image. Lightning and the training photos are not needed, nor
loaded.
"""

import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from omegaconf import DictConfig, OmegaConf
from torch import Tensor

from facade_gan.atomic_files import replaced
from facade_gan.checkpoints.read import load_generator, load_networks
from facade_gan.commandline.command import command
from facade_gan.commandline.rules import is_number
from facade_gan.compute import device
from facade_gan.errors import UserError
from facade_gan.latents.directions import load_directions, moved, read_vectors, sefa
from facade_gan.latents.variety import best_of, shrunk
from facade_gan.networks.base import Generator
from facade_gan.sampling import grid, images_of, noises, save_png


def save(
    batches: Iterator[Tensor],
    count: int,
    out: Path,
    latents: Sequence[Tensor] = (),
    texts: Mapping[str, str] | None = None,
) -> None:
    """Write batches of images, ``count`` in all, in the form that ``out`` names.

    An array gets ``latents`` beside it, filled while the batches are made; a PNG ``texts`` inside.

    Single PNGs and arrays are written batch by batch, so their number is bounded by the disk alone.

    Raises:
        UserError: where ``out`` can't be written, or ends in a suffix of another form.
    """
    suffix = "" if out.is_dir() else out.suffix.lower()
    try:
        if suffix == ".png":
            out.parent.mkdir(parents=True, exist_ok=True)
            save_png(grid(torch.cat(list(batches))), out, texts)
        elif suffix == ".npz":
            out.parent.mkdir(parents=True, exist_ok=True)
            save_array(batches, count, out, latents)
        elif suffix == "":
            out.mkdir(parents=True, exist_ok=True)
            save_singly(batches, out, texts or {})
        else:
            raise UserError(f"out={out}: name a .png (a grid), an .npz (an array) or a folder")
    except OSError as error:
        raise UserError(f"out={out}: can't be written ({error.strerror or error})") from error


def save_singly(batches: Iterator[Tensor], folder: Path, texts: Mapping[str, str]) -> None:
    """Write ``000000.png``, ``000001.png``, ... into ``folder``."""
    number = 0
    for batch in batches:
        for image in batch:
            save_png(image, folder / f"{number:06d}.png", {**texts, "index": str(number)})
            number += 1


def save_array(
    batches: Iterator[Tensor], count: int, path: Path, latents: Sequence[Tensor]
) -> None:
    """Write an ``.npz`` with the uint8 array ``images`` (count, H, W, 3), whole or not at all.

    Where there are ``latents``, the float32 array ``latents`` (count, latent_dim) stands beside it.
    """
    with replaced(path) as partial, zipfile.ZipFile(partial, "w") as archive:
        with archive.open("images.npy", "w", force_zip64=True) as member:
            for number, batch in enumerate(batches):
                images = batch.permute(0, 2, 3, 1).contiguous().numpy()
                if number == 0:
                    header = np.lib.format.header_data_from_array_1_0(images)
                    header["shape"] = (count, *images.shape[1:])
                    np.lib.format.write_array_header_1_0(member, header)
                member.write(images.tobytes())
        if latents:
            with archive.open("latents.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, torch.stack(list(latents)).flatten(1).numpy())


def whole(config: DictConfig, key: str, least: int) -> int:
    """Read a whole number of at least ``least`` from the config.

    Raises:
        UserError: for anything else.
    """
    value = config[key]
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise UserError(f"{key}={value}: must be a whole number, {least} or more")
    return value


def chosen(config: DictConfig, generator: Generator) -> Iterator[Tensor]:
    """Yield the noise, (latent_dim, 1, 1), that the settings ask for, ``generator`` being shrunk.

    Raises:
        UserError: where a file or a direction is not to be had.
    """
    z = noises(generator.latent_dim, config.seed)
    if config.latents is not None:
        given = read_vectors(Path(config.latents), "latents", generator.latent_dim)
        if len(given) < config.count * config.best_of:
            raise UserError(f"latents={config.latents}: {len(given)} are too few: lower count")
        z = iter(given[:, :, None, None])
    steps = {int(number): step for number, step in config.direction.items() if step != 0}
    if steps:
        file, length = config.directions, generator.latent_dim
        found = sefa(generator) if file is None else load_directions(Path(file), length)
        z = (moved(each, found, steps) for each in z)
    if config.best_of > 1:
        discriminator = load_networks(config.checkpoint, config.network_modules)[1]
        on = next(generator.parameters()).device
        z = best_of(z, config.best_of, generator, discriminator.to(on))
    return z


@command("generate")
def main(config: DictConfig) -> None:
    """Generate as ``conf/generate.yaml`` says."""
    count, batch_size = whole(config, "count", 1), whole(config, "batch_size", 1)
    whole(config, "seed", 0), whole(config, "best_of", 1)
    for key, value in {"variety": config.variety, **config.direction}.items():
        if not is_number(value) or (key == "variety" and value <= 0):
            name = key if key == "variety" else f"direction.{key}"
            raise UserError(f"{name}={value}: must be a number{' above 0' * (key == 'variety')}")
    on = device.pick(config.device)
    generator = load_generator(config.checkpoint, config.network_modules).to(on)
    generator = shrunk(generator, config.variety)
    out = Path(config.out)
    latents: list[Tensor] = []

    def kept(z: Iterator[Tensor]) -> Iterator[Tensor]:
        for each in z:
            latents.append(each)
            yield each

    images = images_of(
        generator, kept(chosen(config, generator)), count, batch_size, "Generating facades"
    )
    plain: Any = OmegaConf.to_container(config)
    settings = {**plain, "checkpoint": Path(config.checkpoint).name}
    texts = {key: str(settings[key]) for key in ("checkpoint", "seed")}
    save(images, count, out, latents, {**texts, "settings": json.dumps(settings)})
    print(f"{count} facades generated: {out}")


if __name__ == "__main__":
    main()
