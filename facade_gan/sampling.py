"""From noise to images, and from images to a grid or a file: what every picture is made by."""

import io
import math
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from torch import Tensor

from facade_gan.atomic_files import replaced, write_bytes
from facade_gan.errors import UserError
from facade_gan.figures import FIGURE
from facade_gan.networks.base import Generator
from facade_gan.progress import Progress


def noises(latent_dim: int, seed: int) -> Iterator[Tensor]:
    """Sample z ~ N(0, 1), (latent_dim, 1, 1), endlessly; the i-th depends on seed and i alone."""
    own = torch.Generator().manual_seed(seed)
    while True:
        yield torch.randn(latent_dim, 1, 1, generator=own)


def generate_images(
    generator: Generator,
    count: int,
    seed: int,
    batch_size: int = 50,
    progress: str = "Generating facades",
) -> Iterator[Tensor]:
    """Yield ``count`` images in batches, uint8 (N, 3, H, W) on the CPU, N at most ``batch_size``.

    Another batch size gives the same images, to rounding: at most one step of 255 apart. No global
    random generator is touched.

    Args:
        generator: maps (N, latent_dim, 1, 1) to images in [-1, 1]; in eval mode, on the device to
            generate on.
        count: how many images.
        seed: of the noise.
        batch_size: images generated at a time.
        progress: name of the progress bar.
    """
    yield from images_of(generator, noises(generator.latent_dim, seed), count, batch_size, progress)


def images_of(
    generator: Generator, z: Iterator[Tensor], count: int, batch_size: int, progress: str
) -> Iterator[Tensor]:
    """Generate as above from the first ``count`` noises of ``z``, (latent_dim, 1, 1) each."""
    device = next(generator.parameters()).device
    shown = {"desc": progress, "unit": "image", "delay": 2, "leave": False}
    with Progress(total=count, announced=False, **shown) as bar:
        for first in range(0, count, batch_size):
            noise = torch.stack([next(z) for _ in range(min(batch_size, count - first))])
            with torch.inference_mode():
                images = to_uint8(generator(noise.to(device))).cpu()
            yield images
            bar.update(len(images))


def to_uint8(images: Tensor) -> Tensor:
    """Map [-1, 1] to uint8 in [0, 255], rounded; any shape."""
    return ((images.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


def grid(images: Tensor, columns: int | None = None) -> Tensor:
    """Lay uint8 images (N, 3, H, W) out as one picture (3, H', W'), 2 white pixels around each.

    ``columns`` images a row; by default as many as make as many rows as columns.
    """
    # Here, as its import takes as long as the rest of a command that needs no grid.
    from torchvision.utils import make_grid

    columns = columns or math.ceil(len(images) ** 0.5)
    return make_grid(images, nrow=columns, padding=2, pad_value=255)


def save_png(image: Tensor, path: Path, texts: Mapping[str, str] | None = None) -> None:
    """Write uint8 (3, H, W) as a PNG with ``texts`` inside; the file is whole or not there."""
    write_bytes(path, encode_png(image, texts))


def encode_png(image: Tensor, texts: Mapping[str, str] | None = None) -> bytes:
    """Make uint8 (3, H, W) the content of a PNG with ``texts`` inside."""
    inside = PngInfo()
    for key, text in (texts or {}).items():
        inside.add_text(key, text)
    content = io.BytesIO()
    Image.fromarray(image.permute(1, 2, 0).numpy()).save(content, format="PNG", pnginfo=inside)
    return content.getvalue()


def save_images(
    batches: Iterator[Tensor],
    count: int,
    out: Path,
    latents: Sequence[Tensor] = (),
    texts: Mapping[str, str] | None = None,
) -> None:
    """Write batches of images, ``count`` in all, in the form that ``out`` names.

    An array gets ``latents`` beside it, filled while the batches are made; a PNG ``texts`` inside.
    A grid of several images is marked as a figure, single images may serve as photos.

    Single PNGs and arrays are written batch by batch, so their number is bounded by the disk alone.

    Raises:
        UserError: where ``out`` can't be written, ends in a suffix of another form, or is a folder
            with more images, or with others of such names.
    """
    suffix = "" if out.is_dir() else out.suffix.lower()
    try:
        if suffix == ".png":
            out.parent.mkdir(parents=True, exist_ok=True)
            mark = FIGURE if count > 1 else {}
            save_png(grid(torch.cat(list(batches))), out, {**(texts or {}), **mark})
        elif suffix == ".npz":
            out.parent.mkdir(parents=True, exist_ok=True)
            save_array(batches, count, out, latents)
        elif suffix == "":
            if (beyond := out / f"{count:06d}.png").exists():  # else the two would be one set
                raise UserError(f"out={out} holds {beyond.name} of more images: name a new folder")
            must_hold_no_others(out)
            out.mkdir(parents=True, exist_ok=True)
            save_singly(batches, out, texts or {})
        else:
            raise UserError(f"out={out}: name a .png (a grid), an .npz (an array) or a folder")
    except OSError as error:
        raise UserError(f"out={out}: can't be written ({error.strerror or error})") from error


def must_hold_no_others(folder: Path) -> None:
    """Refuse to mix with, or to write over, images of a folder that ``save_singly`` didn't write.

    Raises:
        UserError: for the first of its names that another program, or a camera, gave.
    """
    for path in sorted(folder.glob("[0-9]" * 6 + ".png")):
        try:
            with Image.open(path) as image:
                ours = image.info.get("index") == str(int(path.stem))
        except OSError:
            ours = False
        if not ours:
            raise UserError(
                f"out={folder} holds {path.name}, which facade-gan didn't generate: "
                "name a new folder"
            )


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
