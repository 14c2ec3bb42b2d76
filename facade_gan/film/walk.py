"""A walk through the noise as a film."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from PIL import Image
from torch import Tensor

from facade_gan.errors import UserError
from facade_gan.film.files import must_be_film, save_film
from facade_gan.image_size import sides
from facade_gan.latents.walks import closed_walk, there_and_back
from facade_gan.networks.base import Generator
from facade_gan.sampling import images_of

RESAMPLING = {"nearest": Image.Resampling.NEAREST, "lanczos": Image.Resampling.LANCZOS}
IN_MEMORY = 1e9  # bytes of pixels; a .gif and a .webp are put together there


def write_walk(
    generator: Generator,
    stations: Tensor,
    out: Path,
    *,
    seconds: float,
    fps: int,
    enlarge: int,
    resampling: str,
    texts: Mapping[str, str],
    batch_size: int = 50,
) -> str:
    """Write a film without a seam: past all stations and back to the first, again and again.

    Two stations are gone between there and back, slow at both; more at an even pace, so that each
    picture differs as much from the next.

    Args:
        generator: in eval mode, on the device to generate on.
        stations: noise (N, latent_dim, 1, 1), at least 2.
        out: an .mp4, .gif or .webp.
        seconds: length of the film.
        fps: pictures a second.
        enlarge: how many times as wide and high as generated.
        resampling: by what, "nearest" or "lanczos".
        texts: what is kept inside about generator, noise and settings; how the film was made is
            added.
        batch_size: images generated at a time.

    Returns:
        What the film shows, for the user: pictures, size, enlarging.

    Raises:
        UserError: where ``out`` is no film, PyAV is missing, or memory is too small.
        OSError: where ``out`` can't be written.
    """
    must_be_film(out)
    frames = max(2, round(seconds * fps))
    height, width = sides(generator.image_size)
    size = width * enlarge, height * enlarge
    if out.suffix.lower() != ".mp4" and frames * size[0] * size[1] * 3 > IN_MEMORY:
        raise UserError(
            f"out={out}: {frames} pictures of {size[0]}x{size[1]} pixels are too many for a "
            f"{out.suffix}, which is put together in memory: name an .mp4, or lower seconds or fps"
        )
    made = f"{frames} pictures of {size[0]}x{size[1]} pixels" + (
        f", enlarged {enlarge} times from {width}x{height} by {resampling}" if enlarge > 1 else ""
    )

    def pictures() -> Iterator[Image.Image]:
        z = iter(walk(generator, stations, frames, batch_size))
        for batch in images_of(generator, z, frames, batch_size, "Filming"):
            for image in batch.permute(0, 2, 3, 1).numpy():
                picture = Image.fromarray(image)
                yield picture.resize(size, RESAMPLING[resampling]) if enlarge > 1 else picture

    save_film(pictures(), out, 1 / fps, {**texts, "film": made})
    return made


def walk(generator: Generator, stations: Tensor, frames: int, batch_size: int) -> Tensor:
    """Choose the noise of each picture, (frames, latent_dim, 1, 1), as ``write_walk`` says."""
    if len(stations) == 2:
        return there_and_back(stations[0], stations[1], frames)

    def seen(z: Tensor) -> Iterator[Tensor]:
        return map(Tensor.float, images_of(generator, iter(z), len(z), batch_size, "Pacing"))

    return closed_walk(stations, frames, seen)
