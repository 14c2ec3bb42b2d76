"""TensorBoard's own page of a run, opened in a real browser."""

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="no chromium here: apt-get install chromium"),
]


@pytest.fixture
def tensorboard(tiny_run: tuple[Path, str]) -> Iterator[str]:
    """Serve the run with the command that it printed; the page's address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = ["--logdir", str(tiny_run[0]), "--port", str(port), "--load_fast=false"]
    arguments += ["--samples_per_plugin", "images=200"]
    server = subprocess.Popen(
        [sys.executable, "-m", "tensorboard.main", *arguments], stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/data/plugin/images/tags", "fixed_noise")
        yield address
    finally:
        server.terminate()
        server.wait()


def wait_for(address: str, words: str) -> None:
    """Ask until the answer has ``words`` in it, for a minute."""
    for _ in range(120):
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if words in answer.read().decode():
                    return
        except OSError:
            pass  # not listening yet
        time.sleep(0.5)
    pytest.fail(f"{address} does not answer with {words}")


def test_the_page_shows_the_grids(
    tiny_run: tuple[Path, str], tensorboard: str, tmp_path: Path
) -> None:
    screenshot = tmp_path / "page.png"
    open_page(f"{tensorboard}/#images", screenshot, tmp_path / "profile")
    page = np.array(Image.open(screenshot).convert("RGB"))
    grid = Image.open(tiny_run[0] / "grids" / "epoch_0003.png").convert("RGB")

    # After three epochs all images still have about one colour: where the page has it, is the grid.
    colour = np.median(np.array(grid)[2:-2, 2:-2], axis=(0, 1))
    rows, columns = np.nonzero((np.abs(page - colour) < 25).all(axis=-1))
    assert len(rows) > 10_000, f"the last grid is not on the page: see {screenshot}"
    shown = page[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    inside = grid.crop((2, 2, grid.width - 2, grid.height - 2))
    expected = np.array(inside.resize(shown.shape[1::-1], Image.Resampling.BILINEAR))
    assert np.abs(shown.astype(float) - expected).mean() < 15, f"see {screenshot}"


def open_page(address: str, screenshot: Path, profile: Path) -> None:
    """Open ``address`` in a browser without a window, and take a picture when it has settled."""
    quiet = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    quiet += " --disable-background-networking --disable-component-update --disable-sync"
    subprocess.run(
        [
            str(BROWSER),
            *quiet.split(),
            f"--user-data-dir={profile}",
            "--window-size=1400,1000",
            "--virtual-time-budget=30000",
            f"--screenshot={screenshot}",
            address,
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
