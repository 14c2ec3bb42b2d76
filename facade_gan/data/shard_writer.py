"""How shards are written: photos as pages, by litdata."""

from pathlib import Path

import torch
from torch import Tensor

from facade_gan.data.pages import PAGE, require_litdata


class PageWriter:
    """Writes photos as pages into ``folder``, which must not exist; close it to make it whole.

    Args:
        folder: gets litdata's chunks and index.
        chunk_bytes: size of a chunk, a file.

    """

    def __init__(self, folder: Path, chunk_bytes: int) -> None:
        require_litdata()
        from litdata.streaming import Cache

        self.cache = Cache(str(folder), chunk_bytes=chunk_bytes)
        self.photos = 0
        self.rest: list[Tensor] = []

    def write(self, photos: Tensor) -> None:
        """Add ``photos``, uint8 (N, 3, H, W)."""
        self.photos += len(photos)
        waiting = torch.cat([*self.rest, photos])
        whole = len(waiting) // PAGE * PAGE
        first = (self.photos - len(waiting)) // PAGE
        for i, page in enumerate(waiting[:whole].split(PAGE) if whole else ()):
            self.cache[first + i] = page.clone()
        self.rest = [waiting[whole:].clone()]

    def close(self) -> None:
        """Write the last page, full or not, and the index."""
        rest = torch.cat(self.rest)
        if len(rest):
            self.cache[self.photos // PAGE] = rest
        self.cache.done()
        self.cache.merge(1)
