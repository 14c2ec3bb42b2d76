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
    with Image.open(tiny_run[0] / "grids" / "epoch_0003.png") as opened:
        grid = opened.convert("RGB")
    upside_down = grid.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    away = distance(screenshot, grid)
    assert away < 8, f"the last grid is not on the page: see {screenshot}"
    assert away < 0.7 * distance(screenshot, upside_down)  # another picture would be told from it


def distance(screenshot: Path, grid: Image.Image) -> float:
    """Compare the picture in the screenshot with a grid: of 255, over 32 x 32 mean colours."""
    with Image.open(screenshot) as image:
        # What has a colour, right of and below TensorBoard's own things, its orange left out.
        page = np.asarray(image.convert("RGB")).astype(int)[230:, 360:]
    orange = (page[..., 0] > 200) & (page[..., 2] < 120)
    coloured = (page.max(axis=-1) - page.min(axis=-1) > 12) & ~orange
    rows, columns = (np.flatnonzero(coloured.sum(axis=axis) > 20) for axis in (1, 0))
    assert len(rows) and len(columns), f"no picture on the page: see {screenshot}"
    shown = page[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.uint8)
    inside = grid.crop((2, 2, grid.width - 2, grid.height - 2))
    means = [
        np.asarray(picture.resize((32, 32), Image.Resampling.BOX)).astype(int)
        for picture in (Image.fromarray(shown), inside)
    ]
    return float(np.abs(means[0] - means[1]).mean())


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
