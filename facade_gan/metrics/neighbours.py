"""Is it a copy? Generated images beside the training photos closest to them.

A photo's mirror image counts as the photo, since training may show D both.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from matplotlib.figure import Figure
from scipy.stats import betabinom
from torch import Tensor

from facade_gan.data.copies import copies_among
from facade_gan.metrics.features import Extractor, cached_features, extract, resize

BLOCK = 128  # images whose distances to as many photos are in memory at once
RESIZED = 32  # photos resized at a time
NEAREST = 0.05  # the share of photos that lie closest to another photo


@dataclass(frozen=True)
class Closest:
    """For each of N images the closest photo, or a photo's mirror image."""

    photos: Tensor
    """uint8 (N, 3, H, W), mirrored where the mirror image is the closer one."""
    distances: Tensor
    """float32 (N,)."""
    among_photos: Tensor
    """float32 (P,): from each of the different photos to the closest other one of them. Far below
    these lie copies. Photos that are copies of others don't count: a few bursts in a set would
    bring the nearest 5 % to 0, and nothing could lie below."""

    @property
    def usual(self) -> float:
        """The median distance from a photo to the closest other photo."""
        return self.among_photos.median().item()

    @property
    def suspects(self) -> int:
        """How many images lie closer to a photo than all but the nearest 5 % of photos do."""
        return int((self.distances < self.among_photos.quantile(NEAREST)).sum())

    def verdict(self, trained_on: bool = True) -> str:
        """Say in words whether the images look like copies of photos.

        Where the generator was not ``trained_on`` these photos there is a count and no verdict:
        what it may have copied isn't here.

        New photos of the same kind would be among the suspects in some 5 of 100 cases. Copies are
        called where there are more than that by chance alone happens once in a hundred sets: the
        chance in which images they are, and in which photos the nearest 5 % were taken from. Few
        photos say little of where those 5 % end, so with them many more suspects are usual.
        """
        count, among = len(self.distances), f"of {len(self.among_photos)} photos"
        # The k-th nearest of P photos has a share of their kind nearer than it that is distributed
        # as Beta(k, P + 1 - k), and images nearer than it as the compound of both.
        photos, place = len(self.among_photos), 1 + NEAREST * (len(self.among_photos) - 1)
        expected = betabinom.ppf(0.99, count, place, photos + 1 - place)
        closer = f"{self.suspects} of {count} images lie closer to a photo than 95 % {among} do"
        if not trained_on:
            return f"Of these photos, not those of the training: {closer} to another photo."
        if self.suspects > expected:
            return f"Look for copies: {closer} to another photo; at most {expected:.0f} are usual."
        return f"No sign of copies: {closer} to another photo; up to {expected:.0f} are usual."


def closest_in_pixels(images: Tensor, photos: Tensor, different: Tensor | None = None) -> Closest:
    """By root mean square difference, in grey levels (0 to 255); all uint8 (N, 3, H, W).

    Images above 64 px are compared at 64 px, where a shift of one pixel matters less.
    ``different`` is as `different_among` gives it, which looks for it where it is None.
    """
    size = min(64, *photos.shape[-2:])
    scale = (3 * size * size) ** 0.5

    def flat(batch: Tensor, mirrored: bool = False) -> Tensor:
        rows = torch.empty(len(batch), 3 * size * size)
        # In parts: as float32, before they are smaller, the photos would take four times as much.
        for row, part in zip(rows.split(RESIZED), batch.split(RESIZED), strict=True):
            row.copy_(resize(part.flip(3) if mirrored else part, size).flatten(1) / scale)
        return rows

    return _closest(
        flat(images),
        flat(photos),
        lambda part: flat(photos[part], mirrored=True),
        photos,
        different,
    )


def closest_in_features(
    images: Tensor,
    photos: Tensor,
    extractor: Extractor,
    cache: Path,
    different: Tensor | None = None,
) -> Closest:
    """By Euclidean distance between features; the photos' own are kept in ``cache``.

    ``different`` is as for `closest_in_pixels`.
    """
    features, mirrored = (
        cached_features(p, extractor, cache, progress="Features of photos to compare with")
        for p in (photos, photos.flip(3))
    )
    query = extract(images, extractor).cpu()
    return _closest(query, features, mirrored.__getitem__, photos, different)


def different_among(photos: Tensor) -> Tensor:
    """Which of uint8 (N, 3, H, W) photos are no copies of an earlier one: bool (N,).

    For photos of which nobody has said it. Padded photos look alike by their bars.
    """
    copies = copies_among(photos, [str(number) for number in range(len(photos))])
    return torch.tensor([str(number) not in copies for number in range(len(photos))])


