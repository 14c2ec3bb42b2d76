"""Drawn facades as a source of photos, ``data=drawn``: nothing to download, nobody's licence."""

import multiprocessing
import os
import signal
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import PIL
import torch

from facade_gan.data.cache import load_or_build
from facade_gan.data.module import FacadeData
from facade_gan.data.photoset import PhotoSet
from facade_gan.errors import UserError
from facade_gan.image_size import ImageSize, sides
from facade_gan.progress import Progress
from facade_gan.shape_grammar.facade import VERSION, draw_facade

PIECE = 2048  # drawings made at a time where a set may be larger than memory
CHUNK = 16  # drawings a worker makes at a time
WORTH_A_WORKER = 64  # drawings; fewer take less time than starting a process
SET_SEED = 0  # as photos do, the drawings stay the same whatever the seed of a run


class ProceduralData(FacadeData):
    """``count`` drawn facades, made once and kept in ``cache_dir``; ``common`` as `FacadeData`.

    Raises:
        UserError: where ``count`` is no positive number.

    """

    def __init__(self, *, count: int, cache_dir: str, **common: Any) -> None:
        super().__init__(**common)
        if count < 1:
            raise UserError(f"data.count={count} facades can't be drawn: set 1 or more")
        self.count = count
        self.cache_dir = Path(cache_dir).expanduser()
        self._photoset: PhotoSet | None = None

    def prepare_data(self) -> None:
        """Draw what isn't cached."""
        self.load()

    def load(self) -> PhotoSet:
        """The drawings, from the cache where they are in it."""
        if self._photoset is None:
            build = partial(draw_set, self.count, self.image_size, SET_SEED)
            self._photoset = load_or_build(self.cache_dir, self.cache_key(), build)
        return self._photoset

    def pieces(self) -> tuple[int, Iterator[PhotoSet]]:
        """Draw some thousand at a time; nothing is cached."""
        count = min(self.count, self.limit or self.count)
        return count, self._drawn(count)

    def _drawn(self, all_of_them: int) -> Iterator[PhotoSet]:
        for begin in range(0, all_of_them, PIECE):
            count = min(PIECE, all_of_them - begin)
            yield draw_set(count, self.image_size, SET_SEED, begin=begin, silent=True)

    def cache_key(self) -> dict[str, Any]:
        """All that decides which pixels come out."""
        return {
            "source": "procedural",
            "grammar": VERSION,
            "libraries": [PIL.__version__, np.__version__],
            "count": self.count,
            "image_size": self.image_size,
            "seed": SET_SEED,
        }


def draw_set(
    count: int,
    image_size: ImageSize,
    seed: int,
    workers: int | None = None,
    begin: int = 0,
    silent: bool = False,
) -> PhotoSet:
    """Draw ``count`` facades, in as many processes as pay; their number changes no pixel.

    A longer set begins with the shorter one of its seed, and sets of two seeds share nothing.

    Args:
        count: how many, 1 or more.
        image_size: in pixels, one number or ``[height, width]``.
        seed: 0 or more.
        workers: processes; by default one a core, fewer for few drawings.
        begin: the first one's number in the set.
        silent: show no progress.

    """
    numbers = range(begin, begin + count)
    seeds = range((seed << 32) + begin, (seed << 32) + begin + count)
    photos = torch.empty(count, 3, *sides(image_size), dtype=torch.uint8)
    if workers is None:
        workers = default_workers(count)
    drawings = _drawings(seeds, image_size, workers)
    bar = Progress(
        drawings,
        total=count,
        desc="Drawing facades",
        unit="facade",
        delay=1,
        disable=silent,
    )
    for photo, drawing in zip(photos, bar, strict=True):
        photo.copy_(torch.from_numpy(drawing).permute(2, 0, 1))
    return PhotoSet(photos, [f"procedural/{i:06d}" for i in numbers])


def default_workers(count: int) -> int:
    """How many processes to draw ``count`` facades in."""
    if multiprocessing.current_process().daemon:  # a daemon may not have children
        return 1
    cores = getattr(os, "process_cpu_count", os.cpu_count)() or 1
    return max(1, min(cores, count // WORTH_A_WORKER))


def _drawings(seeds: range, image_size: ImageSize, workers: int) -> Iterator[npt.NDArray[np.uint8]]:
    """The drawings in the order of their seeds."""
    height, width = sides(image_size)
    draw = partial(draw_facade, height=height, width=width)
    if workers == 1:
        yield from map(draw, seeds)
        return
    # A forked worker starts at once; a spawned one first imports the main program, torch and all.
    # Workers touch nothing but Pillow and NumPy, so no lock of torch's threads can hold them up.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    pool = ProcessPoolExecutor(workers, context, initializer=_leave_interrupts_to_the_parent)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "This process .* is multi-threaded")
            drawings = pool.map(draw, seeds, chunksize=CHUNK)  # starts the workers
        yield from drawings
    finally:
        pool.shutdown(cancel_futures=True)  # on Ctrl-C: only what has begun is waited for


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
