import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from facade_gan.networks.spectral_norm import SpectralConv2d


def conv() -> SpectralConv2d:
    torch.manual_seed(0)
    return SpectralConv2d(5, 7, 4, 2, 1, bias=True)


def settled(layer: SpectralConv2d) -> SpectralConv2d:
    """Let the power iteration run until it has converged."""
    layer.train()
    for _ in range(200):
        layer.sigma()
    return layer


def test_sigma_is_the_largest_singular_value() -> None:
    layer = settled(conv())
    exact = torch.linalg.svdvals(layer.weight.detach().double().flatten(1))[0]
    assert layer.sigma().item() == pytest.approx(exact.item(), rel=1e-5)


@pytest.mark.parametrize("side", [4, 16], ids=["input_divided", "weight_divided"])
def test_output_and_gradients_equal_those_of_torchs_parametrization(side: int) -> None:
    ours = settled(conv())
    theirs = nn.Conv2d(5, 7, 4, 2, 1)
    theirs.load_state_dict({"weight": ours.weight.detach(), "bias": ours.bias.detach()})
    spectral_norm(theirs, n_power_iterations=200)
    x = torch.randn(2, 5, side, side)

    ours(x).square().sum().backward()
    theirs(x).square().sum().backward()

    torch.testing.assert_close(ours(x), theirs(x), rtol=1e-4, atol=1e-5)
    weight_grad = theirs.parametrizations.weight.original.grad
    torch.testing.assert_close(ours.weight.grad, weight_grad, rtol=1e-3, atol=1e-3)


def test_scaling_the_weight_changes_nothing() -> None:
    layer, x = settled(conv()).eval(), torch.randn(2, 5, 16, 16)
    with torch.no_grad():
        layer.bias.zero_()
        before = layer(x)
        layer.weight.mul_(13)
        torch.testing.assert_close(layer(x), before, rtol=1e-4, atol=1e-5)


def test_the_scaled_weights_largest_singular_value_is_the_norm_asked_for() -> None:
    torch.manual_seed(0)
    layer = settled(SpectralConv2d(5, 7, 4, 1, 0, bias=False, norm=2.0)).eval()
    # A unit vector at a time makes the layer's matrix, whatever it was scaled by.
    columns = layer(torch.eye(80).view(80, 5, 4, 4)).flatten(1)
    assert torch.linalg.svdvals(columns.detach())[0].item() == pytest.approx(2.0, rel=1e-4)


def test_training_sharpens_the_estimate_and_eval_leaves_it() -> None:
    layer, x = conv(), torch.randn(1, 5, 8, 8)
    u = layer.u.clone()
    layer.eval()(x)
    assert torch.equal(layer.u, u)
    layer.train()(x)
    assert not torch.equal(layer.u, u)


def test_the_estimate_is_float32_under_bf16_autocast() -> None:
    layer = settled(conv())
    exact = layer.eval().sigma()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        sigma = layer.sigma()
    assert sigma.dtype == torch.float32
    torch.testing.assert_close(sigma, exact, rtol=0, atol=0)


def test_two_forwards_before_one_backward_are_allowed() -> None:
    layer = conv()
    x = torch.randn(1, 5, 8, 8)
    (layer(x).sum() + layer(2 * x).sum()).backward()
    assert layer.weight.grad.isfinite().all()