def _closest(
    query: Tensor,
    described: Tensor,
    mirrored: Callable[[slice], Tensor],
    photos: Tensor,
    different: Tensor | None,
) -> Closest:
    """Compare a block with a block: all distances at once would fill the memory.

    Args:
        query: the images, described by float32 (N, F).
        described: the photos, float32 (P, F).
        mirrored: describes the mirror images of some of the photos.
        photos: uint8 (P, 3, H, W).
        different: bool (P,), which photos are no copies of others; None where nobody knows.
    """
    different = different_among(photos) if different is None else different
    if different.sum() < 2:  # then there is no distance between different photos
        different = torch.ones_like(different)
    numbers = different.nonzero().flatten()
    distances = torch.full((len(query),), torch.inf)
    index = torch.zeros(len(query), dtype=torch.long)
    among = torch.full((len(photos),), torch.inf)
    for first in range(0, len(photos), BLOCK):
        block = slice(first, first + BLOCK)
        counted = torch.arange(len(photos))[block][different[block]]
        for offset, part in ((first, described[block]), (first + len(photos), mirrored(block))):
            candidates = part.double()
            for rows in torch.arange(len(query)).split(BLOCK):
                found = _distances(query[rows], candidates).min(1)
                closer = found.values < distances[rows]
                distances[rows[closer]] = found.values[closer]
                index[rows[closer]] = found.indices[closer] + offset
            for rows in numbers.split(BLOCK) if len(counted) else ():
                apart = _distances(described[rows], candidates[counted - first])
                apart[rows[:, None] == counted] = torch.inf  # a photo is no other photo
                among[rows] = torch.minimum(among[rows], apart.min(1).values)
    nearest = index % len(photos)
    shown = torch.where(
        (index < len(photos)).view(-1, 1, 1, 1), photos[nearest], photos[nearest].flip(3)
    )
    return Closest(shown, distances, among[numbers])


def _distances(rows: Tensor, candidates: Tensor) -> Tensor:
    """Between rows (N, F) and candidates, float64 (M, F): float32 (N, M)."""
    # In float64: matrix products lose small distances, and those are what matters here.
    return torch.cdist(rows.double(), candidates, compute_mode="use_mm_for_euclid_dist").float()


def neighbours_figure(
    fakes: Tensor,
    photos: Tensor,
    extractor: Extractor,
    cache: Path,
    columns: int = 8,
    different: Tensor | None = None,
    trained_on: bool = True,
) -> tuple[Figure, str]:
    """Show the ``columns`` fakes most like a training photo, of all given, with their neighbours.

    Most like one by either distance, as a share of what is usual between photos: features see
    through shifts, pixels through blur. Rows: the generated image, the closest photo in features,
    the closest in pixels; each with its distance. ``fakes`` and ``photos`` are uint8
    (N, 3, H, W), at least 2 photos; ``different`` says which photos are no copies of others, bool
    (N,), and is found by their looks where it is None. ``trained_on`` says whether these are the
    photos of the training.

    Returns:
        The figure, and the verdict on all fakes in words. It goes by features: in pixels noise
        would look like a copy, as it lies close to every grey photo.
    """
    different = different_among(photos) if different is None else different
    in_features = closest_in_features(fakes, photos, extractor, cache, different)
    in_pixels = closest_in_pixels(fakes, photos, different)
    shares = [closest.distances / closest.usual for closest in (in_features, in_pixels)]
    chosen = torch.minimum(*shares).argsort()[:columns]
    rows = [
        ("generated", fakes[chosen], None),
        ("closest photo\nin features", in_features.photos[chosen], in_features.distances[chosen]),
        ("closest photo\nin pixels", in_pixels.photos[chosen], in_pixels.distances[chosen]),
    ]
    verdict = in_features.verdict(trained_on)
    kind = "training photos" if trained_on else "photos, not those of the training,"
    height, width = photos.shape[-2:]
    rows_high = 6.2 + 4.8 * (height / width - 1)
    figure = Figure(figsize=(1.6 * columns + 1, rows_high), layout="constrained")
    figure.suptitle(
        f"The {len(chosen)} of {len(fakes)} generated images most like one of {len(photos)} "
        f"{kind} or its mirror image\nUsual distance between two photos that are "
        f"neighbours: {in_features.usual:.2f} in features ({extractor.name}), "
        f"{in_pixels.usual:.1f} grey levels\n{verdict}",
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
    return figure, verdict
