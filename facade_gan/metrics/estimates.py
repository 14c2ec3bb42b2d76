"""A figure over several sets of generated images, and how far it moves between them."""

import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from scipy.special import stdtrit
from torch import Tensor

from facade_gan.metrics.quality import Quality, Score


@dataclass(frozen=True)
class Estimate(Score):
    """A score's mean over several sets of fakes, and where its 95 % confidence interval lies.

    The interval is Student's, over the draws of fakes; the photos are what they are, so it does
    not say how the figure would move with other photos. None for a single draw.
    """

    draws: int
    low: float | None
    high: float | None


def evaluate(sets: Iterable[Tensor], quality: Quality) -> list[Estimate]:
    """Score each set of images, uint8 (N, 3, H, W), and sum the scores up."""
    scored = [quality.score(images, progress="Features of the images") for images in sets]
    return [estimate(scores) for scores in zip(*scored, strict=True)]


def estimate(scores: tuple[Score, ...]) -> Estimate:
    """Sum up one figure's values over draws."""
    values = [score.value for score in scores]
    mean, draws = statistics.fmean(values), len(values)
    low = high = None
    if draws > 1:
        half = float(stdtrit(draws - 1, 0.975)) * statistics.stdev(values) / draws**0.5
        low, high = mean - half, mean + half
    return Estimate(**{**asdict(scores[0]), "value": mean}, draws=draws, low=low, high=high)


def estimates_table(estimates: list[Estimate]) -> str:
    """Lay estimates out as text."""
    lines = [f"{'metric':<8}{'photos':<18}{'value':>9}   95 % interval"]
    for e in estimates:
        digits = 4 if e.metric == "kid" else 2
        interval = "" if e.low is None else f"   {e.low:.{digits}f} to {e.high:.{digits}f}"
        photos = f"{e.photos} {e.split}"
        lines.append(f"{e.metric.upper():<8}{photos:<18}{e.value:>9.{digits}f}{interval}")
    e = estimates[0]
    lines.append(f"features: {e.features}; {e.draws} sets of {e.fakes} generated images")
    return "\n".join(lines)
