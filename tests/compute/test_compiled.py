"""The step through torch.compile, traced and differentiated as it does but run by PyTorch's own
operators, which takes seconds; one test waits for the real compiler."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from conftest import TINY
from hydra.utils import instantiate
from omegaconf import DictConfig
from torch import Tensor, nn

from facade_gan.compute.compiled import from_one_pixel
from facade_gan.compute.execution import Step
from facade_gan.errors import UserError
from facade_gan.gan import GAN

PHOTOS = torch.randint(
    0, 256, (2, 4, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(2)
)


def compiling_by(monkeypatch: pytest.MonkeyPatch, backend: Any) -> None:
    """Let torch.compile hand what it traced to ``backend``."""
    compiled = torch.compile

    def by_backend(function: Callable[..., Any], **_: Any) -> Callable[..., Any]:
        return compiled(function, backend=backend, dynamic=False)

    monkeypatch.setattr(torch, "compile", by_backend)


def prepared(composed: Callable[..., DictConfig], *overrides: str) -> tuple[GAN, Step]:
    torch.manual_seed(0)
    gan = instantiate(composed(*TINY, *overrides).gan, _convert_="all")
    optimizers = gan.configure_optimizers()
    gan.optimizers = lambda use_pl_optimizer: optimizers
    torch.manual_seed(1)
    return gan, gan.compute.prepare(gan)


def trained(composed: Callable[..., DictConfig], *overrides: str) -> tuple[GAN, list[Tensor]]:
    """Run two steps; the module and the scalars of each."""
    gan, step = prepared(composed, *overrides)
    return gan, [step(photos) for photos in PHOTOS]


@pytest.mark.parametrize(
    "recipe",
    [(), ("loss=r1",), ("loss=relativistic",), ("model=dcgan", "loss=bce")],
    ids=["default", "penalty", "two_penalties", "batch_norm"],
)
def test_compiled_training_is_eager_training_penalties_and_samples_included(
    composed: Callable[..., DictConfig], monkeypatch: pytest.MonkeyPatch, recipe: tuple[str, ...]
) -> None:
    if "model=dcgan" in recipe:
        recipe = (*recipe, "model.generator.channels=8")
    eager, expected = trained(composed, *recipe, "compute=eager")
    compiling_by(monkeypatch, "aot_eager")
    compiled, scalars = trained(composed, *recipe, "compute=compile")
    torch.testing.assert_close(scalars, expected, rtol=1e-3, atol=1e-4)
    assert list(compiled.state_dict()) == list(eager.state_dict())
    assert all(weight.requires_grad for weight in compiled.discriminator.parameters())


def test_g_learns_through_d_without_gradients_of_d(
    composed: Callable[..., DictConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    compiling_by(monkeypatch, "aot_eager")
    gan, _ = prepared(composed, "compute=compile")
    weights = list(gan.discriminator.parameters())
    fake = gan.generator(gan.noise(4))
    for images, asked_for in ((fake, False), (fake.detach(), True)):
        (logits,) = gan.judge(images)
        gradients = torch.autograd.grad(logits.sum(), weights, allow_unused=True)
        assert [gradient is not None for gradient in gradients] == [asked_for] * len(weights)


def test_after_training_nothing_of_the_compiler_is_left_on_the_module(
    composed: Callable[..., DictConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    compiling_by(monkeypatch, "aot_eager")
    gan, step = prepared(composed, "compute=compile")
    step(PHOTOS[0])
    gan.run_step = gan.compute.prepare(gan)  # once more, as after a rollback
    gan.run_step(PHOTOS[1])
    gan.cpu()
    assert not {"judge", "run_step"} & set(vars(gan))
    assert not {"discriminator", "generator"} & set(vars(gan.loss))
    copied, z = copy.deepcopy(gan.generator), gan.noise(2)
    assert torch.allclose(copied(z), gan.generator(z), atol=1e-5)


def test_where_the_compiler_fails_one_line_says_what_to_do(
    composed: Callable[..., DictConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError("no C++ compiler found")

    compiling_by(monkeypatch, fails)
    _, step = prepared(composed, "compute=compile")
    with pytest.raises(UserError) as error:
        step(PHOTOS[0])
    said = str(error.value)
    assert "no C++ compiler found" in said and "compute=auto" in said and "\n" not in said


@pytest.mark.slow
def test_the_real_compiler_trains_as_the_eager_step_does(
    composed: Callable[..., DictConfig],
) -> None:
    _, expected = trained(composed, "compute=eager")
    _, scalars = trained(composed, "compute=compile")
    torch.testing.assert_close(scalars, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("side", [1, 4])
def test_from_one_pixel_a_layer_gives_the_same_image_and_gradients(side: int) -> None:
    torch.manual_seed(0)
    layer = nn.ConvTranspose2d(5, 6, 4, 2 if side > 1 else 1, 1 if side > 1 else 0)
    x = torch.randn(3, 5, side, side, requires_grad=True)
    towards = torch.randn_like(layer(x))

    found = from_one_pixel(layer, x)

    torch.testing.assert_close(found, layer(x))
    inputs = [x, *layer.parameters()]
    expected = torch.autograd.grad(layer(x), inputs, towards)
    torch.testing.assert_close(torch.autograd.grad(found, inputs, towards), expected)
