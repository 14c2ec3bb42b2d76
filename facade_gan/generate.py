"""Generate new facades.

``python -m facade_gan.generate checkpoint=RUN count=64 seed=0 out=X``

``out`` decides the form: ``x.png`` one grid, ``x.npz`` one uint8 array ``images`` (N, H, W, 3), a
folder one PNG an image. Lightning and the training photos are not needed, nor loaded.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from omegaconf import DictConfig
from torch import Tensor

from facade_gan.atomic_files import replaced
from facade_gan.checkpoints.read import load_generator
from facade_gan.commandline.command import command
from facade_gan.compute import device
from facade_gan.errors import UserError
from facade_gan.sampling import generate_images, grid, save_png


def save(batches: Iterator[Tensor], count: int, out: Path) -> None:
    """Write batches of images, ``count`` in all, in the form that ``out`` names.

    Single PNGs and arrays are written batch by batch, so their number is bounded by the disk alone.

    Raises:
        UserError: where ``out`` can't be written, or ends in a suffix of another form.
    """
    suffix = "" if out.is_dir() else out.suffix.lower()
    try:
        if suffix == ".png":
            out.parent.mkdir(parents=True, exist_ok=True)
            save_png(grid(torch.cat(list(batches))), out)
        elif suffix == ".npz":
            out.parent.mkdir(parents=True, exist_ok=True)
            save_array(batches, count, out)
        elif suffix == "":
            out.mkdir(parents=True, exist_ok=True)
            save_singly(batches, out)
        else:
            raise UserError(f"out={out}: name a .png (a grid), an .npz (an array) or a folder")
    except OSError as error:
        raise UserError(f"out={out}: can't be written ({error.strerror or error})") from error


def save_singly(batches: Iterator[Tensor], folder: Path) -> None:
    """Write ``000000.png``, ``000001.png``, ... into ``folder``."""
    number = 0
    for batch in batches:
        for image in batch:
            save_png(image, folder / f"{number:06d}.png")
            number += 1


def save_array(batches: Iterator[Tensor], count: int, path: Path) -> None:
    """Write an ``.npz`` with the uint8 array ``images`` (count, H, W, 3), whole or not at all."""
    with (
        replaced(path) as partial,
        zipfile.ZipFile(partial, "w") as archive,
        archive.open("images.npy", "w", force_zip64=True) as member,
    ):
        for number, batch in enumerate(batches):
            images = batch.permute(0, 2, 3, 1).contiguous().numpy()
            if number == 0:
                header = np.lib.format.header_data_from_array_1_0(images)
                header["shape"] = (count, *images.shape[1:])
                np.lib.format.write_array_header_1_0(member, header)
            member.write(images.tobytes())


def whole(config: DictConfig, key: str, least: int) -> int:
    """Read a whole number of at least ``least`` from the config.

    Raises:
        UserError: for anything else.
    """
    value = config[key]
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise UserError(f"{key}={value}: must be a whole number, {least} or more")
    return value


@command("generate")
def main(config: DictConfig) -> None:
    """Generate as ``conf/generate.yaml`` says."""
    count, seed = whole(config, "count", 1), whole(config, "seed", 0)
    batch_size = whole(config, "batch_size", 1)
    on = device.pick(config.device)
    generator = load_generator(config.checkpoint, config.network_modules).to(on)
    out = Path(config.out)
    save(generate_images(generator, count, seed, batch_size), count, out)
    print(f"{count} facades generated: {out}")


if __name__ == "__main__":
    main()
