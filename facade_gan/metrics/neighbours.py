"""Is it a copy? Generated images beside the training photos closest to them.

A photo's mirror image counts as the photo, since training may show D both.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from matplotlib.figure import Figure
from scipy.stats import binom
from torch import Tensor

from facade_gan.metrics.features import Extractor, cached_features, extract, resize

BLOCK = 256  # rows of distances that are in memory at once
NEAREST = 0.05  # the share of photos that lie closest to another photo


@dataclass(frozen=True)
class Closest:
    """For each of N images the closest photo, or a photo's mirror image."""

    photos: Tensor
    """uint8 (N, 3, H, W), mirrored where the mirror image is the closer one."""
    distances: Tensor
    """float32 (N,)."""
    among_photos: Tensor
    """float32 (P,): from each photo to the closest other photo. Far below these lie copies."""

    @property
    def usual(self) -> float:
        """The median distance from a photo to the closest other photo."""
        return self.among_photos.median().item()

    @property
    def suspects(self) -> int:
        """How many images lie closer to a photo than all but the nearest 5 % of photos do."""
        return int((self.distances < self.among_photos.quantile(NEAREST)).sum())

    def verdict(self) -> str:
        """Say in words whether the images look like copies of photos.

        New photos of the same kind would be among the suspects in 5 of 100 cases. Copies are
        called where there are more than that by chance alone happens once in a hundred sets.
        """
        count, among = len(self.distances), f"of {len(self.among_photos)} photos"
        expected = binom.ppf(0.99, count, NEAREST)
        closer = f"{self.suspects} of {count} images lie closer to a photo than 95 % {among} do"
        if self.suspects > expected:
            return f"Look for copies: {closer} to another photo; at most {expected:.0f} are usual."
        return f"No sign of copies: {closer} to another photo; up to {expected:.0f} are usual."


def closest_in_pixels(images: Tensor, photos: Tensor) -> Closest:
    """By root mean square difference, in grey levels (0 to 255); all uint8 (N, 3, H, W).

    Images above 64 px are compared at 64 px, where a shift of one pixel matters less.
    """
    size = min(64, *photos.shape[-2:])
    scale = (3 * size * size) ** 0.5
    query, pixels, mirrored = (
        resize(batch, size).flatten(1) / scale for batch in (images, photos, photos.flip(3))
    )
    return _closest(query, pixels, mirrored, photos)


def closest_in_features(
    images: Tensor, photos: Tensor, extractor: Extractor, cache: Path
) -> Closest:
    """By Euclidean distance between features; the photos' own are kept in ``cache``."""
    features, mirrored = (
        cached_features(p, extractor, cache, progress="Features of photos to compare with")
        for p in (photos, photos.flip(3))
    )
    return _closest(extract(images, extractor).cpu(), features, mirrored, photos)


def _closest(query: Tensor, photos: Tensor, mirrored: Tensor, images: Tensor) -> Closest:
    candidates = torch.cat([photos, mirrored]).double()
    distances, index = _nearest(query, candidates)
    nearest = index % len(photos)
    shown = torch.where(
        (index < len(photos)).view(-1, 1, 1, 1), images[nearest], images[nearest].flip(3)
    )
    return Closest(shown, distances, _nearest(photos, candidates, among=len(photos))[0])


def _nearest(rows: Tensor, candidates: Tensor, among: int = 0) -> tuple[Tensor, Tensor]:
    """Find the nearest candidate of each row: distances float32 (N,), and which, int64 (N,).

    ``BLOCK`` rows at a time: all distances at once would fill the memory.

    Args:
        rows: (N, F).
        candidates: float64 (M, F).
        among: where not 0 the rows are the first of the candidates, and again the ones so many
            further on; neither counts.
    """
    found = []
    for first in range(0, len(rows), BLOCK):
        part = rows[first : first + BLOCK].double()
        # In float64: matrix products lose small distances, and those are what matters here.
        apart = torch.cdist(part, candidates, compute_mode="use_mm_for_euclid_dist").float()
        if among:
            itself = torch.arange(len(part))
            apart[itself, first + itself] = apart[itself, first + itself + among] = torch.inf
        found.append(apart.min(1))
    return torch.cat([f.values for f in found]), torch.cat([f.indices for f in found])


def neighbours_figure(
    fakes: Tensor, photos: Tensor, extractor: Extractor, cache: Path, columns: int = 8
) -> tuple[Figure, str]:
    """Show the ``columns`` fakes most like a training photo, of all given, with their neighbours.

    Most like one by either distance, as a share of what is usual between photos: features see
    through shifts, pixels through blur. Rows: the generated image, the closest photo in features,
    the closest in pixels; each with its distance. ``fakes`` and ``photos`` are uint8
    (N, 3, H, W), at least 2 photos.

    Returns:
        The figure, and the verdict on all fakes in words. It goes by features: in pixels noise
        would look like a copy, as it lies close to every grey photo.
    """
    in_features = closest_in_features(fakes, photos, extractor, cache)
    in_pixels = closest_in_pixels(fakes, photos)
    shares = [closest.distances / closest.usual for closest in (in_features, in_pixels)]
    chosen = torch.minimum(*shares).argsort()[:columns]
    rows = [
        ("generated", fakes[chosen], None),
        ("closest photo\nin features", in_features.photos[chosen], in_features.distances[chosen]),
        ("closest photo\nin pixels", in_pixels.photos[chosen], in_pixels.distances[chosen]),
    ]
    height, width = photos.shape[-2:]
    rows_high = 6.2 + 4.8 * (height / width - 1)
    figure = Figure(figsize=(1.6 * columns + 1, rows_high), layout="constrained")
    figure.suptitle(
        f"The {len(chosen)} of {len(fakes)} generated images most like one of {len(photos)} "
        "training photos or its mirror image\nUsual distance between two photos that are "
        f"neighbours: {in_features.usual:.2f} in features ({extractor.name}), "
        f"{in_pixels.usual:.1f} grey levels\n{in_features.verdict()}",
        fontsize=9,
    )
    axes = figure.subplots(len(rows), len(chosen), squeeze=False)
    for row, (label, images, distances) in zip(axes, rows, strict=True):
        row[0].set_ylabel(label, fontsize=9)
        for column, axis in enumerate(row):
            axis.imshow(images[column].permute(1, 2, 0).numpy())
            axis.set(xticks=[], yticks=[])
            if distances is not None:
                axis.set_xlabel(f"{distances[column]:.2f}", fontsize=8)
    return figure, in_features.verdict()
