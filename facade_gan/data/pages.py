"""How shards are read: pages of 64 photos, by litdata.

litdata, not webdataset: its shards have an index, so any page can be read at any time; webdataset
reads its archives from end to end. A page rather than a photo, because reading an item costs about
the same for either: decoding, indexing and collating photo by photo is what makes such loaders
slow.
"""

import logging
import warnings
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import local
from typing import Any

import torch
from torch import Tensor

from facade_gan.errors import UserError, to_install

PAGE = 64  # photos


class Pages:
    """Random access to the pages of a set, by several threads at a time.

    Args:
        folder: where litdata's chunks and index are.
        photos: how many there are; all pages but the last are full.
        readers: threads; each has litdata's reader for itself, as they share no state then.

    """

    def __init__(self, folder: Path, photos: int, readers: int) -> None:
        self.folder, self.photos = folder, photos
        self.shape = open_pages(folder)[0].shape[1:]
        self.own = local()
        self.pool = ThreadPoolExecutor(readers, "reader", initializer=self._open)

    def _open(self) -> None:
        self.own.pages = open_pages(self.folder)

    def __len__(self) -> int:
        return -(-self.photos // PAGE)

    def sizes(self, pages: Tensor) -> Tensor:
        """How many photos are in each of ``pages``, int64 (P,)."""
        last = self.photos - (len(self) - 1) * PAGE
        return torch.where(pages == len(self) - 1, last, PAGE)

    def request(self, pages: Tensor) -> tuple[Tensor, list[Future[None]]]:
        """Begin to read ``pages``.

        Returns:
            Their photos, uint8 (M, 3, H, W), and what to wait for before they are there.

        """
        sizes = self.sizes(pages).tolist()
        photos = torch.empty(sum(sizes), *self.shape, dtype=torch.uint8)
        parts = zip(pages.tolist(), photos.split(sizes), strict=True)
        return photos, [self.pool.submit(self._read, page, part) for page, part in parts]

    def _read(self, page: int, part: Tensor) -> None:
        # Copied here and now: litdata's tensor is the mapped file, which would stay in memory.
        part.copy_(self.own.pages[page])


def open_pages(folder: Path) -> Any:
    """Open litdata's reader: a sequence of pages, uint8 (64, 3, H, W)."""
    require_litdata()
    from litdata import StreamingDataset

    # Pages share memory with the file they are read from; here they are only copied.
    warnings.filterwarnings("ignore", "The given buffer is not writable")
    return StreamingDataset(str(folder))


def require_litdata() -> None:
    """Import litdata, and keep it quiet.

    Raises:
        UserError: where the extra ``shards`` is not installed.
    """
    try:
        import litdata  # noqa: F401
    except ImportError as error:
        raise UserError(f"shards need litdata: {to_install('shards')}") from error
    # It announces every file and setting at this level.
    logging.getLogger("litdata").setLevel(logging.WARNING)
