"""The DCGAN of the book chapter, for every image size of `facade_gan.image_size`.

Source: Radford, Metz, Chintala, "Unsupervised Representation Learning with Deep Convolutional
Generative Adversarial Networks", ICLR 2016.
"""

from functools import partial
from itertools import pairwise
from typing import Literal

from torch import Tensor, nn

from facade_gan.image_size import ImageSize, base_map, doublings, plain
from facade_gan.networks.batch_deviation import BatchDeviation
from facade_gan.networks.batch_norm import BatchNorm2d
from facade_gan.networks.spectral_norm import SpectralConv2d


class DCGANGenerator(nn.Module):
    """Noise (N, latent_dim, 1, 1) to images (N, 3, H, W) in [-1, 1].

    At 64 pixels and ``channels=64`` the widths are the chapter's: 512, 256, 128, 64.

    Args:
        image_size: pixels, one number or ``[height, width]``; see `facade_gan.image_size`.
        latent_dim: length of the noise vector.
        channels: width of the last hidden stage; each stage before it is twice as wide, to at
            most 512.
    """

    def __init__(self, image_size: ImageSize, latent_dim: int, channels: int) -> None:
        super().__init__()
        self.arguments = {
            "image_size": plain(image_size),
            "latent_dim": latent_dim,
            "channels": channels,
        }
        self.image_size, self.latent_dim = plain(image_size), latent_dim
        widths = stage_widths(image_size, channels)[::-1]
        layers: list[nn.Module] = [
            nn.ConvTranspose2d(latent_dim, widths[0], base_map(image_size), 1, 0, bias=False),
            BatchNorm2d(widths[0]),
            nn.ReLU(True),
        ]
        for wide, narrow in pairwise(widths):
            layers += [
                nn.ConvTranspose2d(wide, narrow, 4, 2, 1, bias=False),
                BatchNorm2d(narrow),
                nn.ReLU(True),
            ]
        layers += [nn.ConvTranspose2d(widths[-1], 3, 4, 2, 1, bias=False), nn.Tanh()]
        self.layers = nn.Sequential(*layers)
        self.apply(init_normal)

    def forward(self, z: Tensor) -> Tensor:
        """Generate images (N, 3, H, W) in [-1, 1] from noise ``z`` (N, latent_dim, 1, 1)."""
        return self.layers(z)

    def stages_by_name(self) -> dict[str, nn.Module]:
        """Name what makes each map, counted from the base map, and the image."""
        *maps, image = _from_convolution_to_convolution(self.layers)
        names = ["base map", *(f"map {i}" for i in range(1, len(maps)))]
        return {**dict(zip(names, maps, strict=True)), f"image from map {len(maps) - 1}": image}


class DCGANDiscriminator(nn.Module):
    """Images (N, 3, H, W) to one logit each, (N, 1, 1, 1).

    Args:
        image_size: pixels, one number or ``[height, width]``; see `facade_gan.image_size`.
        channels: width of the first stage; each stage after it is twice as wide, to at most 512.
        norm: "batch" as in the chapter, or "none".
        spectral: what each weight's largest singular value is brought to (Miyato et al., "Spectral
            Normalization for Generative Adversarial Networks", ICLR 2018); None lets it be.
        deviation_group: how many images are compared, see ``batch_deviation.py``; None for none, as
            in checkpoints that say nothing of it.
    """

    def __init__(
        self,
        image_size: ImageSize,
        channels: int,
        norm: Literal["batch", "none"],
        spectral: float | None,
        deviation_group: int | None = None,
    ) -> None:
        super().__init__()
        self.arguments = {
            "image_size": plain(image_size),
            "channels": channels,
            "norm": norm,
            "spectral": spectral,
            "deviation_group": deviation_group,
        }
        self.image_size = plain(image_size)
        self.judged_together = None if norm == "batch" else deviation_group or 1
        conv = nn.Conv2d if spectral is None else partial(SpectralConv2d, norm=spectral)
        widths = stage_widths(image_size, channels)
        layers: list[nn.Module] = [
            conv(3, widths[0], 4, 2, 1, bias=False),
            nn.LeakyReLU(0.2, True),
        ]
        for narrow, wide in pairwise(widths):
            # A bias before a batch norm would be taken out again by it.
            layers += [conv(narrow, wide, 4, 2, 1, bias=norm == "none")]
            layers += [BatchNorm2d(wide)] if norm == "batch" else []
            layers += [nn.LeakyReLU(0.2, True)]
        layers += [conv(widths[-1], 1, base_map(image_size), 1, 0, bias=False)]
        self.layers = nn.Sequential(*layers)
        self.deviation = None if deviation_group is None else BatchDeviation(deviation_group)
        self.apply(init_normal)

    def forward(self, images: Tensor) -> Tensor:
        """Judge ``images`` (N, 3, H, W) in [-1, 1]: logits (N, 1, 1, 1), positive for real."""
        if self.deviation is None:
            return self.layers(images)
        maps = self.layers[:-1](images)
        return self.deviation(self.layers[-1](maps), maps)

    def stages_by_name(self) -> dict[str, nn.Module]:
        """Name what makes each map, counted from the base map, and the logit."""
        image, *maps, logit = _from_convolution_to_convolution(self.layers)
        names = [f"map {i}" for i in reversed(range(len(maps)))]
        stages = dict(zip(names, maps, strict=True))
        compared = {} if self.deviation is None else {"deviation": self.deviation}
        return {f"map {len(maps)} from image": image, **stages, "logit": logit, **compared}


def _from_convolution_to_convolution(layers: nn.Sequential) -> list[nn.Sequential]:
    """Cut the layers into stages, each a convolution and what follows it."""
    stages: list[list[nn.Module]] = []
    for layer in layers:
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            stages.append([])
        stages[-1].append(layer)
    return [nn.Sequential(*stage) for stage in stages]


def stage_widths(image_size: ImageSize, finest: int) -> list[int]:
    """Widths of the hidden stages, the finest map's first: doubled until 512 (or ``finest``)."""
    return [min(finest * 2**i, max(512, finest)) for i in range(doublings(image_size))]


def init_normal(module: nn.Module) -> None:
    """Sample a layer's weights as DCGAN does: N(0, 0.02); batch norm N(1, 0.02), its bias 0."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)
