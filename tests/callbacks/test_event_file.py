"""The curves of a run on a disk that is full for a while."""

import io
import logging
from pathlib import Path

import pytest
from conftest import files_of_at_most
from lightning.pytorch.loggers import TensorBoardLogger
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from facade_gan.callbacks import event_file
from facade_gan.callbacks.loggers import log_image

PICTURE = io.BytesIO()
Image.new("RGB", (8, 8)).save(PICTURE, "PNG")


def steps_of(folder: Path) -> list[int]:
    curves = EventAccumulator(str(folder))
    curves.Reload()
    return [event.step for event in curves.Scalars("kid")]


def test_a_full_disk_loses_a_part_of_the_curves_and_is_said_once(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(event_file, "WAIT", 0.0)
    logger = TensorBoardLogger(str(tmp_path), name="", version="")
    logger.log_metrics({"kid": 0.5}, step=1)
    logger.save()
    with files_of_at_most(10):
        for step in (2, 3):
            logger.log_metrics({"kid": 0.4}, step=step)
            log_image(logger, "grid", PICTURE.getvalue(), step)
            logger.save()
    logger.log_metrics({"kid": 0.3}, step=4)
    logger.finalize("success")
    assert steps_of(tmp_path) == [1, 4]
    assert [r.levelno for r in caplog.records] == [logging.ERROR]
    assert "not written: File too large; training goes on" in caplog.text
    assert "Traceback" not in capfd.readouterr().err
    assert all(file.stat().st_size for file in tmp_path.iterdir())
