"""Images per second, on a clock of the test's own."""

import logging
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from facade_gan.callbacks import throughput
from facade_gan.callbacks.throughput import Throughput
from facade_gan.callbacks.training_cost import Tally

EVERY, BATCH = 10, 8


class Run:
    """A training whose steps and pauses take the seconds that the test says."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, steps_per_call: int = 1, device: str = "cpu"
    ) -> None:
        self.now, self.block = 0.0, steps_per_call
        monkeypatch.setattr(throughput.time, "perf_counter", lambda: self.now)
        self.tally, self.watch = Tally(), Throughput(announce_after=10, slow_below=0.5)
        self.trainer: Any = SimpleNamespace(
            callbacks=[self.tally, self.watch], callback_metrics={}, loggers=[], global_step=0,
            log_every_n_steps=EVERY, world_size=1, is_global_zero=True,
        )  # fmt: skip
        self.module: Any = SimpleNamespace(batch_size=BATCH, device=torch.device(device))
        self.watch.on_train_start(self.trainer, self.module)
        self.watch.announced = True
        self.rates: list[float] = []

    def epoch(self, blocks: int, seconds: float, waits: bool = False) -> None:
        """Train; each step takes ``seconds``, of which only those up to a log are waited for."""
        self.watch.on_train_epoch_start(self.trainer, self.module)
        for _ in range(blocks):
            done = self.trainer.global_step + self.block
            awaited = done // EVERY * EVERY if waits else done
            self.now = max(self.now, awaited * seconds) if waits else self.now + seconds
            self.trainer.global_step = done
            self.tally.images_seen += self.block * BATCH
            before = self.trainer.callback_metrics.get("images_per_second")
            self.watch.on_train_batch_end(self.trainer, self.module, None, None, 0)  # type: ignore[arg-type]
            rate = self.trainer.callback_metrics.get("images_per_second")
            if rate is not None and rate is not before:
                self.rates.append(float(rate))


def test_steps_of_a_block_that_are_only_queued_do_not_count_yet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = Run(monkeypatch, steps_per_call=16, device="cuda")
    run.epoch(blocks=20, seconds=0.002, waits=True)
    assert len(run.rates) > 10
    assert run.rates == pytest.approx([BATCH / 0.002] * len(run.rates))


def test_a_minute_in_which_the_run_measured_is_not_called_slow(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    run = Run(monkeypatch)
    for _ in range(8):
        run.epoch(blocks=200, seconds=0.1)
        run.now += 90  # KID
    assert caplog.text == ""
    for _ in range(8):
        run.epoch(blocks=200, seconds=0.25)
    assert caplog.text.count("does another program take the cores") == 1
