import copy
from collections.abc import Callable

import pytest
import torch
from conftest import TINY
from hydra.utils import instantiate
from omegaconf import DictConfig
from torch import Tensor, nn
from torch.nn import functional as F

from facade_gan.augment import DiffAugment
from facade_gan.compute.fast_convolutions import Shorter
from facade_gan.losses import BCE, R1, Hinge, Loss, Relativistic, steepness
from facade_gan.networks import DCGANDiscriminator

REAL = torch.tensor([2.0, -0.5, 0.3, 1.5])
FAKE = torch.tensor([-3.0, 0.2, 1.7, -0.9])


def test_bce_is_the_mean_negative_log_likelihood_of_the_labels() -> None:
    p_real, p_fake = REAL.double().sigmoid(), FAKE.double().sigmoid()
    expected = -p_real.log().mean() - (1 - p_fake).log().mean()

    assert BCE().discriminator(REAL, FAKE).item() == pytest.approx(expected.item(), abs=1e-6)
    assert BCE().generator(FAKE).item() == pytest.approx(-p_fake.log().mean().item(), abs=1e-6)


def test_hinge_counts_only_logits_inside_the_margin() -> None:
    # real: 0, 1.5, 0.7, 0 missing to 1; fake: 0, 1.2, 2.7, 0.1 above -1
    assert Hinge().discriminator(REAL, FAKE).item() == pytest.approx(2.2 / 4 + 4.0 / 4)
    assert Hinge().generator(FAKE).item() == pytest.approx(-FAKE.mean().item())


@pytest.mark.parametrize("loss", [BCE(), Hinge()])
def test_descending_the_losses_separates_d_and_brings_g_closer(loss: Loss) -> None:
    real, fake = REAL.clone().requires_grad_(), FAKE.clone().requires_grad_()
    loss.discriminator(real, fake).backward()
    assert (real.grad <= 0).all() and (real.grad < 0).any()  # real logits are to rise
    assert (fake.grad >= 0).all() and (fake.grad > 0).any()  # fake logits are to fall

    fake.grad = None
    loss.generator(fake).backward()
    assert (fake.grad < 0).all()  # and G wants them to rise


@pytest.mark.parametrize("loss", [BCE(), Hinge()])
def test_bf16_logits_give_a_float32_loss(loss: Loss) -> None:
    real, fake = REAL.bfloat16(), FAKE.bfloat16()
    assert loss.discriminator(real, fake).dtype == torch.float32
    assert loss.generator(fake).dtype == torch.float32
    exact = loss.discriminator(real.float(), fake.float())
    torch.testing.assert_close(loss.discriminator(real, fake), exact)


@pytest.mark.parametrize("logit", [-1e4, 1e4])
def test_bce_stays_finite_where_a_sigmoid_would_round_to_0_or_1(logit: float) -> None:
    logits = torch.full((4,), logit, requires_grad=True)
    loss = BCE().discriminator(logits, logits)
    loss.backward()
    assert loss.item() == pytest.approx(1e4)
    assert logits.grad.isfinite().all()


# ---------------------------------------------------------------------- losses of more than logits


def test_relativistic_compares_each_photo_with_a_fake() -> None:
    loss = Relativistic(gamma=0.0, share=1.0)
    margin = REAL.double() - FAKE.double()
    expected = -margin.sigmoid().log().mean()
    assert loss.discriminator(REAL, FAKE).item() == pytest.approx(expected.item(), abs=1e-6)
    expected = -(-margin).sigmoid().log().mean()
    assert loss.generator(FAKE, REAL).item() == pytest.approx(expected.item(), abs=1e-6)


@pytest.mark.parametrize("spectral", [None, 2.0])
@pytest.mark.parametrize("size", [32, 64])
def test_the_penalty_and_its_gradient_are_those_of_finite_differences_in_float64(
    size: int, spectral: float | None
) -> None:
    torch.manual_seed(0)
    # 128 channels from the second stage on: Winograd's way is taken, too.
    d = DCGANDiscriminator(size, channels=64, norm="none", spectral=spectral)
    d.to(memory_format=torch.channels_last).eval()  # u and v stand still for the reference
    scale = 10 if spectral is None else 1  # DCGAN's first weights make D nearly flat
    with torch.no_grad():
        for weight in d.parameters():
            weight.mul_(scale)
    images = torch.rand(8, 3, size, size) * 2 - 1

    with Shorter():
        penalty = steepness(lambda x: (d(x).flatten(),), images)
        gradients = torch.autograd.grad(penalty, list(d.parameters()))

    exact = copy.deepcopy(d).double()
    assert penalty.item() == pytest.approx(slope(exact, images.double()), rel=1e-3)
    direction = [torch.randn_like(weight).double() * weight.std() for weight in gradients]
    ours = sum((a.double() * b).sum().item() for a, b in zip(gradients, direction, strict=True))
    assert ours == pytest.approx(along(exact, images.double(), direction), rel=5e-3)


