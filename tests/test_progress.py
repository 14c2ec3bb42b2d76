"""Progress where nobody looks at a terminal: whole lines, few of them."""

import logging
import sys

import pytest

from facade_gan import progress
from facade_gan.progress import Progress


def test_lines_are_whole_and_as_far_apart_as_asked_for(
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.INFO)
    assert list(Progress(range(50), "Decoding photos")) == list(range(50))
    assert caplog.messages == ["Decoding photos: 0 of 50"]  # no second one in less than a minute

    caplog.clear()
    monkeypatch.setattr(progress, "LINE_EVERY", 0.0)
    list(Progress(range(3), "Decoding photos"))
    assert caplog.messages == [f"Decoding photos: {done} of 3" for done in range(4)]

    caplog.clear()
    monkeypatch.setattr(progress, "LINE_EVERY", 60.0)
    list(Progress(range(3), "Looking for copies", announced=False))
    with Progress(total=2 * 10**6, unit="B", unit_scale=True, desc="photos.zip") as bar:
        bar.update(10**6)
    assert caplog.messages == ["photos.zip: 0.00B of 2.00MB"]
    assert "".join(capsys.readouterr()) == ""


def test_a_terminal_has_a_bar(
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    list(Progress(range(5), "Decoding photos", unit="photo"))
    assert "Decoding photos: 100%" in capsys.readouterr().err
    assert caplog.messages == []
