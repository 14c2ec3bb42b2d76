import pytest
import torch

from facade_gan.losses import BCE, Hinge, Loss

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