def test_the_penalty_differentiates_translation_and_a_sharpening_spectral_norm_twice() -> None:
    torch.manual_seed(0)
    d = DCGANDiscriminator(32, channels=8, norm="none", spectral=2.0).train()
    images, move = torch.rand(4, 3, 32, 32) * 2 - 1, DiffAugment(["translation"])
    torch.manual_seed(1)
    penalty = steepness(lambda x: (d(move(x)).flatten(),), images)
    gradients = torch.autograd.grad(penalty, list(d.parameters()))

    # In eval mode sigma is u W v, with the u and v that training left; translation by slices.
    exact, x = copy.deepcopy(d).double().eval(), images.double().requires_grad_()
    torch.manual_seed(1)
    shifts = (torch.rand(2, 4, 1, 1, 1).flatten(1) * 9).long().T.tolist()
    padded = F.pad(x, (4, 4, 4, 4))
    moved = [padded[i, :, a : a + 32, b : b + 32] for i, (a, b) in enumerate(shifts)]
    (slopes,) = torch.autograd.grad(exact(torch.stack(moved)).sum(), x, create_graph=True)
    expected = slopes.square().sum((1, 2, 3)).mean()
    assert penalty.item() == pytest.approx(expected.item(), rel=1e-4)
    for ours, theirs in zip(
        gradients, torch.autograd.grad(expected, list(exact.parameters())), strict=True
    ):
        torch.testing.assert_close(ours.double(), theirs, rtol=1e-3, atol=1e-6)


def slope(d: nn.Module, images: Tensor) -> float:
    """Mean squared length of D's gradient, an image at a time."""

    def logit(image: Tensor) -> Tensor:
        return d(image[None]).sum()

    rows = [torch.func.grad(logit)(image).square().sum() for image in images]
    return torch.stack(rows).mean().item()


def along(d: nn.Module, images: Tensor, direction: list[Tensor]) -> float:
    """The slope's derivative along ``direction`` in the weights, by central differences."""
    step = 1e-6 / max(float(part.norm()) for part in direction)

    def moved(by: float) -> float:
        with torch.no_grad():
            for weight, part in zip(d.parameters(), direction, strict=True):
                weight.add_(part, alpha=by)
        return slope(d, images)

    return (moved(step) - moved(-2 * step)) / (2 * step)


def test_a_share_of_the_batch_is_penalised_and_added_to_the_loss_of_logits() -> None:
    torch.manual_seed(0)
    d = DCGANDiscriminator(32, channels=8, norm="none", spectral=None)
    real, fake = torch.rand(2, 8, 3, 32, 32)

    def judge(images: Tensor) -> tuple[Tensor]:
        return (d(images).flatten(),)

    base = torch.tensor(0.5)
    at = {n: steepness(judge, real[:n]).item() for n in (1, 2, 8)}
    for share, photos in ((1.0, 8), (0.25, 2), (0.01, 1)):
        loss = R1(Hinge(), gamma=3.0, share=share).penalised(base, judge, real, fake)
        assert loss.item() == pytest.approx(0.5 + 1.5 * at[photos])
    both = Relativistic(gamma=3.0, share=1.0).penalised(base, judge, real, fake)
    assert both.item() == pytest.approx(0.5 + 1.5 * (at[8] + steepness(judge, fake).item()))


@pytest.mark.parametrize("loss", ["r1", "relativistic"])
def test_a_step_under_bf16_penalises_in_float32_and_stays_finite(
    composed: Callable[..., DictConfig], loss: str
) -> None:
    cfg = composed(*TINY, f"loss={loss}", "compute=eager")
    gan = instantiate(cfg.gan, _convert_="all")
    optimizers = gan.configure_optimizers()
    gan.optimizers = lambda use_pl_optimizer: optimizers
    step = gan.compute.prepare(gan)
    photos = torch.randint(0, 256, (4, 3, 32, 32), dtype=torch.uint8)
    before = [weight.clone() for weight in gan.generator.parameters()]
    with torch.autocast("cpu", torch.bfloat16, cache_enabled=False):
        images = photos.float() / 127.5 - 1
        assert steepness(gan.judge, images).dtype == torch.float32
        assert step(photos).isfinite().all()
    moved = [not torch.equal(a, b) for a, b in zip(before, gan.generator.parameters(), strict=True)]
    assert all(moved)
