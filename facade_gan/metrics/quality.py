"""KID and FID between two sets of images, or of their features."""

import warnings

import torch
from torch import Tensor, nn
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.kid import KernelInceptionDistance

from facade_gan.metrics.features import EfficientNetLite0, extract


class _AsIs(nn.Module):
    """Stands where torchmetrics expects a network: the features are there already."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.num_features = num_features

    def forward(self, features: Tensor) -> Tensor:
        return features


def kid_of_features(fake: Tensor, real: Tensor, subsets: int = 50, seed: int = 0) -> float:
    """Unbiased Kernel Inception Distance (Binkowski et al., ICLR 2018) between two (N, d) sets.

    The mean over ``subsets`` random subsets of both, each as large as the smaller set allows, at
    most 1,000. 0 is indistinguishable; being unbiased, it can fall a little below. Which samples
    a subset takes depends on ``seed`` alone, and the global generators are left as they were.
    """
    size = min(len(fake), len(real), 1000)
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        warnings.filterwarnings("ignore", message="Metric `Kernel Inception Distance`")
        torch.default_generator.manual_seed(seed)  # not torch.manual_seed: it seeds GPUs as well
        metric = KernelInceptionDistance(_AsIs(fake.shape[1]), subsets=subsets, subset_size=size)
        metric.update(real.float(), real=True)
        metric.update(fake.float(), real=False)
        return metric.compute()[0].item()


def fid_of_features(fake: Tensor, real: Tensor) -> float:
    """Frechet Inception Distance (Heusel et al., NeurIPS 2017) between two (N, d) sets.

    Biased: it falls as the sets grow, so compare figures of equal sample counts only.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Metric `FrechetInceptionDistance`")
        metric = FrechetInceptionDistance(_AsIs(fake.shape[1]))
        metric.update(real.float(), real=True)
        metric.update(fake.float(), real=False)
        return metric.compute().item()


def kid(fake: Tensor, real: Tensor, extractor: nn.Module | None = None, seed: int = 0) -> float:
    """KID between two sets of uint8 images (N, 3, S, S), by default on EfficientNet features."""
    extractor = extractor or EfficientNetLite0()
    return kid_of_features(extract(fake, extractor), extract(real, extractor), seed=seed)
