"""Adversarial losses of logits.

Each loss has two methods. ``discriminator(real, fake)`` takes the logits (N,) of real photos and of
fakes, ``generator(fake)`` the logits of fakes; both return a scalar in float32.
"""

from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F


class Loss(Protocol):
    """What the step needs of a loss."""

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return D's loss of the logits (N,) of real photos and fakes."""

    def generator(self, fake: Tensor) -> Tensor:
        """Return G's loss of the logits (N,) of its fakes."""


class BCE:
    """Binary cross-entropy, the chapter's loss: label 1 for real, 0 for fake, and 1 for G's fakes.

    Source: Goodfellow et al., "Generative Adversarial Nets", NeurIPS 2014, non-saturating form.
    """

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Sum of the loss on real photos against ones and on fakes against zeros."""
        return _bce(real, torch.ones_like(real)) + _bce(fake, torch.zeros_like(fake))

    def generator(self, fake: Tensor) -> Tensor:
        """Loss of the fakes against ones: G wants them taken for real."""
        return _bce(fake, torch.ones_like(fake))


class Hinge:
    """Hinge loss: D stops pushing where a logit is beyond its margin of 1.

    Source: Lim, Ye, "Geometric GAN", 2017.
    """

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Mean shortfall of real logits below 1 and of fake ones above -1."""
        return F.relu(1 - real.float()).mean() + F.relu(1 + fake.float()).mean()

    def generator(self, fake: Tensor) -> Tensor:
        """Negative mean logit of the fakes."""
        return -fake.float().mean()


def _bce(logits: Tensor, labels: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits.float(), labels.float())
