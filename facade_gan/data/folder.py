"""Any folder of photos: nested, mixed formats, any sizes and modes."""

import hashlib
import logging
import os
import random
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from facade_gan.atomic_files import write_text
from facade_gan.data import description
from facade_gan.data.cache import load_or_build
from facade_gan.data.copies import BITS, LEVELS, copies_among
from facade_gan.data.files import decode
from facade_gan.data.files.fit import COARSE, FITS, Fit, FitName
from facade_gan.data.files.listing import File, files_below, is_trouble
from facade_gan.data.files.rectify import require_opencv, version
from facade_gan.data.module import FacadeData
from facade_gan.data.photoset import LeftOut, PassingTrouble, PhotoSet, UnusablePhoto
from facade_gan.errors import UserError
from facade_gan.image_size import ImageSize, sides
from facade_gan.progress import Progress

log = logging.getLogger(__name__)

PIECE = 2048  # photos decoded at a time where a set may be larger than memory


class FolderData(FacadeData):
    """The photos below ``root``, decoded once and kept in ``cache_dir``.

    Links are followed, names that start with a dot passed over. ``fit`` is one of `FITS` in
    `facade_gan.data.files.fit`. With ``strict``, a file that can't be used is an error; else it is
    left out and named. With ``rectify``, fronts seen from a side are turned to face the camera.
    ``common`` goes to `FacadeData`.
    """

    def __init__(
        self,
        root: str,
        fit: FitName,
        strict: bool,
        cache_dir: str,
        rectify: bool = False,  # configurations of earlier runs don't have it
        **common: Any,
    ):
        super().__init__(**common)
        if rectify:
            require_opencv()
        if fit not in FITS:
            nearest = get_close_matches(str(fit), FITS, n=1, cutoff=0)[0]
            raise UserError(
                f"data.fit={fit} is unknown: take one of {', '.join(FITS)} ({nearest}?)"
            )
        self.root = Path(root).expanduser()
        self.fit = fit
        self.strict = strict
        self.rectify = rectify
        self.cache_dir = Path(cache_dir).expanduser()
        self._photoset: PhotoSet | None = None

    def prepare_data(self) -> None:
        """Bring and decode what is missing, say what there is. Raises `UserError`, see `load`.

        Where a run has a folder, the full list of what is left out is in its ``left_out.csv``.
        """
        self.bring()
        photoset = self.load()
        for line in description.lines(photoset, self.root):
            log.info("%s", description.wrapped(line))
        left_out = photoset.left_out
        if left_out:
            line = description.what_is_left_out(left_out, len(photoset) + len(left_out), self.root)
            if self.trainer is not None:
                listed = Path(self.trainer.default_root_dir) / "left_out.csv"
                write_text(listed, description.as_csv(left_out))
                line += f"; all of them: {listed}"
            log.warning("%s", description.wrapped(line))

    def load(self) -> PhotoSet:
        """The decoded photos, from the cache where they are in it.

        Raises `UserError` where there is no folder, nothing in it, no photo among its files, or,
        if ``strict``, a file that can't be used.
        """
        if self._photoset is None:
            self._photoset = self.read()
        return self._photoset

    def list_files(self) -> tuple[list[File], list[LeftOut]]:
        """The files to decode, and what couldn't be listed."""
        return files_below(self.root, self.root)

    def read(self) -> PhotoSet:
        """List the folder, then take its photos from the cache or decode them."""
        files, unlisted = self.listed()
        photoset = load_or_build(
            self.cache_dir,
            self.cache_key(files),
            partial(decoded_with_copies, files, self.image_size, FITS[self.fit], self.rectify),
        )
        left_out = unlisted + photoset.left_out
        if not len(photoset) or (self.strict and any(map(is_trouble, left_out))):
            hint = "" if not len(photoset) else "; data.strict=false goes on without them"
            raise UserError(
                description.what_is_left_out(left_out, len(files) + len(unlisted), self.root) + hint
            )
        return replace(photoset, left_out=left_out)

    def listed(self) -> tuple[list[File], list[LeftOut]]:
        """As `list_files`. Raises `UserError` where there is no folder or nothing in it."""
        if not self.root.is_dir():
            raise UserError(f"data.root={self.root}: there is no such folder")
        files, unlisted = self.list_files()
        if not files and not unlisted:
            raise UserError(f"data.root={self.root} is empty: put photos into it")
        return files, unlisted

    def pieces(self) -> tuple[int, Iterator[PhotoSet]]:
        """Decode some thousand photos at a time, in random order; nothing is cached.

        With ``limit`` they are those of the first so many files by name, which may be fewer.
        """
        files, unlisted = self.listed()
        if not files:
            raise UserError(description.what_is_left_out(unlisted, len(unlisted), self.root))
        if self.limit is not None:
            files = sorted(files, key=lambda file: file.name)[: self.limit]
        random.Random(0).shuffle(files)
        return len(files), self._decoded(files, unlisted)

    def _decoded(self, files: list[File], unlisted: list[LeftOut]) -> Iterator[PhotoSet]:
        for begin in range(0, len(files), PIECE):
            part = files[begin : begin + PIECE]
            piece = decode_all(part, self.image_size, FITS[self.fit], self.rectify, silent=True)
            left_out, count = unlisted + piece.left_out, len(part) + len(unlisted)
            unlisted = []
            if self.strict and any(map(is_trouble, left_out)):
                raise UserError(description.what_is_left_out(left_out, count, self.root))
            yield replace(piece, left_out=left_out)

    def as_taken(self, names: list[str]) -> Tensor:
        """Those of the photos decoded anew and not rectified, uint8 (N, 3, H, W)."""
        files = {file.name: file for file in self.list_files()[0]}
        chosen = [files[name] for name in names]
        return decode_all(chosen, self.image_size, FITS[self.fit], rectify=False).photos

    def cache_key(self, files: list[File]) -> dict[str, Any]:
        """All that decides which pixels come out."""
        listed = hashlib.sha256()
        for file in files:  # without the path, which is as the root was spelt: the name says it
            known = (file.name, file.size, file.mtime_ns, file.ctime_ns, file.readable)
            listed.update(repr(known).encode("ascii", "backslashreplace"))
        return {
            "root": os.fsencode(self.root.resolve()).decode("ascii", "backslashreplace"),
            "files": listed.hexdigest(),
            "image_size": self.image_size,
            "fit": self.fit,
            "decoder": decode.version(),
            "rectify": self.rectify and version(),
            "copies": [COARSE, BITS, LEVELS],
        }


