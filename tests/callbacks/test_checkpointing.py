import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import TINY, RandomPhotos
from hydra.utils import instantiate
from lightning.pytorch import Callback, Trainer, seed_everything
from omegaconf import DictConfig

from facade_gan.callbacks.checkpointing import Checkpoints
from facade_gan.checkpoints.write import AtomicCheckpointIO
from facade_gan.errors import UserError
from facade_gan.gan import GAN

Compose = Callable[..., DictConfig]


class At(Callback):
    """Does something after a step."""

    def __init__(self, step: int, what: Callable[[Trainer, GAN], None]) -> None:
        self.step, self.what = step, what

    def on_train_batch_end(self, trainer: Trainer, pl_module: Any, *_: Any) -> None:
        if trainer.global_step == self.step:
            self.what(trainer, pl_module)


def train(
    cfg: DictConfig,
    folder: Path,
    *callbacks: Callback,
    ckpt_path: Path | None = None,
    monitor: str | None = None,
    **limits: Any,
) -> GAN:
    """Train four steps an epoch; save at every epoch's end and nowhere between."""
    seed_everything(0, verbose=False)
    gan = instantiate(cfg.gan, _convert_="all")
    keep = Checkpoints(str(folder), every_n_epochs=1, every_n_minutes=1e9, monitor=monitor)
    Trainer(
        accelerator="cpu",
        plugins=[AtomicCheckpointIO()],
        callbacks=[*callbacks, keep],
        logger=False,
        log_every_n_steps=3,
        enable_progress_bar=False,
        enable_model_summary=False,
        **limits,
    ).fit(gan, datamodule=RandomPhotos(16), ckpt_path=ckpt_path, weights_only=True)
    return gan


def must_be_equal(a: GAN, b: GAN) -> None:
    for key, tensor in a.state_dict().items():
        assert torch.equal(tensor, b.state_dict()[key]), key


def step_of(path: Path) -> int:
    return torch.load(path, weights_only=True)["global_step"]


@contextmanager
def files_of_at_most(count: int) -> Iterator[None]:
    """Let writing a file fail after ``count`` bytes, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("steps", [6, 8], ids=["inside an epoch", "at its end"])
def test_max_steps_saves_where_it_stops_and_more_steps_go_on_from_there(
    composed: Compose, tmp_path: Path, steps: int
) -> None:
    cfg = composed(*TINY)
    train(cfg, tmp_path / "a", max_steps=steps)
    assert step_of(tmp_path / "a/last.ckpt") == steps
    resumed = train(cfg, tmp_path / "a", max_steps=11, ckpt_path=tmp_path / "a/last.ckpt")
    must_be_equal(resumed, train(cfg, tmp_path / "b", max_steps=11))


def test_a_stop_asked_for_inside_an_epoch_saves_that_step(
    composed: Compose, tmp_path: Path
) -> None:
    def stop(trainer: Trainer, _: GAN) -> None:
        trainer.should_stop = True

    cfg = composed(*TINY)
    train(cfg, tmp_path / "a", At(6, stop), max_epochs=3)
    assert step_of(tmp_path / "a/last.ckpt") == 6
    resumed = train(cfg, tmp_path / "a", max_epochs=3, ckpt_path=tmp_path / "a/last.ckpt")
    must_be_equal(resumed, train(cfg, tmp_path / "b", max_epochs=3))


def test_the_best_epoch_is_kept_also_by_a_resumed_run(composed: Compose, tmp_path: Path) -> None:
    scores = {4: 3.0, 8: 1.0, 12: 2.0}

    def score(trainer: Trainer, _: GAN) -> None:
        trainer.callback_metrics["kid"] = torch.tensor(scores[trainer.global_step])

    def scored(**limits: Any) -> None:
        callbacks = [At(step, score) for step in scores]
        train(composed(*TINY), tmp_path, *callbacks, monitor="kid", **limits)

    scored(max_epochs=2)
    assert step_of(tmp_path / "best.ckpt") == 8
    scored(max_epochs=3, ckpt_path=tmp_path / "last.ckpt")
    assert step_of(tmp_path / "best.ckpt") == 8
    assert step_of(tmp_path / "last.ckpt") == 12
    assert step_of(tmp_path / "previous.ckpt") == 8


def test_a_full_disk_leaves_the_checkpoints_and_is_named(
    composed: Compose, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    full = files_of_at_most(1000)

    def fill(*_: Any) -> None:
        full.__enter__()

    try:
        with pytest.raises(UserError, match=r"last\.ckpt could not be written"):
            train(composed(*TINY), tmp_path, At(6, fill), max_epochs=2)
    finally:
        full.__exit__(None, None, None)
    assert "not saved: File too large" in caplog.text
    assert step_of(tmp_path / "last.ckpt") == 4
    assert [path.name for path in tmp_path.iterdir()] == ["last.ckpt"]


def test_no_checkpoint_of_values_that_are_no_numbers_replaces_a_good_one(
    composed: Compose, tmp_path: Path
) -> None:
    def spoil(_: Trainer, gan: GAN) -> None:
        gan.fixed_noise[0, 0] = torch.nan

    with pytest.raises(UserError, match="could not be written"):
        train(composed(*TINY), tmp_path, At(6, spoil), max_epochs=3)
    assert step_of(tmp_path / "last.ckpt") == 4
