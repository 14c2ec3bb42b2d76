from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import TINY, RandomPhotos
from hydra.utils import instantiate
from lightning.pytorch import Callback, Trainer, seed_everything
from omegaconf import DictConfig
from torch import Tensor

from facade_gan.callbacks import divergence
from facade_gan.callbacks.background import Background
from facade_gan.callbacks.checkpointing import Checkpoints
from facade_gan.callbacks.divergence import Divergence
from facade_gan.checkpoints.write import AtomicCheckpointIO
from facade_gan.errors import Diverged
from facade_gan.gan import GAN


class Spoil(Callback):
    """Breaks a weight of the discriminator after some steps, each once or again and again."""

    def __init__(self, *steps: int, again: bool = False) -> None:
        self.steps, self.again, self.done = steps, again, set[int]()

    def on_train_batch_start(self, trainer: Trainer, pl_module: Any, *_: Any) -> None:
        step = trainer.global_step
        hit = step >= self.steps[0] if self.again else step in self.steps and step not in self.done
        if hit:
            self.done.add(step)
            with torch.no_grad():
                next(pl_module.discriminator.parameters())[0] = torch.nan


@pytest.fixture
def train(
    composed: Callable[..., DictConfig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., GAN]:
    """Train four steps an epoch, five epochs, with a checkpoint after each and a log every 3."""
    monkeypatch.setattr(divergence, "command_to_go_on", lambda *changes: f"COMMAND {changes}")

    def train_(*callbacks: Callback, on_nan: Any = "stop", compute: str = "eager") -> GAN:
        cfg = composed(*TINY, f"compute={compute}")
        seed_everything(0, verbose=False)
        gan: GAN = instantiate(cfg.gan, _convert_="all")
        Trainer(
            accelerator="cpu",
            max_epochs=5,
            plugins=[AtomicCheckpointIO()],
            callbacks=[
                Background(),
                *callbacks,
                Divergence(on_nan, 3, str(tmp_path / "last.ckpt")),
                Checkpoints(
                    str(tmp_path),
                    every_n_epochs=1,
                    seconds_between=0,
                    every_n_minutes=1e9,
                    monitor=None,
                    keep=None,
                ),
            ],
            logger=False,
            log_every_n_steps=3,
            enable_progress_bar=False,
            enable_model_summary=False,
        ).fit(gan, datamodule=RandomPhotos(16))
        return gan

    return train_


def all_numbers(state: dict[str, Tensor]) -> bool:
    return all(bool(t.isfinite().all()) for t in state.values())


def test_the_first_broken_step_is_named_and_the_checkpoint_before_it_kept(
    train: Callable[..., GAN], tmp_path: Path
) -> None:
    with pytest.raises(Diverged) as caught:
        train(Spoil(10))  # after ten steps: the eleventh is the first that computes with it
    words = str(caught.value)
    assert words.startswith("step 11: loss/discriminator is nan")
    assert f"{tmp_path}/last.ckpt of step 8 is good" in words
    assert "optimizer.lr" in words and "on_nan=rollback" in words
    kept = torch.load(tmp_path / "last.ckpt", weights_only=True)
    assert kept["global_step"] == 8
    assert all_numbers(kept["state_dict"])


def test_a_statistic_that_no_loss_shows_is_named_before_it_is_saved(
    train: Callable[..., GAN], tmp_path: Path
) -> None:
    class SpoilStatistic(Callback):
        def on_train_batch_start(self, trainer: Trainer, pl_module: Any, *_: Any) -> None:
            if trainer.global_step == 10:
                pl_module.generator.get_buffer("first.1.running_var").fill_(torch.inf)

    with pytest.raises(Diverged, match=r"step 12: generator\.first.1.running_var holds NaN"):
        train(SpoilStatistic())
    assert torch.load(tmp_path / "last.ckpt", weights_only=True)["global_step"] == 8


def test_without_a_checkpoint_the_words_say_so(train: Callable[..., GAN]) -> None:
    with pytest.raises(Diverged, match=r"step 2: .*; no checkpoint was saved before"):
        train(Spoil(1))


def test_a_rollback_goes_on_from_the_last_checkpoint_to_the_end(
    train: Callable[..., GAN], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gan = train(Spoil(10, 17), on_nan="rollback")
    assert "step 11: loss/discriminator is nan" in caplog.text
    assert "networks of step 8" in caplog.text
    assert caplog.text.count("going on") == 2
    assert gan.trainer.global_step == 20
    assert all_numbers(gan.state_dict())
    kept = torch.load(tmp_path / "last.ckpt", weights_only=True)
    assert kept["global_step"] == 20
    assert all_numbers(kept["state_dict"])


def test_what_breaks_again_and_again_stops_the_run(
    train: Callable[..., GAN], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Diverged, match=r"is good\. Lower"):
        train(Spoil(9, again=True), on_nan="rollback")
    assert caplog.text.count("going on") == 3


def test_weights_are_put_back_to_the_very_bits_of_the_checkpoint(
    train: Callable[..., GAN], tmp_path: Path
) -> None:
    class Compare(Callback):
        """Looks right after the rollback at step 15, where the break is found."""

        equal = False

        def on_train_batch_start(self, trainer: Trainer, pl_module: Any, *_: Any) -> None:
            if trainer.global_step == 15 and not self.equal:
                state = torch.load(tmp_path / "last.ckpt", weights_only=True)
                assert state["global_step"] == 12
                for key, tensor in pl_module.state_dict().items():
                    assert torch.equal(tensor, state["state_dict"][key]), key
                self.equal = True

    compare = Compare()
    train(compare, Spoil(12), on_nan="rollback")
    assert compare.equal