def decoded_with_copies(files: list[File], size: ImageSize, fit: Fit, rectify: bool) -> PhotoSet:
    """As `decode_all`, and which of them are copies: the same ones whatever the settings are."""
    compared = torch.empty(len(files), 3, COARSE, COARSE, dtype=torch.uint8)
    photoset = decode_all(files, size, fit, rectify, compared)
    return replace(photoset, copy_of=copies_among(compared[: len(photoset)], photoset.names))


def decode_all(
    files: list[File],
    size: ImageSize,
    fit: Fit,
    rectify: bool,
    compared: Tensor | None = None,
    silent: bool = False,
) -> PhotoSet:
    """Decode ``files`` to ``size`` in as many threads as there are cores.

    The threads' memory is bounded by `decode.MEMORY`; the result is filled as they go, and
    ``compared``, uint8 (N, 3, 32, 32), with what to find copies by. Progress is shown unless
    ``silent``.
    """
    photos = torch.empty(len(files), 3, *sides(size), dtype=torch.uint8)
    names: list[str] = []
    left_out: list[LeftOut] = []
    changes: dict[str, list[str]] = {}
    results = parallel(partial(decoded_or_reason, size=size, fit=fit, rectify=rectify), files)
    bar = Progress(
        results,
        total=len(files),
        desc="Decoding photos",
        unit="photo",
        delay=1,
        disable=silent,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on files: what matters has a reason
        for file, result in zip(files, bar, strict=True):
            if isinstance(result, LeftOut):
                left_out.append(result)
                continue
            photos[len(names)] = torch.from_numpy(result.pixels).permute(2, 0, 1)
            if compared is not None:
                compared[len(names)] = torch.from_numpy(result.compared).permute(2, 0, 1)
            names.append(file.name)
            if result.changes:
                changes[file.name] = result.changes
    return PhotoSet(photos[: len(names)], names, left_out, changes=changes)


def decoded_or_reason(
    file: File, size: ImageSize, fit: Fit, rectify: bool
) -> decode.Decoded | LeftOut:
    """The photo, or why it is left out."""
    try:
        return decode.decode(file.path, size, fit, rectify)
    except UnusablePhoto as reason:
        return LeftOut(file.name, str(reason), isinstance(reason, PassingTrouble))


def parallel(function: Any, items: list[Any]) -> Iterator[Any]:
    """``map`` in threads (Pillow decodes and resizes without the GIL), in the items' order."""
    pool = ThreadPoolExecutor(getattr(os, "process_cpu_count", os.cpu_count)())
    try:
        yield from pool.map(function, items)
    finally:
        pool.shutdown(cancel_futures=True)  # on Ctrl-C: only what has begun is waited for
