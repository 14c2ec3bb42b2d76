"""From one uint8 tensor of photos to blocks of batches, in the order the seed says.

An epoch is one pass over the photos and, with ``mirror``, their mirror images: sample ``i`` of
``count`` photos is photo ``i``, sample ``count + i`` its mirror image.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch
from torch import Tensor

from facade_gan.errors import UserError


def gather(photos: Tensor, samples: Tensor) -> Tensor:
    """Copy out samples: ``photos`` uint8 (N, 3, H, W), ``samples`` int64 (M,) below 2N.

    Returns:
        uint8 (M, 3, H, W) on the photos' device.

    """
    count = len(photos)
    chosen = photos[samples % count]
    mirrored = (samples >= count).view(-1, 1, 1, 1)
    return torch.where(mirrored, chosen.flip(-1), chosen)


def normalise(photos: Tensor) -> Tensor:
    """Map uint8 in [0, 255] to float32 in [-1, 1]."""
    return photos / 127.5 - 1


class PlacedBlocks(ABC):
    """Cuts the samples of one device in each epoch into blocks, and knows its place among them.

    A block holds ``steps_per_call`` batches, the last one of an epoch what is left. What is in the
    blocks is a pure function of seed, epoch and rank, so that ``state_dict`` needs no more than the
    place.

    Args:
        share: samples of this device in an epoch.
        batch_size: samples of a batch on one device.
        steps_per_call: batches of a block.
        seed: of the order.
        rank: which of the devices this is.
        world_size: how many devices share the epoch.

    """

    def __init__(
        self,
        share: int,
        batch_size: int,
        steps_per_call: int,
        seed: int,
        rank: int,
        world_size: int,
    ) -> None:
        self.share, self.seed = share, seed
        self.rank, self.world_size = rank, world_size
        self.block_size = batch_size * steps_per_call
        self.epoch = 0
        self.position = 0  # blocks of this epoch already served

    @abstractmethod
    def blocks(self, epoch: int, served: int) -> Iterable[Tensor]:
        """The blocks of ``epoch`` behind the first ``served``."""

    def __len__(self) -> int:
        return -(-self.share // self.block_size)

    def __iter__(self) -> Iterator[Tensor]:
        for block in self.blocks(self.epoch, self.position):
            # Before the block leaves: whoever saves the state has been given this block.
            self.position += 1
            if self.position == len(self):
                self.epoch, self.position = self.epoch + 1, 0
            yield block

    def state_dict(self) -> dict[str, Any]:
        """The place: epoch, blocks served in it, and how many samples all devices had of each."""
        together = self.block_size * self.world_size
        return {"epoch": self.epoch, "position": self.position, "samples_a_block": together}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on at a place that ``state_dict`` gave.

        Raises:
            UserError: for a place inside an epoch that was cut into other blocks.
        """
        check_place(state, self.block_size * self.world_size)
        self.epoch, self.position = state["epoch"], state["position"]


class SampleBlocks(PlacedBlocks):
    """Serves blocks of sample numbers, int64 (M,), of ``count`` samples in all.

    Each device gets its part of every batch; the other arguments are those of `PlacedBlocks`.
    """

    def __init__(
        self,
        count: int,
        batch_size: int,
        steps_per_call: int,
        seed: int,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        super().__init__(count // world_size, batch_size, steps_per_call, seed, rank, world_size)
        self.count = count

    def blocks(self, epoch: int, served: int) -> Iterable[Tensor]:
        """The blocks of ``epoch`` behind the first ``served``."""
        return self.order(epoch).split(self.block_size)[served:]

    def order(self, epoch: int) -> Tensor:
        """All samples of this rank in ``epoch``, int64, each sample of the set at most once."""
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
        order = torch.randperm(self.count, generator=generator)
        dealt = order[: self.share * self.world_size]
        return dealt[self.rank :: self.world_size].contiguous()


def check_place(state: dict[str, Any], samples_a_block: int) -> None:
    """Refuse a place inside an epoch whose blocks held another number of samples.

    There would be no such place here: the devices would see some samples twice and others never.

    Raises:
        UserError: says so.
    """
    before = state["samples_a_block"]
    if state["position"] and before != samples_a_block:
        raise UserError(
            f"the checkpoint was saved inside an epoch dealt out {before} samples at a time "
            f"(devices x batch_size x steps_per_call), and this run deals out {samples_a_block}: "
            "go on with the same numbers, or from a checkpoint saved at the end of an epoch"
        )


class HostBlocks(SampleBlocks):
    """Serves the same blocks as photos, uint8 (M, 3, H, W), gathered in host memory.

    For sets that do not fit the device: the next block is gathered, into pinned memory where there
    is a GPU, while the device works on this one.

    Args:
        photos: uint8 (N, 3, H, W); samples are theirs, and their mirror images'.
        order: the arguments of `SampleBlocks`.
    """

    def __init__(self, photos: Tensor, *order: int) -> None:
        super().__init__(*order)
        self.photos = photos

    def blocks(self, epoch: int, served: int) -> Iterator[Tensor]:
        """The blocks of ``epoch`` behind the first ``served``."""
        with ThreadPoolExecutor(1) as worker:
            ready = None
            for samples in super().blocks(epoch, served):
                following = worker.submit(self._gather, samples)
                if ready is not None:
                    yield ready.result()
                ready = following
            if ready is not None:
                yield ready.result()

    def _gather(self, samples: Tensor) -> Tensor:
        photos = gather(self.photos, samples)
        return photos.pin_memory() if torch.cuda.is_available() else photos
