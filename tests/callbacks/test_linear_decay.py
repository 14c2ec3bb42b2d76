from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import TINY, RandomPhotos
from hydra.utils import instantiate
from lightning.pytorch import Callback, Trainer, seed_everything
from omegaconf import DictConfig

from facade_gan.callbacks.linear_decay import LinearDecay
from facade_gan.gan import GAN

Compose = Callable[..., DictConfig]
SETTINGS = (*TINY, "optimizer.lr=0.4", "optimizer.discriminator_lr=0.8")


class Rates(Callback):
    """Notes G's and D's rate of every step, given as numbers or, as to a CUDA graph, as tensors."""

    def __init__(self, as_tensors: bool = False) -> None:
        self.as_tensors = as_tensors
        self.of_d: list[float] = []
        self.of_g: list[float] = []

    def on_train_start(self, trainer: Trainer, *_: Any) -> None:
        if self.as_tensors:
            self.groups = [o.param_groups[0] for o in trainer.optimizers]
            for group in self.groups:
                group["lr"] = torch.tensor(group["lr"])
            self.tensors = [group["lr"] for group in self.groups]

    def on_train_batch_end(self, trainer: Trainer, *_: Any) -> None:
        d, g = (float(o.param_groups[0]["lr"]) for o in trainer.optimizers)
        self.of_d.append(d)
        self.of_g.append(g)


def train(cfg: DictConfig, rates: Rates, ckpt_path: Path | None = None, **limits: Any) -> Trainer:
    """Train on 16 photos, four steps an epoch."""
    seed_everything(0, verbose=False)
    gan: GAN = instantiate(cfg.gan, _convert_="all")
    trainer = Trainer(
        accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False, callbacks=[instantiate(cfg.callbacks.linear_decay), rates],
        **limits,
    )  # fmt: skip
    trainer.fit(gan, datamodule=RandomPhotos(16), ckpt_path=ckpt_path, weights_only=True)
    return trainer


@pytest.mark.parametrize("limits", [{"max_epochs": 2}, {"max_epochs": -1, "max_steps": 8}])
def test_both_rates_fall_in_a_line_over_the_last_part_of_the_run(
    composed: Compose, limits: dict[str, int]
) -> None:
    rates = Rates()
    train(composed(*SETTINGS, "optimizer.lr_decay_from=0.5"), rates, **limits)
    assert rates.of_g == pytest.approx([0.4, 0.4, 0.4, 0.4, 0.4, 0.3, 0.2, 0.1])
    assert rates.of_d == pytest.approx([0.8, 0.8, 0.8, 0.8, 0.8, 0.6, 0.4, 0.2])


def test_without_decay_the_rates_stay(composed: Compose) -> None:
    rates = Rates()
    train(composed(*SETTINGS, "optimizer.lr_decay_from=1"), rates, max_epochs=2)
    assert set(rates.of_g) == {0.4} and set(rates.of_d) == {0.8}


def test_a_cuda_graph_finds_the_rate_where_it_was_recorded(composed: Compose) -> None:
    rates = Rates(as_tensors=True)
    train(
        composed(*SETTINGS, "optimizer.lr_decay_from=0.5", "compute.fused_adam=true"),
        rates, max_epochs=2,
    )  # fmt: skip
    assert rates.of_g == pytest.approx([0.4, 0.4, 0.4, 0.4, 0.4, 0.3, 0.2, 0.1])
    assert all(g["lr"] is t for g, t in zip(rates.groups, rates.tensors, strict=True))


def test_a_resumed_run_has_the_rates_it_would_have_had(composed: Compose, tmp_path: Path) -> None:
    cfg = composed(*SETTINGS, "optimizer.lr_decay_from=0.25")
    whole, after = Rates(), Rates()
    train(cfg, whole, max_epochs=4)

    class Save(Rates):
        def on_train_epoch_end(self, trainer: Trainer, *_: Any) -> None:
            if trainer.current_epoch == 1:
                trainer.save_checkpoint(tmp_path / "x.ckpt")

    train(cfg, Save(), max_epochs=4)
    train(cfg, after, tmp_path / "x.ckpt", max_epochs=4)
    assert after.of_d == whole.of_d[8:] and whole.of_d[8] < 0.8


def test_the_chapter_trains_at_one_rate(composed: Compose) -> None:
    for experiment in ("book", "book_fast"):
        callback = composed(f"experiment={experiment}").callbacks.linear_decay
        assert isinstance(instantiate(callback), LinearDecay) and callback.starts_at == 1
