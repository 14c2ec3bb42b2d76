import logging
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from conftest import TINY, RandomPhotos
from hydra.utils import instantiate
from lightning.pytorch import Trainer
from omegaconf import DictConfig

from facade_gan.callbacks.epochs import End, blocks_done, end_of
from facade_gan.callbacks.network_summary import NetworkSummary, kind_and_size
from facade_gan.callbacks.progress_bar import RunBar
from facade_gan.callbacks.throughput import Throughput, duration
from facade_gan.callbacks.training_cost import Tally
from facade_gan.networks import DCGANGenerator


@dataclass
class Of:
    """Stands for a module of this batch size, on a CPU."""

    batch_size: int
    device = torch.device("cpu")


def train(cfg: DictConfig, folder: Path, **settings: object) -> Trainer:
    trainer = Trainer(
        accelerator="cpu",
        max_epochs=settings.pop("max_epochs", 3),  # type: ignore[arg-type]
        log_every_n_steps=2,
        callbacks=[
            Tally(),
            Throughput(announce_after=2, slow_below=0.5),
            NetworkSummary(),
            RunBar(),
        ],
        logger=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        default_root_dir=folder,
        **settings,  # type: ignore[arg-type]
    )
    gan = instantiate(cfg.gan, _convert_="all")
    trainer.fit(gan, datamodule=RandomPhotos(16))
    return trainer


