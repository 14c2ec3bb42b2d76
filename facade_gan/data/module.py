"""The LightningDataModule that every source of photos shares."""

import hashlib
from abc import abstractmethod
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

import torch
from lightning.pytorch import LightningDataModule
from torch import Tensor

from facade_gan.data.batches import HostBlocks, PlacedBlocks, SampleBlocks, gather
from facade_gan.data.photoset import PhotoSet
from facade_gan.errors import UserError
from facade_gan.image_size import ImageSize, plain


class FacadeData(LightningDataModule):
    """Splits the photos, keeps them on the device and serves blocks of batches from there.

    A block is uint8 (M, 3, H, W) on the device, M at most ``batch_size * steps_per_call``: the
    module splits it into batches and runs one step on each.

    Args:
        image_size: of the photos, pixels: one number, or ``[height, width]``.
        batch_size: photos of a step on one device.
        mirror: count mirror images as samples: an epoch is then twice the photos.
        holdout: how many photos never reach the networks.
        limit: use only the first so many photos by name; None for all.
        seed: of the order of the samples.
        memory_share: the part of the device's free memory the photos may take; beyond it they
            stay in host memory.
        steps_per_call: batches of a block.

    """

    train: PhotoSet
    held_out: PhotoSet | None

    def __init__(
        self,
        *,
        image_size: ImageSize,
        batch_size: int,
        mirror: bool,
        holdout: int,
        limit: int | None,
        seed: int,
        memory_share: float,
        steps_per_call: int,
    ) -> None:
        super().__init__()
        self.image_size, self.batch_size = plain(image_size), batch_size
        self.mirror, self.holdout, self.limit, self.seed = mirror, holdout, limit, seed
        self.memory_share, self.steps_per_call = memory_share, steps_per_call
        self.resident: Tensor | None = None  # the training photos on the device, if they fit
        self.blocks: PlacedBlocks | None = None
        self.place: dict[str, Any] | None = None  # where a resumed run goes on in the samples
        self.is_set_up = False

    def bring(self) -> None:
        """Download what is missing, where the source is one that can; before ``load``, ``pieces``.

        Raises:
            UserError: where that fails.
        """

    @abstractmethod
    def load(self) -> PhotoSet:
        """Return all photos of the source, from its cache."""

    def pieces(self) -> tuple[int, Iterator[PhotoSet]]:
        """Hand out the photos a piece at a time in random order, for sets larger than memory.

        Returns:
            How many there are at most, and the pieces; together they are what ``load`` returns.

        Raises:
            UserError: for a source that can't.

        """
        raise UserError(f"{type(self).__name__} can't hand out its photos piece by piece")

    def setup(self, stage: str | None = None) -> None:
        """Load the photos and split them: by their number, order and copies, at whatever size.

        Raises:
            UserError: when the photos that remain are fewer than a batch.

        """
        if self.is_set_up:
            return
        photos = first(self.load(), self.limit)
        self.train, self.held_out = split(photos, self.holdout)
        self.must_fill_a_batch()
        self.is_set_up = True

    @property
    def splits(self) -> dict[str, Tensor]:
        """The photos by the split's name, ``train`` and, where there are any, ``held_out``."""
        held_out = {} if self.held_out is None else {"held_out": self.held_out.photos}
        return {"train": self.train.photos, **held_out}

    @property
    def different(self) -> Tensor:
        """Which photos to train on are no copies of an earlier one of them: bool (N,)."""
        originals: set[str] = set()
        found = []
        for name in self.train.names:
            original = self.train.copy_of.get(name, name)  # itself left out, maybe, by ``limit``
            found.append(original not in originals)
            originals.add(original)
        return torch.tensor(found)

    def examples(self, count: int) -> Tensor:
        """Choose ``count`` photos to train on, or all, evenly from the set and at no random."""
        photos = self.train.photos
        return photos[torch.linspace(0, len(photos) - 1, min(count, len(photos))).long()]

    @property
    def photo_count(self) -> int:
        """Photos to train on."""
        return len(self.train)

    @property
    def samples(self) -> int:
        """Samples of an epoch: the training photos, and their mirror images."""
        return self.photo_count * (2 if self.mirror else 1)

    def must_fill_a_batch(self) -> None:
        """Refuse a set that is too small for its devices.

        Raises:
            UserError: when an epoch has less than a batch for each.
        """
        devices = 1 if self.trainer is None else self.trainer.world_size
        if self.samples < self.batch_size * devices:
            mirrored = ", mirror images counted," if self.samples > self.photo_count else ""
            each = f" on each of {devices} devices" if devices > 1 else ""
            raise UserError(
                f"{self.samples} photos{mirrored} are fewer than a batch of "
                f"{self.batch_size}{each}: add photos or set "
                f"batch_size={max(1, self.samples // devices // 2)}"
            )

    def train_dataloader(self) -> PlacedBlocks:
        """Serve sample numbers where the photos fit the device, else photos from host memory."""
        assert self.trainer is not None
        ranks = self.trainer.global_rank, self.trainer.world_size
        order = (self.samples, self.batch_size, self.steps_per_call, self.seed, *ranks)
        device = self.trainer.strategy.root_device
        if fits_in_memory(self.train.photos, device, self.memory_share):
            self.resident = self.train.photos.to(device)
            self.blocks = SampleBlocks(*order)
        else:
            self.blocks = HostBlocks(self.train.photos, *order)
        if self.place is not None:
            self.blocks.load_state_dict(self.place)
        return self.blocks

    @cached_property
    def digest(self) -> str:
        """A SHA-256 of the photos to train on, in their order."""
        return hashlib.sha256(self.train.photos.numpy().reshape(-1).data).hexdigest()

    def state_dict(self) -> dict[str, Any]:
        """The place in the samples, and what they are samples of.

        Lightning saves its loaders' places too, but forgets them where a run goes on at the start
        of an epoch.
        """
        if self.blocks is None:
            return {}
        photos = {"digest": self.digest, "count": self.photo_count, "mirror": self.mirror}
        return {**self.blocks.state_dict(), "photos": photos}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on at that place when training starts."""
        self.place = state_dict

    def go_on_at(self, epoch: int) -> None:
        """Go on at the start of ``epoch``, counted from 0, when training starts."""
        self.place = {"epoch": epoch, "position": 0, "samples_a_block": 0}

    def what_changed(self, saved: dict[str, Any]) -> str | None:
        """Say in how far the place in ``saved`` is none among these photos.

        Args:
            saved: what ``state_dict`` gave when a checkpoint was saved; empty where the photos
                came from another kind of source.

        Returns:
            What differs, in words; None where training can go on exactly there.
        """
        devices = 1 if self.trainer is None else self.trainer.world_size
        block = self.batch_size * self.steps_per_call * devices
        then, now = saved.get("photos"), self.photo_count
        seen = "" if self.held_out is None else "; of those held out some may have been trained on"
        if not saved:
            return f"photos come from another source ({now} now){seen}"
        if then is None and saved["position"]:
            return "the checkpoint was saved before checkpoints said which photos they are of"
        if then is None or then["digest"] == self.digest:
            if then is not None and then["mirror"] != self.mirror:
                return f"mirror images {'now' if self.mirror else 'no longer'} count as photos"
            if saved["position"] and saved["samples_a_block"] != block:
                return f"photos were dealt out {saved['samples_a_block']} at a time, now {block}"
            return None
        if then["count"] == now:
            return f"there are {now} photos as before, but not the same ones{seen}"
        return f"there were {then['count']} photos, and are {now}{seen}"

    def on_after_batch_transfer(self, block: Tensor, dataloader_idx: int) -> Tensor:
        """Turn sample numbers on the device into photos on the device."""
        return block if self.resident is None else gather(self.resident, block)


def fits_in_memory(photos: Tensor, device: torch.device, share: float) -> bool:
    """Say whether ``photos`` take at most ``share`` of the free memory of ``device``."""
    if device.type != "cuda":
        return True  # host memory is where they are
    free, _ = torch.cuda.mem_get_info(device)
    return photos.nbytes <= share * free


def first(photos: PhotoSet, limit: int | None) -> PhotoSet:
    """Keep the first ``limit`` photos by name; all for None."""
    if limit is None:
        return photos
    order = sorted(range(len(photos)), key=photos.names.__getitem__)
    return _chosen(photos, torch.tensor(sorted(order[:limit])))


def split(photos: PhotoSet, holdout: int) -> tuple[PhotoSet, PhotoSet | None]:
    """Set ``holdout`` photos apart, the same ones for every seed of a run.

    Photos that are copies of each other stay on one side; where no set of them comes out even, a
    few less are held out.

    Raises:
        UserError: when nothing would remain to train on, or to hold out.

    """
    if holdout == 0:
        return photos, None
    if holdout >= len(photos):
        raise UserError(
            f"data.holdout={holdout} leaves none of {len(photos)} photos to train on: lower it"
        )
    order = torch.randperm(len(photos), generator=torch.Generator().manual_seed(0))
    copies = defaultdict(list)
    for i in order.tolist():
        copies[photos.copy_of.get(photos.names[i], photos.names[i])].append(i)
    held_out: list[int] = []
    for together in copies.values():  # in the order of the first of each
        if len(held_out) + len(together) <= holdout:
            held_out += together
    if not held_out:
        fewest = min(map(len, copies.values()))
        if fewest == len(photos):
            raise UserError(
                f"data.holdout={holdout}: all {len(photos)} photos are copies of one, and none can "
                "be held out: set data.holdout=0, or add other photos"
            )
        raise UserError(
            f"data.holdout={holdout} is less than the copies of any photo, which stay together: "
            f"set data.holdout={fewest} or more"
        )
    train = sorted({*range(len(photos))} - {*held_out})
    return _chosen(photos, torch.tensor(train)), _chosen(photos, torch.tensor(sorted(held_out)))


def _chosen(photos: PhotoSet, indices: Tensor) -> PhotoSet:
    names = [photos.names[i] for i in indices.tolist()]
    return replace(photos, photos=photos.photos[indices], names=names)
