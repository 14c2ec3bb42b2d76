"""Photos of noise: what is in them makes no difference to the time of a step."""

import torch
from torch import Tensor

from facade_gan.data.module import FacadeData
from facade_gan.data.photoset import PhotoSet
from facade_gan.image_size import ImageSize, sides


def noise_photos(count: int, image_size: ImageSize) -> Tensor:
    """Sample ``count`` photos, uint8 (count, 3, H, W)."""
    return torch.randint(0, 256, (count, 3, *sides(image_size)), dtype=torch.uint8)


class NoiseData(FacadeData):
    """Serves ``photos`` as the project's data modules serve theirs.

    Args:
        photos: uint8 (N, 3, H, W).
        settings: those of `FacadeData`.
    """

    def __init__(self, photos: Tensor, **settings: int) -> None:
        super().__init__(
            **settings,
            holdout=0,
            limit=None,
            memory_share=0.5,
            seed=0,
            mirror=False,  # type: ignore[arg-type]
        )
        self.photos = photos

    def load(self) -> PhotoSet:
        """Hand the photos on."""
        return PhotoSet(self.photos, [f"{i:06d}" for i in range(len(self.photos))])
