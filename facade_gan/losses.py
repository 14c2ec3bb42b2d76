"""Adversarial losses of D's logits; some also penalise D's gradient.

A loss is a ``Loss`` with two methods: ``discriminator(real, fake)`` takes the logits (N,) of real
photos and of fakes, ``generator(fake)`` the logits of fakes; both return a scalar in float32. Two
more, which do nothing unless a loss overrides them, hand it the images and D itself.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

Judge = Callable[[Tensor], tuple[Tensor, ...]]
"""Augments images (N, 3, H, W) and gives their logits, (N,), in a tuple."""


class Loss(ABC):
    """What the step asks of a loss."""

    @abstractmethod
    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return D's loss of the logits (N,) of real photos and fakes."""

    @abstractmethod
    def generator(self, fake: Tensor, *references: Tensor) -> Tensor:
        """Return G's loss of the logits (N,) of its fakes, and of those of its ``references``."""

    def references(self, real: Tensor) -> tuple[Tensor, ...]:
        """Return the photos, of ``real`` (N, 3, H, W), that D also judges in G's step: none."""
        return ()

    def penalised(self, loss: Tensor, judge: Judge, real: Tensor, fake: Tensor) -> Tensor:
        """Return ``loss``, D's loss, with a penalty on D's gradient added: here unchanged.

        Args:
            loss: of ``discriminator``.
            judge: D behind the augmentation.
            real: photos (N, 3, H, W) in [-1, 1].
            fake: G's images of the same shape, cut off from G.
        """
        return loss


class BCE(Loss):
    """Binary cross-entropy, the chapter's loss: label 1 for real, 0 for fake, and 1 for G's fakes.

    Source: Goodfellow et al., "Generative Adversarial Nets", NeurIPS 2014, non-saturating form.
    """

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Sum of the loss on real photos against ones and on fakes against zeros."""
        return _bce(real, 1.0) + _bce(fake, 0.0)

    def generator(self, fake: Tensor, *references: Tensor) -> Tensor:
        """Loss of the fakes against ones: G wants them taken for real."""
        return _bce(fake, 1.0)


class Hinge(Loss):
    """Hinge loss: D stops pushing where a logit is beyond its margin of 1.

    Source: Lim, Ye, "Geometric GAN", 2017.
    """

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Mean shortfall of real logits below 1 and of fake ones above -1."""
        return F.relu(1 - real.float()).mean() + F.relu(1 + fake.float()).mean()

    def generator(self, fake: Tensor, *references: Tensor) -> Tensor:
        """Negative mean logit of the fakes."""
        return -fake.float().mean()


class R1(Loss):
    """Adds the penalty R1 to another loss: gamma / 2 times the mean of |dD/dx|^2 at photos.

    Where photos are few, D would otherwise learn them by heart as needles in a flat landscape, and
    G gets no slope to follow. Source: Mescheder et al., "Which Training Methods for GANs do
    actually Converge?", ICML 2018.

    Each step penalises the first photos of its batch, a ``share`` of them, at random as the batch
    is. That is the same on average as the whole batch in every 1/share-th step, which Karras et
    al., "Analyzing and Improving the Image Quality of StyleGAN", CVPR 2020, call lazy, and the same
    arithmetic, but all steps are alike: a CUDA graph holds them, and a resumed run counts nothing.

    Args:
        adversarial: the loss of logits.
        gamma: how strong the penalty is.
        share: of a batch, above 0 to 1; at least one photo.
    """

    def __init__(self, adversarial: Loss, gamma: float, share: float) -> None:
        self.adversarial, self.gamma, self.share = adversarial, gamma, share

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """As the adversarial loss."""
        return self.adversarial.discriminator(real, fake)

    def generator(self, fake: Tensor, *references: Tensor) -> Tensor:
        """As the adversarial loss."""
        return self.adversarial.generator(fake, *references)

    def references(self, real: Tensor) -> tuple[Tensor, ...]:
        """As the adversarial loss."""
        return self.adversarial.references(real)

    def penalised(self, loss: Tensor, judge: Judge, real: Tensor, fake: Tensor) -> Tensor:
        """Add the penalty at photos."""
        loss = self.adversarial.penalised(loss, judge, real, fake)
        return loss + self.gamma / 2 * steepness(judge, some(real, self.share))


class Relativistic(Loss):
    """A photo has to look more real than a fake, not real: pairs of logits are compared.

    With a penalty of D's steepness at photos and at fakes alike, R1 and R2. Source: Huang et al.,
    "The GAN is dead; long live the GAN! A Modern Baseline GAN", NeurIPS 2024; the pairing is
    Jolicoeur-Martineau's, "The relativistic discriminator", ICLR 2019.

    Args:
        gamma: how strong both penalties are; 0 for none.
        share: of a batch that is penalised, see ``R1``.
    """

    def __init__(self, gamma: float, share: float) -> None:
        self.gamma, self.share = gamma, share

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Loss of each photo's logit beside a fake's."""
        return F.softplus(fake.float() - real.float()).mean()

    def generator(self, fake: Tensor, *references: Tensor) -> Tensor:
        """Loss of each fake's logit beside a photo's."""
        (real,) = references
        return F.softplus(real.float() - fake.float()).mean()

    def references(self, real: Tensor) -> tuple[Tensor, ...]:
        """All photos."""
        return (real,)

    def penalised(self, loss: Tensor, judge: Judge, real: Tensor, fake: Tensor) -> Tensor:
        """Add both penalties."""
        if self.gamma == 0:
            return loss
        at_photos, at_fakes = (steepness(judge, some(x, self.share)) for x in (real, fake))
        return loss + self.gamma / 2 * (at_photos + at_fakes)


def some(images: Tensor, share: float) -> Tensor:
    """Take the first images of a batch, ``share`` of them and at least one."""
    return images[: max(1, round(share * len(images)))]


def steepness(judge: Judge, images: Tensor) -> Tensor:
    """Mean over ``images`` (N, 3, H, W) of |dD/dx|^2, the squared length of D's gradient.

    In float32 whatever the training's precision: squares of small numbers, differentiated twice.
    """
    images = images.detach().float().requires_grad_()
    # Nor by a compiled D: torch.compile differentiates once.
    eagerly = torch.compiler.set_stance("force_eager")
    with eagerly, torch.autocast(images.device.type, enabled=False):
        (logits,) = judge(images)
        (gradient,) = torch.autograd.grad(logits.sum(), images, create_graph=True)
        return gradient.square().sum((1, 2, 3)).mean()


def _bce(logits: Tensor, label: float) -> Tensor:
    # Softplus is fewer launches on a GPU, but rounds otherwise, and Adam's first steps, which go by
    # the signs of gradients, make that a difference of 1e-3 to the chapter's loop.
    logits = logits.float()
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))
