"""Half precision: gradients of the step against those in float32."""

from collections.abc import Callable

import pytest
import torch
from conftest import TINY
from hydra.utils import instantiate
from lightning.pytorch.plugins import MixedPrecision, Precision
from omegaconf import DictConfig
from torch import Tensor

from facade_gan.compute import device
from facade_gan.gan import GAN


class Recorder(torch.optim.SGD):
    """Keeps the gradients it is given, and changes no weight."""

    def __init__(self, parameters: list[Tensor]) -> None:
        super().__init__(parameters, lr=0.0)
        self.seen: list[Tensor] = []

    def step(self, closure: None = None) -> None:  # type: ignore[override]
        self.seen = [p.grad.clone() for g in self.param_groups for p in g["params"]]


class OneStep:
    """As much of a Trainer as the step asks for."""

    def __init__(self, precision: str) -> None:
        exact = precision == "32-true"
        self.precision_plugin = Precision() if exact else MixedPrecision(precision, "cpu")  # type: ignore[arg-type]


def gradients(cfg: DictConfig, precision: str) -> Tensor:
    """Every gradient of D, then G, after as many steps as the loss scale takes to settle."""
    torch.manual_seed(0)
    gan: GAN = instantiate(cfg.gan, _convert_="all")
    optimizers = [Recorder(list(n.parameters())) for n in (gan.discriminator, gan.generator)]
    gan.optimizers = lambda use_pl_optimizer: optimizers  # type: ignore[assignment,method-assign]
    own = torch.Generator().manual_seed(2)
    photos = torch.randint(0, 256, (8, 3, 32, 32), dtype=torch.uint8, generator=own)
    gan._trainer = OneStep(precision)  # type: ignore[assignment]
    for _ in range(12):
        torch.manual_seed(1)
        with gan.precision():
            gan.step(photos)
    return torch.cat([gradient.flatten() for o in optimizers for gradient in o.seen])


@pytest.mark.parametrize("recipe", [(), ("model=dcgan", "loss=bce", "augment=none")])
def test_scaled_gradients_in_fp16_are_nearer_to_float32_than_those_in_bf16(
    composed: Callable[..., DictConfig], recipe: tuple[str, ...]
) -> None:
    widths = [o for o in TINY if recipe == () or "generator" not in o]
    cfg = composed(*widths, *recipe, "compute=plain")
    exact = gradients(cfg, "32-true")
    errors = {
        precision: ((gradients(cfg, precision) - exact).norm() / exact.norm()).item()
        for precision in ("16-mixed", "bf16-mixed")
    }
    assert 0 < errors["16-mixed"] < errors["bf16-mixed"] < 0.5


@pytest.mark.parametrize(
    ("name", "capability", "precision"),
    [
        ("Tesla T4", (7, 5), "16-mixed"),
        ("NVIDIA GeForce GTX 1660", (7, 5), "32-true"),
        ("Tesla P100", (6, 0), "32-true"),
        ("NVIDIA A100", (8, 0), "bf16-mixed"),
    ],
)
def test_the_precision_is_the_one_that_the_card_has_fast_units_for(
    monkeypatch: pytest.MonkeyPatch, name: str, capability: tuple[int, int], precision: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: name)
    assert device.fastest_precision("gpu") == precision
    assert device.fastest_precision("auto") == precision
