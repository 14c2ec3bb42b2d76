"""Sets larger than memory: photos in shards on disk, of which a page at a time is read.

The order of an epoch stays what it is for sets in memory, a pure function of seed and epoch, and
any page can be read at any time: a run then resumes inside an epoch by knowing how far it was.
Pages hold photos of all parts of the set (``python -m facade_gan.shard`` sees to that), each epoch
has its own order of pages, and ``mix`` pages at a time are shuffled together.
"""

import hashlib
import json
import logging
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from facade_gan.data.batches import PlacedBlocks, gather
from facade_gan.data.module import FacadeData
from facade_gan.data.pages import PAGE, Pages, open_pages
from facade_gan.data.photoset import PhotoSet
from facade_gan.errors import UserError
from facade_gan.image_size import in_words, setting

log = logging.getLogger(__name__)

SHOWN = 0.95  # of the photos, below which an epoch that leaves the others out says so
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
        theirs = self.contents["image_size"]
        if theirs != self.image_size:
            raise UserError(
                f"data.root={self.root} holds photos of {in_words(theirs)} pixels: set "
                f"image_size={setting(theirs)} or make shards of {in_words(self.image_size)}"
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

    @cached_property
    def digest(self) -> str:
        """A SHA-256 of the reference photos and the files' sizes: reading all takes an epoch."""
        files = sorted((path.name, path.stat().st_size) for path in (self.root / "train").iterdir())
        return hashlib.sha256(f"{files} {super().digest}".encode()).hexdigest()

    def train_dataloader(self) -> PlacedBlocks:
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
        shown = blocks.share * self.trainer.world_size
        if self.trainer.global_rank == 0 and shown < SHOWN * self.samples:
            log.warning(
                "An epoch shows %d of %d photos: pages of %d don't come out even on %d devices. "
                "Take fewer devices, or data=folder where the photos fit memory.",
                shown, self.samples, PAGE, self.trainer.world_size,
            )  # fmt: skip
        if self.place is not None:
            blocks.load_state_dict(self.place)
        self.blocks = blocks
        return blocks


class PageBlocks(PlacedBlocks):
    """Serves one epoch after another as blocks of photos, uint8 (M, 3, H, W), in host memory.

    An epoch deals its pages to the devices; each takes ``mix`` of them at a time, shuffles their
    photos, and cuts the row of these into blocks. While one mix is served the next is read. To be
    equally long on all devices the epoch leaves out a page or less on each, or the page that isn't
    full on all, whichever is less; on a single device it leaves out nothing. Which photos it leaves
    out changes with the epoch, but for those of the page that isn't full.

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
        # Photos of this device in an epoch, where each may get the page that isn't full, or none.
        any_page = len(pages) // world_size * PAGE - (-pages.photos % PAGE)
        full_pages = pages.photos // PAGE // world_size * PAGE
        share = max(any_page, full_pages)
        if share <= 0:
            raise UserError(
                f"{pages.photos} photos make {len(pages)} pages of {PAGE}, too few for "
                f"{world_size} devices: a set this small fits memory, use data=folder"
            )
        super().__init__(share, batch_size, steps_per_call, seed, rank, world_size)
        self.pages, self.mix, self.mirror = pages, mix, mirror
        self.dealt = len(pages) if any_page >= full_pages else pages.photos // PAGE

    def order(self, epoch: int) -> Tensor:
        """The pages of this device in ``epoch``, int64."""
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
        dealt = self.dealt // self.world_size * self.world_size
        return torch.randperm(self.dealt, generator=generator)[:dealt][self.rank :: self.world_size]

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