def test_the_bar_says_epoch_losses_and_images_per_second(
    composed: Callable[..., DictConfig],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    trainer = train(composed(*TINY), tmp_path)
    captured = capsys.readouterr()
    last = captured.err.split("\r")[-1]
    values = trainer.callback_metrics
    assert "epoch 3/3 100%" in last
    assert f"loss D {values['loss/discriminator']:.3f}" in last
    assert f"loss G {values['loss/generator']:.3f}" in last
    assert f"{values['images_per_second']:.0f} images/s" in last


def test_early_in_the_run_a_line_says_once_how_long_it_takes(
    composed: Callable[..., DictConfig], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    train(composed(*TINY), tmp_path)
    assert caplog.text.count("to epoch 3 at this pace.") == 1


@pytest.mark.parametrize("epochs", [-1, 100])
def test_a_run_that_steps_end_is_said_to_end_there(
    composed: Callable[..., DictConfig],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    epochs: int,
) -> None:
    caplog.set_level(logging.INFO)
    train(composed(*TINY), tmp_path, max_epochs=epochs, max_steps=8)  # two epochs
    assert caplog.text.count("to step 8 at this pace.") == 1
    lines = [r.getMessage() for r in caplog.records if r.getMessage().startswith("epoch ")]
    assert re.fullmatch(r"epoch 1, loss .*, \d+ seconds? left", lines[0])
    assert re.fullmatch(r"epoch 2, loss .* images/s", lines[1])
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    train(composed(*TINY), tmp_path, max_epochs=epochs, max_steps=8)
    assert "epoch 2 100%" in capsys.readouterr().err.split("\r")[-1]


@pytest.mark.parametrize(
    ("limits", "end"),
    [
        ((100, -1), (800, "epoch 100", 100)),
        ((100, 10**6), (800, "epoch 100", 100)),
        ((-1, 16), (1, "step 16", None)),
        ((100, 17), (2, "step 17", None)),
        ((-1, 125), (8, "step 125", None)),
        ((-1, 1016), (65, "step 1016", None)),
        ((-1, -1), None),
    ],
)
def test_what_ends_a_run_is_the_nearer_bound(limits: tuple[int, int], end: Any) -> None:
    # 125 steps an epoch in blocks of 16, as 500 photos on a GPU: 8 blocks
    data = SimpleNamespace(samples=1000, batch_size=8, steps_per_call=16)
    trainer: Any = SimpleNamespace(
        num_training_batches=8,
        max_epochs=limits[0],
        max_steps=limits[1],
        datamodule=data,
        world_size=1,
    )
    assert end_of(trainer) == (None if end is None else End(*end))


def test_blocks_of_another_size_before_a_resume_do_not_count_as_those_of_now() -> None:
    # 3 epochs of 125 blocks of 8 photos, then blocks of 16 of them: 8 an epoch, 2 of them done
    counts = SimpleNamespace(total=SimpleNamespace(ready=377), current=SimpleNamespace(ready=2))
    loop = SimpleNamespace(epoch_loop=SimpleNamespace(batch_progress=counts))
    trainer: Any = SimpleNamespace(
        num_training_batches=8,
        current_epoch=3,
        global_step=3 * 125 + 32,
        fit_loop=loop,
        datamodule=SimpleNamespace(samples=1000, batch_size=8, steps_per_call=16),
        world_size=1,
    )
    assert blocks_done(trainer, End(32, "epoch 4", 4)) == 26
    assert blocks_done(trainer, End(32, "step 500", None)) == 26
    assert blocks_done(trainer, None) == 377


def test_without_a_terminal_whole_lines_are_logged_and_nothing_is_drawn(
    composed: Callable[..., DictConfig],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.INFO)
    train(composed(*TINY), tmp_path)
    assert "\r" not in "".join(capsys.readouterr())
    lines = [r.getMessage() for r in caplog.records if r.getMessage().startswith("epoch ")]
    losses = r"loss D \d+\.\d{3}, loss G -?\d+\.\d{3}, \d+ images/s"
    assert len(lines) == 2  # the first epoch and the last one, as all three take seconds
    assert re.fullmatch(rf"epoch 1/3, {losses}, \d+ seconds? left", lines[0])
    assert re.fullmatch(rf"epoch 3/3, {losses}", lines[1])

    monkeypatch.setattr("facade_gan.callbacks.progress_bar.LINE_EVERY", 0)
    caplog.clear()
    train(composed(*TINY), tmp_path)
    assert len([r for r in caplog.records if r.getMessage().startswith("epoch 2/3, ")]) == 4


def test_the_networks_are_named_with_their_sizes(
    composed: Callable[..., DictConfig], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    train(composed(*TINY), tmp_path)
    lines = [record.getMessage() for record in caplog.records]
    assert any(line.startswith("generator:     LightweightGenerator, ") for line in lines)
    assert any(line.startswith("discriminator: DCGANDiscriminator, ") for line in lines)


def test_the_size_of_the_chapters_generator() -> None:
    # 100*512*16 + 512*256*16 + 256*128*16 + 128*64*16 + 64*3*16 weights, 2*(512+256+128+64) norms
    assert 819200 + 2097152 + 524288 + 131072 + 3072 + 1920 == 3576704
    assert kind_and_size(DCGANGenerator(64, 100, 64)) == "DCGANGenerator, 3.6 million parameters"


def test_images_per_second_is_images_by_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 1.0, 2.0, 3.0, 4.0])  # the start, then the end of each step
    monkeypatch.setattr("facade_gan.callbacks.throughput.time.perf_counter", lambda: next(clock))
    logged: list[tuple[float, int]] = []
    logger = SimpleNamespace(
        log_metrics=lambda m, step: logged.append((m["images_per_second"], step))
    )
    tally = Tally()
    trainer = SimpleNamespace(
        global_step=0,
        callbacks=[tally],
        log_every_n_steps=2,
        world_size=2,
        callback_metrics={},
        loggers=[logger],
        num_training_batches=float("inf"),
    )
    throughput = Throughput(announce_after=10, slow_below=0.5)
    throughput.on_train_start(trainer, None)  # type: ignore[arg-type]
    for step in (1, 2, 3, 4):
        trainer.global_step = step
        tally.on_train_batch_end(trainer, Of(50), None, range(50), step)  # type: ignore[arg-type]
        throughput.on_train_batch_end(trainer, Of(50), None, range(50), step)  # type: ignore[arg-type]
    # 2 steps of 50 images on each of 2 devices in 2 seconds
    assert logged == [(100.0, 2), (100.0, 4)]


@pytest.mark.parametrize(("slow_below", "said"), [(0.5, []), (0.6, ["10.0 images/s"])])
def test_a_minute_far_slower_than_the_first_is_said_once(
    slow_below: float,
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    # The start, then the end of each step: 20 images a second, 17, and 10 twice.
    clock = iter([0.0, 60.0, 130.0, 250.0, 370.0])
    monkeypatch.setattr("facade_gan.callbacks.throughput.time.perf_counter", lambda: next(clock))
    tally = Tally()
    trainer = SimpleNamespace(
        global_step=0,
        callbacks=[tally],
        log_every_n_steps=1,
        world_size=1,
        is_global_zero=True,
        callback_metrics={},
        loggers=[],
        num_training_batches=float("inf"),
    )
    throughput = Throughput(announce_after=10, slow_below=slow_below)
    throughput.on_train_start(trainer, None)  # type: ignore[arg-type]
    for step in (1, 2, 3, 4):
        trainer.global_step = step
        tally.on_train_batch_end(trainer, Of(1200), None, range(1200), step)  # type: ignore[arg-type]
        throughput.on_train_batch_end(trainer, Of(1200), None, range(1200), step)  # type: ignore[arg-type]
    assert [record.getMessage().split(",")[0] for record in caplog.records] == said


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 second"), (1.4, "1 second"), (4, "4 seconds"), (89, "89 seconds"),
     (120, "2 minutes"), (5000, "83 minutes"),
     (3 * 3600 + 1800, "3.5 hours")],
)  # fmt: skip
def test_durations_are_said_as_a_person_says_them(seconds: float, words: str) -> None:
    assert duration(seconds) == words
