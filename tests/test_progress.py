"""Progress where nobody looks at a terminal: whole lines, few of them."""

import logging
import sys

import pytest

from facade_gan import progress
from facade_gan.commandline.console import Screen
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


def test_its_own_lines_and_others_stand_below_each_other(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LINE_EVERY", 0.0)
    screen, root = Screen(sys.stdout), logging.getLogger()
    monkeypatch.setattr(root, "level", logging.INFO)
    root.addHandler(screen)
    try:
        for _ in Progress(range(2), "Decoding photos"):
            root.info("a photo")
    finally:
        root.removeHandler(screen)
    printed = capsys.readouterr()
    lines = [f"Decoding photos: {done} of 2" for done in range(3)]
    assert printed.out.splitlines() == [lines[0], "a photo", lines[1], "a photo", lines[2]]
    assert printed.err == ""


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
