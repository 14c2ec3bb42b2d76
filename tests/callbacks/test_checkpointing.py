import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import TINY, RandomPhotos, files_of_at_most
from hydra.utils import instantiate
from lightning.pytorch import Callback, Trainer, seed_everything
from lightning.pytorch.loggers import CSVLogger
from omegaconf import DictConfig

from facade_gan.callbacks.background import Background, background_of
from facade_gan.callbacks.checkpointing import Checkpoints
from facade_gan.callbacks.idle_run import IdleRun
from facade_gan.callbacks.training_cost import Tally
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
    keep: Any = None,
    data: RandomPhotos | None = None,
    logger: Any = False,
    **limits: Any,
) -> GAN:
    """Train, on 16 photos four steps an epoch; save at every epoch's end and nowhere between."""
    seed_everything(0, verbose=False)
    gan = instantiate(cfg.gan, _convert_="all")
    checkpoints = Checkpoints(
        str(folder),
        every_n_epochs=1,
        seconds_between=0,
        every_n_minutes=1e9,
        monitor=monitor,
        keep=keep,
    )
    Trainer(
        accelerator="cpu",
        plugins=[AtomicCheckpointIO()],
        callbacks=[Background(), *callbacks, IdleRun(), checkpoints],
        logger=logger,
        log_every_n_steps=3,
        enable_progress_bar=False,
        enable_model_summary=False,
        **limits,
    ).fit(gan, datamodule=data or RandomPhotos(16), ckpt_path=ckpt_path, weights_only=True)
    return gan


def must_be_equal(a: GAN, b: GAN) -> None:
    for key, tensor in a.state_dict().items():
        assert torch.equal(tensor, b.state_dict()[key]), key


def step_of(path: Path) -> int:
    return torch.load(path, weights_only=True)["global_step"]


@pytest.mark.parametrize("steps", [6, 8], ids=["inside an epoch", "at its end"])
def test_max_steps_saves_where_it_stops_and_more_steps_go_on_from_there(
    composed: Compose, tmp_path: Path, steps: int
) -> None:
    cfg = composed(*TINY)
    train(cfg, tmp_path / "a", max_steps=steps)
    assert step_of(tmp_path / "a/last.ckpt") == steps
    resumed = train(cfg, tmp_path / "a", max_steps=11, ckpt_path=tmp_path / "a/last.ckpt")
    must_be_equal(resumed, train(cfg, tmp_path / "b", max_steps=11))


def test_images_seen_are_those_trained_on_where_max_steps_ends_inside_a_block(
    composed: Compose, tmp_path: Path
) -> None:
    tally = Tally()
    data = RandomPhotos(16, steps_per_call=4)
    gan = train(composed(*TINY), tmp_path, tally, data=data, max_steps=6)
    assert tally.images_seen == 6 * gan.batch_size


