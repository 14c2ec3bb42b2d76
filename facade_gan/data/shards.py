"""Sets larger than memory: photos in shards on disk, of which a page at a time is read.

litdata keeps them, not webdataset: its shards have an index, so any page can be read at any time,
and the order of an epoch stays what it is for sets in memory, a pure function of seed and epoch. A
run then resumes inside an epoch by knowing how far it was. webdataset reads its archives from end
to end, and cannot.

What litdata stores is a page of 64 photos rather than a photo, because reading an item costs about
the same for either: decoding, indexing and collating photo by photo is what makes such loaders
slow. Pages hold photos of all parts of the set (``python -m facade_gan.shard`` sees to that), each
epoch has its own order of pages, and ``mix`` pages at a time are shuffled together.
"""

import json
import logging
import warnings
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import local
from typing import Any

import torch
from torch import Tensor

from facade_gan.data.batches import Blocks, PlacedBlocks, gather
from facade_gan.data.module import FacadeData
from facade_gan.data.photoset import PhotoSet
from facade_gan.errors import UserError

PAGE = 64  # photos
CONTENTS = "contents.json"  # written last: a folder with it is whole


class ShardData(FacadeData):
    """Photos from the shards that ``python -m facade_gan.shard`` made; ``common`` as `FacadeData`.

    An epoch is one pass over the photos; with ``mirror`` each is shown mirrored half of the time.
    Which photos are held out was decided when the shards were made.

    Args:
        root: the folder of the shards.
        mix: pages shuffled together, and held in memory twice.
        readers: threads that read pages.
        reference: photos that the metrics compare with, a random part of the set.

    """

    def __init__(self, *, root: str, mix: int, readers: int, reference: int, **common: Any) -> None:
        super().__init__(**common, holdout=0, limit=None, memory_share=0.0)
        self.root, self.reference = Path(root).expanduser(), reference
        self.mix, self.readers = mix, readers

    def load(self) -> PhotoSet:
        """The reference photos."""
        return PhotoSet(*_first(self.root / "train", self.reference))

    def setup(self, stage: str | None = None) -> None:
        """Look at what the folder holds.

        Raises:
            UserError: when it holds no shards, or of another image size, or too few photos.

        """
        if self.is_set_up:
            return
        self.contents = read_contents(self.root)
        if self.contents["image_size"] != self.image_size:
            raise UserError(
                f"data.root={self.root} holds photos of {self.contents['image_size']} pixels: set "
                f"image_size={self.contents['image_size']} or make shards of {self.image_size}"
            )
        self.must_fill_a_batch()
        self.train = self.load()
        held_out = self.contents["held_out"]
        self.held_out = PhotoSet(*_first(self.root / "held_out", held_out)) if held_out else None
        self.is_set_up = True

    @property
    def photo_count(self) -> int:
        """Photos to train on."""
        return self.contents["photos"]

    @property
    def samples(self) -> int:
        """Photos of an epoch: mirror images don't count, as each is shown one way or the other."""
        return self.photo_count

    def train_dataloader(self) -> Blocks:
        """Serve photos, read while the device works."""
        assert self.trainer is not None
        blocks = PageBlocks(
            Pages(self.root / "train", self.samples, self.readers),
            self.batch_size,
            self.steps_per_call,
            self.seed,
            self.mix,
            self.mirror,
            self.trainer.global_rank,
            self.trainer.world_size,
        )
        if self.place is not None:
            blocks.load_state_dict(self.place)
        self.blocks = blocks
        return blocks


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
            Their photos, uint8 (M, 3, S, S), and what to wait for before they are there.

        """
        sizes = self.sizes(pages).tolist()
        photos = torch.empty(sum(sizes), *self.shape, dtype=torch.uint8)
        parts = zip(pages.tolist(), photos.split(sizes), strict=True)
        return photos, [self.pool.submit(self._read, page, part) for page, part in parts]

    def _read(self, page: int, part: Tensor) -> None:
        # Copied here and now: litdata's tensor is the mapped file, which would stay in memory.
        part.copy_(self.own.pages[page])


class PageBlocks(PlacedBlocks):
    """Serves one epoch after another as blocks of photos, uint8 (M, 3, S, S), in host memory.

    An epoch deals its pages to the devices; each takes ``mix`` of them at a time, shuffles their
    photos, and cuts the row of these into blocks. While one mix is served the next is read. To be
    equally long on all devices the epoch leaves out a page or less on each; on a single device it
    leaves out nothing.

    Raises:
        UserError: when there are fewer pages than devices.

    """

    def __init__(
        self,
        pages: Pages,
        batch_size: int,
        steps_per_call: int,
        seed: int,
        mix: int,
        mirror: bool,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        full = len(pages) // world_size * PAGE
        share = full - (-pages.photos % PAGE)  # photos of this device in an epoch
        if share <= 0:
            raise UserError(
                f"{pages.photos} photos make {len(pages)} pages of {PAGE}, too few for "
                f"{world_size} devices: a set this small fits memory, use data=folder"
            )
        super().__init__(share, batch_size, steps_per_call, seed, rank, world_size)
        self.pages, self.mix, self.mirror = pages, mix, mirror

    def order(self, epoch: int) -> Tensor:
        """The pages of this device in ``epoch``, int64."""
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
        dealt = len(self.pages) // self.world_size * self.world_size
        return torch.randperm(len(self.pages), generator=generator)[:dealt][
            self.rank :: self.world_size
        ]

    def blocks(self, epoch: int, served: int) -> Iterator[Tensor]:
        """Cut the row of photos behind the first ``served`` blocks, for the whole share."""
        skipped = served * self.block_size
        left = self.share - skipped
        rest: list[Tensor] = []  # less than a block
        for photos in self._row(epoch, skipped):
            photos = torch.cat([*rest, photos[:left]])
            left -= len(photos) - sum(map(len, rest))
            whole = len(photos) if not left else len(photos) // self.block_size * self.block_size
            for block in photos[:whole].split(self.block_size) if whole else ():
                yield block.pin_memory() if torch.cuda.is_available() else block
            rest = [photos[whole:]]
            if not left:
                return

    def _row(self, epoch: int, skipped: int) -> Iterator[Tensor]:
        """The photos of ``epoch`` behind the first ``skipped``, a mix at a time."""
        mixes = list(enumerate(self.order(epoch).split(self.mix)))
        while mixes and (size := int(self.pages.sizes(mixes[0][1]).sum())) <= skipped:
            skipped -= size
            mixes.pop(0)
        coming = self.pages.request(mixes[0][1])
        for i, (number, _) in enumerate(mixes):
            photos, reading = coming
            for page in reading:
                page.result()
            if i + 1 < len(mixes):
                coming = self.pages.request(mixes[i + 1][1])
            yield self._shuffled(photos, epoch, number)[skipped:]
            skipped = 0

    def _shuffled(self, photos: Tensor, epoch: int, mix: int) -> Tensor:
        """Put the photos of a mix in their order, some of them mirrored."""
        seed = self.seed
        for number in (epoch, self.rank, mix):
            seed = (seed * 1_000_003 + number) % 2**63
        generator = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(photos), generator=generator)
        if self.mirror:
            order += len(photos) * torch.randint(0, 2, (len(photos),), generator=generator)
        return gather(photos, order)


class PageWriter:
    """Writes photos as pages into ``folder``, which must not exist; close it to make it whole.

    Args:
        folder: gets litdata's chunks and index.
        chunk_bytes: size of a chunk, a file.

    """

    def __init__(self, folder: Path, chunk_bytes: int) -> None:
        _require_litdata()
        from litdata.streaming import Cache

        self.cache = Cache(str(folder), chunk_bytes=chunk_bytes)
        self.photos = 0
        self.rest: list[Tensor] = []

    def write(self, photos: Tensor) -> None:
        """Add ``photos``, uint8 (N, 3, S, S)."""
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


def open_pages(folder: Path) -> Any:
    """Open litdata's reader: a sequence of pages, uint8 (64, 3, S, S)."""
    _require_litdata()
    from litdata import StreamingDataset

    # Pages share memory with the file they are read from; here they are only copied.
    warnings.filterwarnings("ignore", "The given buffer is not writable")
    return StreamingDataset(str(folder))


def read_contents(root: Path) -> dict[str, Any]:
    """Read what the shards in ``root`` hold: image_size, photos, held_out.

    Raises:
        UserError: when there are none.

    """
    if not (root / CONTENTS).is_file():
        raise UserError(
            f"data.root={root} holds no shards: python -m facade_gan.shard out={root} makes some"
        )
    return json.loads((root / CONTENTS).read_text())


def _first(folder: Path, count: int) -> tuple[Tensor, list[str]]:
    """The first ``count`` photos of a set, or all, and a name for each."""
    pages = open_pages(folder)
    wanted = range(min(len(pages), -(-count // PAGE)))
    photos = torch.cat([pages[i] for i in wanted])[:count]
    return photos, [f"{folder.name}/{i:09d}" for i in range(len(photos))]


def _require_litdata() -> None:
    try:
        import litdata  # noqa: F401
    except ImportError as error:
        raise UserError("shards need litdata: pip install 'facade_gan[shards]'") from error
    # It announces every file and setting at this level.
    logging.getLogger("litdata").setLevel(logging.WARNING)
