"""A training as a film: its grids of the same noises, first epoch to last."""

from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from facade_gan.errors import UserError
from facade_gan.film.files import save_film
from facade_gan.film.grids import epoch_of, grids_in, labelled
from facade_gan.progress import Progress

LARGEST = 1080  # pixels of the longer side
FPS = 25
LAST_SHOWN = 2.0  # seconds that the last grid stays, before the film begins again


def write_training(run: Path, out: Path, seconds: float) -> str:
    """Write the film of a run from its folder ``grids``.

    Args:
        run: the run's folder.
        out: an .mp4, .gif or .webp.
        seconds: length of the film, without the time that the last grid stays.

    Returns:
        What the film shows, for the user.

    Raises:
        UserError: where there are no grids, one can't be read, or ``out`` is no film.
        OSError: where ``out`` can't be written.
    """
    grids = grids_in(run / "grids")
    if not grids:
        raise UserError(f"run={run}: no grids/epoch_*.png in there; name a run's folder")
    shown = spread(grids, max(2, int(seconds * FPS)))
    width, height = write_grids(shown, out, seconds, LARGEST)
    last = epoch_of(grids[-1])
    return f"{len(shown)} of {len(grids)} grids, to epoch {last}, of {width}x{height} pixels"


def spread(grids: list[Path], most: int) -> list[Path]:
    """Choose at most ``most`` (2 or more) of the grids, evenly, with the first and the last."""
    if len(grids) <= most:
        return grids
    return [grids[i * (len(grids) - 1) // (most - 1)] for i in range(most)]


def write_grids(grids: list[Path], out: Path, seconds: float, largest: int) -> tuple[int, int]:
    """Write a film of grids under their epochs, and return its width and height.

    Args:
        grids: at least one; all as large as the first.
        out: an .mp4, .gif or .webp.
        seconds: length of the film, without the time that the last grid stays.
        largest: pixels of the longer side to which a larger grid is reduced, by Lanczos.

    Raises:
        UserError: where a grid can't be read, or ``out`` is no film.
        OSError: where ``out`` can't be written.
    """
    each = seconds / len(grids)
    width, height = page(grids[0]).size
    share = min(1, largest / max(width, height))
    size = even(width * share), even(height * share)
    texts = {"grids": f"epochs {epoch_of(grids[0])} to {epoch_of(grids[-1])}"}

    def pictures() -> Iterator[Image.Image]:
        for grid in Progress(grids, "Filming", announced=False, delay=2, leave=False):
            picture = page(grid).resize(size, Image.Resampling.LANCZOS)
            yield picture
        for _ in range(round(LAST_SHOWN / each)):
            yield picture

    save_film(pictures(), out, each, texts)
    return size


def page(grid: Path) -> Image.Image:
    """Read a grid, under its epoch."""
    try:
        return labelled(grid)
    except OSError as error:
        raise UserError(f"{grid}: can't be read ({error})") from error


def even(length: float) -> int:
    """Round to an even number of pixels, as H.264 takes no other."""
    return round(length / 2) * 2
