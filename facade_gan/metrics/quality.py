"""KID and FID: how far generated images are from photos, in the eyes of a feature extractor."""

import warnings
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torchmetrics.image.kid import KernelInceptionDistance

from facade_gan.compute.device import full_float32
from facade_gan.errors import UserError
from facade_gan.metrics.features import Extractor, cached_features, extract

# torchmetrics gathers features from all ranks; here one rank measures alone, and would wait for
# the others for ever.
ALL_RANKS = False


@dataclass(frozen=True)
class Score:
    """One figure, with all that must be said beside it."""

    metric: str
    """``kid`` or ``fid``: lower is better; KID of indistinguishable sets is 0 on average."""
    value: float
    split: str
    """The photos it was measured against: ``train`` or ``held_out``."""
    features: str
    fakes: int
    photos: int


class Quality:
    """Scores sets of generated images against fixed splits of photos.

    The photos' features are computed once, here, and kept in ``cache``.

    Args:
        splits: uint8 photos (N, 3, H, W) by the split's name, at least 2 in each.
        extractor: what looks at the images.
        cache: the folder for the photos' features.

    Raises:
        UserError: where a split has fewer than 2 photos.

    """

    def __init__(self, splits: dict[str, Tensor], extractor: Extractor, cache: Path) -> None:
        for split, photos in splits.items():
            if len(photos) < 2:
                raise UserError(
                    f"metrics: {len(photos)} photo in {split}, at least 2 are needed; "
                    "raise data.holdout, or set it to 0 for no held-out photos"
                )
        self.extractor = extractor
        self.real = {
            split: cached_features(photos, extractor, cache, progress=f"Features of {split} photos")
            for split, photos in splits.items()
        }

    def score(self, fakes: Tensor, progress: str | None = None) -> list[Score]:
        """KID and FID of uint8 images (N, 3, H, W) against every split."""
        features = extract(fakes, self.extractor, progress)
        return [
            Score(
                metric,
                distance(features, real.to(features.device)),
                split,
                self.extractor.name,
                len(fakes),
                len(real),
            )
            for metric, distance in (("kid", kid_of_features), ("fid", fid_of_features))
            for split, real in self.real.items()
        ]


def kid_of_features(fake: Tensor, real: Tensor, subsets: int = 50, seed: int = 0) -> float:
    """Kernel Inception Distance between two (N, d) sets of features, at least 2 in each.

    The unbiased squared MMD under the kernel (x.y / d + 1)^3, averaged over random subsets as
    large as the smaller set allows, at most 1,000. Being unbiased it can fall a little below 0.
    What a subset takes depends on ``seed`` alone; the global generators are left as they were.

    Source: Binkowski et al., "Demystifying MMD GANs", ICLR 2018.
    """
    size = min(len(fake), len(real), 1000)
    with torch.random.fork_rng(devices=[]), full_float32(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*will save all extracted features in buffer")
        torch.default_generator.manual_seed(seed)  # torch.manual_seed would seed GPUs as well
        metric = KernelInceptionDistance(
            nn.Identity(), subsets=subsets, subset_size=size, sync_on_compute=ALL_RANKS
        )
        metric.update(real, real=True)
        metric.update(fake, real=False)
        return metric.compute()[0].item()


def fid_of_features(fake: Tensor, real: Tensor) -> float:
    """Frechet Inception Distance between two (N, d) sets of features, at least 2 in each.

    Biased upwards, the more the fewer the samples: compare figures of equal counts only.

    In float64, on the features' device. The trace of the root of A'A B'B, where A and B are the
    centred features, is the sum of the singular values of AB': the covariances themselves, and the
    eigenvalues of their product, which take seconds, are not needed.

    Source: Heusel et al., "GANs Trained by a Two Time-Scale Update Rule ...", NeurIPS 2017.
    """
    fake, real = fake.double(), real.double()
    a, b = _root_of_covariance(fake), _root_of_covariance(real)
    apart = (fake.mean(0) - real.mean(0)).square().sum()
    roots = torch.linalg.svdvals(a @ b.T).sum()
    return (apart + a.square().sum() + b.square().sum() - 2 * roots).item()


def _root_of_covariance(features: Tensor) -> Tensor:
    """Return a matrix R (at most d, d) for features (N, d), so that R'R is their covariance."""
    centred = (features - features.mean(0)) / (len(features) - 1) ** 0.5
    return torch.linalg.qr(centred, mode="r").R if len(centred) > centred.shape[1] else centred