def test_rows_of_a_csv_file_are_saved_by_the_thread_that_logs_them(
    composed: Compose, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved_by = []
    monkeypatch.setattr(CSVLogger, "save", lambda self: saved_by.append(threading.current_thread()))
    logger = CSVLogger(tmp_path, name="csv")
    train(composed(*TINY), tmp_path, max_steps=8, logger=logger)
    assert saved_by
    assert set(saved_by) == {threading.main_thread()}


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


def test_a_best_epoch_that_could_not_be_written_stands_in_no_later_ones_way(
    composed: Compose, tmp_path: Path
) -> None:
    scores = {4: 0.09, 8: 0.02, 12: 0.05, 16: 0.06}

    def score(trainer: Trainer, _: GAN) -> None:
        trainer.callback_metrics["kid"] = torch.tensor(scores[trainer.global_step])

    full = files_of_at_most(1000)

    def make_room(trainer: Trainer, _: GAN) -> None:
        background_of(trainer).finish()
        full.__exit__(None, None, None)

    disk = [At(6, lambda *_: full.__enter__()), At(9, make_room)]
    callbacks = [*disk, *(At(s, score) for s in scores)]
    try:
        train(composed(*TINY), tmp_path, *callbacks, monitor="kid", max_epochs=4)
    finally:
        full.__exit__(None, None, None)
    assert step_of(tmp_path / "best.ckpt") == 12


def test_in_another_folder_a_run_finds_a_best_epoch_of_its_own(
    composed: Compose, tmp_path: Path
) -> None:
    def score(trainer: Trainer, _: GAN) -> None:
        trainer.callback_metrics["kid"] = torch.tensor(float(trainer.global_step))

    at = [At(step, score) for step in (4, 8)]
    train(composed(*TINY), tmp_path / "a", *at, monitor="kid", max_epochs=1)
    best = tmp_path / "a" / "best.ckpt"
    train(composed(*TINY), tmp_path / "b", *at, monitor="kid", max_epochs=2, ckpt_path=best)
    assert step_of(tmp_path / "b" / "best.ckpt") == 8


def test_networks_are_not_kept_for_the_score_of_earlier_ones(
    composed: Compose, tmp_path: Path
) -> None:
    def scored(trainer: Trainer, value: float) -> None:
        trainer.callback_metrics["kid"] = torch.tensor(value)

    a, b = tmp_path / "a", tmp_path / "b"
    good, worse = At(4, lambda t, _: scored(t, 0.02)), At(12, lambda t, _: scored(t, 0.05))
    train(composed(*TINY), a, good, monitor="kid", max_epochs=1)
    best = a / "best.ckpt"
    # The second epoch is not measured, and the third is the first one in this folder that is.
    train(composed(*TINY), b, good, worse, monitor="kid", max_epochs=3, ckpt_path=best)
    assert step_of(b / "best.ckpt") == 12


@pytest.mark.parametrize(
    ("keep", "left"),
    [
        (None, ["best", "last", "previous"]),
        (["last"], ["last"]),
        (["last", "best"], ["best", "last"]),
        ([], ["last"]),
    ],
)
def test_only_what_is_to_be_kept_is_left_when_the_run_is_done(
    composed: Compose, tmp_path: Path, keep: list[str] | None, left: list[str]
) -> None:
    def score(trainer: Trainer, _: GAN) -> None:
        trainer.callback_metrics["kid"] = torch.tensor(1.0)

    train(composed(*TINY), tmp_path, At(4, score), monitor="kid", keep=keep, max_epochs=2)
    assert sorted(path.stem for path in tmp_path.iterdir()) == left


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


class OtherSource(RandomPhotos):
    """Photos by another choice of conf/data."""


@pytest.mark.parametrize(
    ("data", "steps_an_epoch", "words"),
    [
        (RandomPhotos(8), 2, "there were 16 photos, and are 8"),
        (RandomPhotos(24), 6, "there were 16 photos, and are 24"),
        (RandomPhotos(16, holdout=4), 3, "there were 16 photos, and are 12"),
        (RandomPhotos(16, limit=4), 1, "there were 16 photos, and are 4"),
        (RandomPhotos(16, mirror=True), 8, "mirror images now count"),
        (RandomPhotos(16, steps_per_call=2), 4, "dealt out 4 at a time, now 8"),
        (RandomPhotos(20, holdout=4), 4, "16 photos as before, but not the same ones"),
        (OtherSource(16), 4, "another source"),
    ],
    ids=["fewer", "more", "holdout", "limit", "mirror", "blocks", "others", "source"],
)
def test_on_other_photos_the_epoch_that_was_cut_starts_anew_and_all_epochs_are_trained(
    composed: Compose,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    data: RandomPhotos,
    steps_an_epoch: int,
    words: str,
) -> None:
    cfg, last = composed(*TINY), tmp_path / "last.ckpt"
    train(cfg, tmp_path, max_steps=7)  # in the second epoch
    train(cfg, tmp_path, ckpt_path=last, data=data, max_epochs=4)
    assert step_of(last) == 7 + 3 * steps_an_epoch
    (line,) = [r.message for r in caplog.records if "Going on from the start" in r.message]
    assert "epoch 2" in line and words in line


def test_other_photos_at_an_epochs_end_are_said_and_trained_on(
    composed: Compose, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cfg, last = composed(*TINY), tmp_path / "last.ckpt"
    train(cfg, tmp_path, max_epochs=1)
    train(cfg, tmp_path, ckpt_path=last, max_epochs=2)
    assert "Going on" not in caplog.text
    train(cfg, tmp_path, ckpt_path=last, data=RandomPhotos(8), max_epochs=3)
    assert step_of(last) == 4 + 4 + 2
    assert "Going on from the start of epoch 3: there were 16 photos, and are 8" in caplog.text


def test_a_checkpoint_that_says_nothing_of_its_photos_goes_on_with_whole_epochs(
    composed: Compose, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cfg, last = composed(*TINY), tmp_path / "last.ckpt"
    train(cfg, tmp_path, max_steps=7)
    state = torch.load(last, weights_only=True)
    del state["RandomPhotos"]["photos"]
    torch.save(state, last)
    train(cfg, tmp_path, ckpt_path=last, max_epochs=3)
    assert step_of(last) == 7 + 4 + 4
    assert "Going on from the start of epoch 2" in caplog.text


def test_epochs_without_a_step_are_an_error(composed: Compose, tmp_path: Path) -> None:
    cfg, last = composed(*TINY), tmp_path / "last.ckpt"
    train(cfg, tmp_path, max_steps=7)
    state = torch.load(last, weights_only=True)
    for place in (
        state["RandomPhotos"],
        *state["loops"]["fit_loop"]["state_dict"]["combined_loader"],
    ):
        place["position"] = 9  # of 4
    torch.save(state, last)
    with pytest.raises(UserError, match="no step was taken behind step 7"):
        train(cfg, tmp_path, ckpt_path=last, max_epochs=4)
