"""What every source of photos hands on: one uint8 tensor and the names behind it."""

from dataclasses import dataclass, field

from torch import Tensor

# What decoding does to some photos, and what it found where it was to turn their fronts.
CHANGES = ("turned", "profile", "rectified", "upright", "unclear")


@dataclass(frozen=True)
class LeftOut:
    """A file that was not used, and why, in words for the user."""

    name: str
    reason: str
    passing: bool = field(default=False, compare=False)
    """Whether the file may be usable the next time, see `PassingTrouble`."""


@dataclass
class PhotoSet:
    """Decoded photos of one size.

    ``photos`` is uint8 (N, 3, H, W), contiguous, RGB, on the CPU; ``names[i]`` says where
    ``photos[i]`` comes from; ``left_out`` lists the files that could not be used;
    ``copy_of`` has the names of photos that are copies, and of the first photo they are copies of;
    ``changes`` has the names of photos that decoding changed, and how, of `CHANGES`.
    """

    photos: Tensor
    names: list[str]
    left_out: list[LeftOut] = field(default_factory=list)
    copy_of: dict[str, str] = field(default_factory=dict)
    changes: dict[str, list[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.photos)


class UnusablePhoto(Exception):
    """Why a file is not used. What stands before a colon names the kind, what follows details."""


class PassingTrouble(UnusablePhoto):
    """As above, where the cause is not in the file: a disk, memory, a decoder not installed."""
