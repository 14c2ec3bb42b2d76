"""A light generator for few photos, after FastGAN.

Source: Liu et al., "Towards Faster and Stabilized GAN Training for High-fidelity Few-shot Image
Synthesis", ICLR 2021: gated convolutions after nearest upsampling, and skip-layer excitation.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from facade_gan.image_size import ImageSize, base_map, doublings, plain
from facade_gan.networks.batch_norm import BatchNorm2d


class LightweightGenerator(nn.Module):
    """Noise (N, latent_dim, 1, 1) to images (N, 3, H, W) in [-1, 1].

    Args:
        image_size: pixels, one number or ``[height, width]``; see `facade_gan.image_size`.
        latent_dim: length of the noise vector.
        channels: widths of the base map and of each doubled one (of 4, 8, 16, ... pixels, at 64);
            what the image size does not need is left away, what it lacks repeats the last.
    """

    def __init__(self, image_size: ImageSize, latent_dim: int, channels: list[int]) -> None:
        super().__init__()
        stages = doublings(image_size)
        widths = [channels[min(i, len(channels) - 1)] for i in range(stages + 1)]
        self.arguments = {
            "image_size": plain(image_size),
            "latent_dim": latent_dim,
            "channels": widths,
        }
        self.image_size, self.latent_dim = plain(image_size), latent_dim
        self.first = nn.Sequential(
            nn.ConvTranspose2d(latent_dim, 2 * widths[0], base_map(image_size), 1, 0, bias=False),
            BatchNorm2d(2 * widths[0]),
            GatedLinearUnit(),
        )
        self.stages = nn.ModuleList(
            nn.Sequential(UpsampleConv(a, 2 * b), BatchNorm2d(2 * b), GatedLinearUnit())
            for a, b in pairwise(widths)
        )
        # The base map gates the one doubled three times, the next map the next, and so on.
        self.gates = nn.ModuleList(
            SkipLayerExcitation(widths[i], widths[i + 3]) for i in range(stages - 2)
        )
        self.to_rgb = nn.Conv2d(widths[-1], 3, 3, 1, 1)

    def forward(self, z: Tensor) -> Tensor:
        """Generate images (N, 3, H, W) in [-1, 1] from noise ``z`` (N, latent_dim, 1, 1)."""
        maps = [self.first(z)]
        for i, stage in enumerate(self.stages):
            x = stage(maps[-1])
            if i >= 2:
                x = self.gates[i - 2](maps[i - 2], x)
            maps.append(x)
        return torch.tanh(self.to_rgb(maps[-1]))

    def stages_by_name(self) -> dict[str, nn.Module]:
        """Name what makes each map, counted from the base map, and what gates and ends them."""
        return {
            "base map": self.first,
            **{f"map {i}": stage for i, stage in enumerate(self.stages, 1)},
            **{f"gate of map {i}": gate for i, gate in enumerate(self.gates, 3)},
            f"image from map {len(self.stages)}": self.to_rgb,
        }


class UpsampleConv(nn.Module):
    """Nearest upsampling by 2, then a 3x3 convolution, (N, C, H, W) to (N, D, 2H, 2W).

    Computed as the one transposed convolution it equals: 16 taps on the small map instead of 9 on
    the map four times as large, hence less than half the arithmetic.
    """

    meetings: Tensor

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(in_channels, out_channels, 3, 3))
        nn.init.normal_(self.weight, 0.0, (in_channels * 9) ** -0.5)
        # Along one side: of the 3 taps, which fall on the same small pixel, for each of 4 offsets.
        side = torch.tensor([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [0.0, 0.0, 1.0]])
        self.register_buffer("meetings", torch.kron(side, side), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Double the side of ``x``."""
        return F.conv_transpose2d(x, self.merged(), stride=2, padding=1)

    def merged(self) -> Tensor:
        """Return the 4x4 kernel, float32 (C, D, 4, 4): a tap sums those that meet on one pixel."""
        with torch.autocast(self.weight.device.type, enabled=False):
            # As (C, taps, D), the channels last, so that the sums run over whole rows of channels.
            taps = self.weight.permute(0, 2, 3, 1).flatten(1, 2)
            return (self.meetings @ taps).unflatten(1, (4, 4)).permute(0, 3, 1, 2)


class GatedLinearUnit(nn.Module):
    """One half of the channels, gated by the other: (N, 2C, H, W) to (N, C, H, W).

    ``nn.GLU`` computes the same; its gradient leaves the channels-last layout, which makes the
    batch norm before it several times slower on a CPU. The gate is copied together, as the sigmoid
    of strided bf16 numbers is as much slower.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return the first half of the channels, scaled by the sigmoid of the second."""
        value, gate = x.chunk(2, dim=1)
        return value * torch.sigmoid(gate.clone())


class SkipLayerExcitation(nn.Module):
    """Gate the channels of a fine map by a coarse one, of any sizes."""

    def __init__(self, coarse_channels: int, fine_channels: int) -> None:
        super().__init__()
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(4),
            nn.Conv2d(coarse_channels, fine_channels, 4, bias=False),
            nn.SiLU(),
            nn.Conv2d(fine_channels, fine_channels, 1, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        """Return ``fine`` (N, D, H, W), each channel scaled by 0 to 1 as ``coarse`` says."""
        return fine * self.gate(coarse)
