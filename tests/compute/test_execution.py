import logging
import subprocess
import sys
from collections.abc import Callable

import pytest
import torch
from conftest import TINY
from hydra.utils import instantiate
from omegaconf import DictConfig
from torch import Tensor

from facade_gan.compute.device import has_bf16
from facade_gan.compute.execution import Step
from facade_gan.compute.finite import non_finite
from facade_gan.gan import GAN

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="records a CUDA graph")


def built(composed: Callable[..., DictConfig], *overrides: str) -> GAN:
    torch.manual_seed(0)
    return instantiate(composed(*TINY, *overrides).gan, _convert_="all")


def prepared(gan: GAN, device: str = "cpu") -> Step:
    """Give ``gan`` optimizers, as Lightning does, and return its step."""
    gan = gan.to(device)
    optimizers = gan.configure_optimizers()
    gan.optimizers = lambda use_pl_optimizer: optimizers  # type: ignore[assignment,method-assign]
    torch.manual_seed(1)
    return gan.compute.prepare(gan)


def trained(gan: GAN, batches: list[Tensor], device: str = "cpu") -> list[Tensor]:
    """Run the step of ``gan`` on each batch as its ``compute`` does; the scalars of each."""
    step = prepared(gan, device)
    return [step(batch.to(device)).clone().cpu() for batch in batches]


def batches(sizes: list[int]) -> list[Tensor]:
    own = torch.Generator().manual_seed(2)
    return [
        torch.randint(0, 256, (size, 3, 32, 32), dtype=torch.uint8, generator=own) for size in sizes
    ]


@pytest.mark.parametrize("choice", ["graph", "compiled_graph"])
def test_on_a_cpu_the_graph_falls_back_with_one_line_and_the_same_numbers(
    composed: Callable[..., DictConfig], caplog: pytest.LogCaptureFixture, choice: str
) -> None:
    data = batches([4, 4])
    eager = trained(built(composed, "compute=eager"), data)
    with caplog.at_level(logging.WARNING):
        graph = trained(built(composed, f"compute={choice}"), data)
    assert [r.message for r in caplog.records if "graph" in r.message] == [
        "a CUDA graph needs a CUDA GPU; on cpu the step runs eagerly"
    ]
    assert all(torch.equal(a, b) for a, b in zip(eager, graph, strict=True))


def test_channels_last_changes_the_layout_and_not_the_numbers(
    composed: Callable[..., DictConfig],
) -> None:
    fast = built(composed, "compute=eager", "compute.fused_adam=false")
    plain = built(composed, "compute=plain")
    torch.testing.assert_close(
        trained(fast, batches([4, 4])), trained(plain, batches([4, 4])), rtol=1e-3, atol=1e-4
    )
    convolution = fast.discriminator.layers[2].weight
    assert convolution.is_contiguous(memory_format=torch.channels_last)
    assert plain.discriminator.layers[2].weight.is_contiguous()


def test_numbers_too_small_for_an_exponent_are_zero_on_every_thread() -> None:
    # In a process of its own: threads take the setting over when they start.
    code = """
import torch
from facade_gan.compute.execution import Eager
torch.set_num_threads(2)
Eager(channels_last=True, tf32=True, benchmark=True)
small = torch.full((2_000_000,), 1e-40) * 1.5
assert not small.view(torch.int32).any(), "some are left"
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_bf16_is_chosen_by_the_instructions_and_not_by_the_dtype(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for there in (True, False):
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda there=there: there)
        monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
        assert has_bf16("cpu") is there
        assert has_bf16("auto") is there
        assert not has_bf16("gpu")


@needs_gpu
@pytest.mark.parametrize("experiment", [(), ("experiment=book_fast", "model.generator.channels=8")])
def test_the_graph_trains_as_the_eager_step_does_also_on_a_smaller_last_batch(
    composed: Callable[..., DictConfig], experiment: tuple[str, ...]
) -> None:
    settings = (*experiment, "batch_size=8")
    sizes = [8, 8, 8, 8, 8, 4, 8, 4, 4, 4, 8, 4, 8]  # both shapes are recorded and take turns
    eager, graph = (built(composed, *settings, f"compute={how}") for how in ("eager", "graph"))
    torch.testing.assert_close(
        trained(eager, batches(sizes), "cuda"),
        trained(graph, batches(sizes), "cuda"),
        rtol=1e-2,
        atol=1e-3,
    )


@needs_gpu
def test_a_learning_rate_changed_after_the_recording_takes_effect(
    composed: Callable[..., DictConfig],
) -> None:
    gan = built(composed, "compute=graph")
    step = prepared(gan, "cuda")
    photos = batches([4])[0].to("cuda")
    for _ in range(6):
        step(photos)
    before = [p.detach().clone() for p in gan.generator.parameters()]
    for optimizer in gan.optimizers(use_pl_optimizer=False):  # type: ignore[union-attr]
        optimizer.param_groups[0]["lr"].zero_()
    step(photos)
    assert all(map(torch.equal, before, gan.generator.parameters()))


def test_finite_numbers_too_large_to_square_are_finite_and_the_others_are_named() -> None:
    layer = torch.nn.Linear(2, 2)
    with torch.no_grad():
        layer.weight[0, 0] = 1e30
    assert non_finite(layer) is None
    for value in (torch.inf, torch.nan):
        with torch.no_grad():
            layer.bias[1] = value
        assert non_finite(layer) == "bias"
