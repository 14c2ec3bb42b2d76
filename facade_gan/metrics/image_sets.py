"""The sets of images that are judged: generated ones, or images of any origin from files."""

import logging
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from facade_gan.data import description
from facade_gan.data.files.fit import FITS
from facade_gan.data.files.listing import files_below
from facade_gan.data.folder import decode_all
from facade_gan.errors import UserError
from facade_gan.image_size import ImageSize
from facade_gan.networks.base import Generator
from facade_gan.sampling import generate_images

log = logging.getLogger(__name__)


def generated_sets(generator: Generator, draws: int, fakes: int, seed: int) -> Iterator[Tensor]:
    """Yield ``draws`` sets of ``fakes`` images, uint8 (N, 3, H, W), of ``seed`` and those after."""
    for number in range(draws):
        progress = f"Set {number + 1} of {draws}: generating"
        yield torch.cat(list(generate_images(generator, fakes, seed + number, progress=progress)))


def sets_of_files(path: Path, size: ImageSize | None, draws: int, fakes: int) -> list[Tensor]:
    """Read images of any origin, and part them into sets of equal number.

    Files of a folder that can't be used are left out, and named in the log.

    Args:
        path: a folder of images, or an ``.npz`` with the uint8 array ``images`` (N, H, W, 3).
        size: what the images of a folder are cropped and resized to, as photos are; an array is
            taken as it is.
        draws: how many sets are wanted.
        fakes: images of a set; where there are fewer, all of them are one set.

    Returns:
        At most ``draws`` sets, uint8 (N, 3, H, W).

    Raises:
        UserError: where there are no such images.
    """
    images = _array(path) if path.suffix.lower() == ".npz" else _folder(path, size)
    if len(images) < 2:
        raise UserError(f"images={path}: {len(images)} images are too few to be judged: give more")
    if len(images) < fakes:
        return [images]
    return list(images[: len(images) // fakes * fakes].split(fakes))[:draws]


def _array(path: Path) -> Tensor:
    try:
        content = np.load(path, allow_pickle=False)
        if isinstance(content, np.ndarray):
            raise ValueError("a single array, as .npy files are")
        with content as archive:
            images = archive["images"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise UserError(f"images={path}: no .npz with an array `images` ({error})") from error
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[-1] != 3:
        raise UserError(
            f"images={path}: {images.dtype} {images.shape}, but must be uint8 (N, height, width, 3)"
        )
    return torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()


def _folder(path: Path, size: ImageSize | None) -> Tensor:
    if not path.is_dir():
        raise UserError(f"images={path}: there is no such folder or .npz file")
    if size is None:
        raise UserError(f"images={path}: say at which size to judge them, such as image_size=64")
    files, unlisted = files_below(path, path)
    found = decode_all(files, size, FITS["crop"], rectify=False)
    left_out, total = unlisted + found.left_out, len(files) + len(unlisted)
    if left_out and not len(found):
        raise UserError(f"images={path}: {description.what_is_left_out(left_out, total, None)}")
    if left_out:
        line = description.what_is_left_out(left_out, total, path)
        log.warning("%s", description.wrapped(line))
    return found.photos
