"""The step's forward passes on a GPU that is only described: nothing of the CPU meets them."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from conftest import TINY
from hydra.utils import instantiate
from omegaconf import DictConfig
from torch import Tensor
from torch._subclasses import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from facade_gan.compute.device import accelerator, measuring
from facade_gan.data.batches import gather, normalise
from facade_gan.gan import GAN

READS = ("_local_scalar", "nonzero", "masked_select", "lift_fresh")  # what waits for the device
GPU = torch.device("cuda:0")


class Watch(TorchDispatchMode):
    """Notes operators that read off the device, or that a tensor on the CPU takes part in."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.seen = 0

    def __torch_dispatch__(self, f: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        tensors = [t for t in tree_leaves((args, kwargs)) if isinstance(t, Tensor)]
        self.seen += 1
        if any(t.device.type == "cpu" for t in tensors) or any(name in str(f) for name in READS):
            self.bad.append(str(f))
        return f(*args, **(kwargs or {}))


def as_if_there(gan: GAN) -> None:
    """Describe the weights and buffers of ``gan`` on the GPU."""
    gan._device = GPU
    for module in gan.modules():
        for tensors in (module._parameters, module._buffers):
            for name, t in tensors.items():
                if t is None:
                    continue
                fake = torch.empty_strided(t.shape, t.stride(), dtype=t.dtype, device=GPU)
                own = isinstance(t, torch.nn.Parameter)
                tensors[name] = torch.nn.Parameter(fake, t.requires_grad) if own else fake  # type: ignore[assignment]


def test_apples_gpu_keeps_torchs_layout_and_leaves_measuring_to_the_cpu(
    composed: Callable[..., DictConfig],
) -> None:
    gan: GAN = instantiate(composed(*TINY).gan, _convert_="all")
    gan.optimizers = lambda use_pl_optimizer: []  # type: ignore[assignment,method-assign]
    gan._device = torch.device("mps")
    gan.compute.prepare(gan)
    assert all(weight.is_contiguous() for weight in gan.discriminator.parameters())
    gan._device = torch.device("cpu")
    gan.compute.prepare(gan)
    assert not all(weight.is_contiguous() for weight in gan.discriminator.parameters())
    assert measuring(torch.device("mps")) == torch.device("cpu")
    assert measuring(GPU) == GPU


def test_apples_gpu_trains_only_where_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert accelerator("auto") == "cpu"
    assert accelerator("mps") == "mps"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert accelerator("auto") == "cuda"


@pytest.mark.parametrize(
    "recipe",
    [
        (),
        ("augment.policies=[color,translation,cutout]",),
        ("model=dcgan", "loss=bce", "augment=none", "model.generator.channels=8"),
    ],
)
def test_no_cpu_tensor_meets_the_step_and_nothing_is_read_off_the_device(
    composed: Callable[..., DictConfig], recipe: tuple[str, ...]
) -> None:
    gan: GAN = instantiate(composed(*TINY, *recipe).gan, _convert_="all")
    with FakeTensorMode():
        as_if_there(gan)
        stored = torch.empty(40, 3, 32, 32, dtype=torch.uint8, device=GPU)
        samples = torch.empty(4, dtype=torch.int64, device=GPU)
        with Watch() as watch:
            real = normalise(gather(stored, samples))
            fake = gan.generator(gan.noise(4))
            logits = gan.judge(real, fake)
            loss = gan.loss.discriminator(*logits) + gan.loss.generator(logits[1])
            gan.ema.update(gan.generator)
    assert loss.device == GPU and loss.dtype == torch.float32
    assert watch.seen > 50
    assert not watch.bad
