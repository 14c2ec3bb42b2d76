import logging
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from facade_gan.callbacks.collapse import CollapseWarning

SETTINGS = {
    "loss_below": 0.05,
    "for_steps": 20,
    "every_n_epochs": 1,
    "seconds_between": 0,
    "spread_below": 0.1,
    "after_epochs": 10,
}


def feed(callback: CollapseWarning, losses: list[float], first: int = 10) -> None:
    """Give one logged loss every ten steps."""
    for i, loss in enumerate(losses):
        trainer: Any = SimpleNamespace(
            callback_metrics={"loss/discriminator": torch.tensor(loss)}, global_step=first + 10 * i
        )
        callback.on_train_batch_end(trainer, None, None, None, 0)  # type: ignore[arg-type]


def look(callback: CollapseWarning, share: float, epoch: int) -> None:
    """Show drawings that differ ``share`` as much as the photos do."""
    photos = torch.tensor([0, 255], dtype=torch.uint8).view(2, 1, 1, 1).expand(2, 3, 4, 4)
    trainer: Any = SimpleNamespace(
        current_epoch=epoch - 1,
        max_epochs=-1,
        global_step=epoch,
        max_steps=-1,
        should_stop=False,
        is_global_zero=True,
        datamodule=SimpleNamespace(examples=lambda count: photos[:count]),
    )
    gan: Any = SimpleNamespace(
        fixed_noise=torch.zeros(2),
        prepare_average=lambda: None,
        generate_fixed=lambda: (photos.float() / 127.5 - 1) * share,
    )
    callback.on_train_epoch_end(trainer, gan)


def test_a_discriminator_that_stays_ahead_is_named_once(caplog: pytest.LogCaptureFixture) -> None:
    feed(CollapseWarning(**SETTINGS), [0.01] * 20)
    assert len(caplog.records) == 1
    assert "discriminator has won" in caplog.text and "discriminator_lr" in caplog.text


def test_a_loss_that_recovers_is_no_reason_to_warn(caplog: pytest.LogCaptureFixture) -> None:
    feed(CollapseWarning(**SETTINGS), [0.01, 0.01, 0.3] * 10)
    assert not caplog.records


def test_a_resumed_run_counts_on_and_warns_no_second_time(caplog: pytest.LogCaptureFixture) -> None:
    first = CollapseWarning(**SETTINGS)
    feed(first, [0.01, 0.01])
    second = CollapseWarning(**SETTINGS)
    second.load_state_dict(first.state_dict())
    feed(second, [0.01, 0.01], first=30)
    assert len(caplog.records) == 1
    third = CollapseWarning(**SETTINGS)
    third.load_state_dict(second.state_dict())
    feed(third, [0.01] * 9, first=50)
    assert len(caplog.records) == 1


def test_drawings_that_become_alike_are_mode_collapse(
    caplog: pytest.LogCaptureFixture,
) -> None:
    callback = CollapseWarning(**SETTINGS)
    for epoch, share in enumerate([0.05, 0.5, 0.2, 0.05, 0.04], start=1):
        look(callback, share, epoch)
        assert len(caplog.records) == (epoch >= 4)
    assert "mode collapse" in caplog.text and "5%" in caplog.text


def test_drawings_that_never_differed_are_named_after_some_epochs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    callback = CollapseWarning(**SETTINGS)
    look(callback, 0.05, 9)
    assert not caplog.records
    look(callback, 0.05, 10)
    assert [r.levelno for r in caplog.records] == [logging.WARNING]
