"""The page in a real browser, as `facade-gan explore` serves it."""

import io
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
LACKING = [name for name in ("gradio", "playwright") if find_spec(name) is None]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="no chromium here: apt-get install chromium"),
    pytest.mark.skipif(bool(LACKING), reason=f"pip install {' '.join(LACKING)}"),
]


def explore(*arguments: str, cwd: Path) -> subprocess.Popen[str]:
    """Start the command as a user does, without opening a browser."""
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "facade_gan", "explore", "browser=false", *arguments]
    return subprocess.Popen(
        command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def last_words(err: str) -> list[str]:
    """What the command said beside the line that it is loading."""
    return [line for line in err.splitlines() if not line.startswith("Loading PyTorch and ")]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page of the shipped weights, from an empty folder: its address; Ctrl-C ends it."""
    empty = tmp_path_factory.mktemp("empty")
    server = explore("wall=12", cwd=empty)
    assert server.stdout is not None
    yield server.stdout.readline().split()[0]
    server.send_signal(signal.SIGINT)
    out, err = server.communicate(timeout=60)
    assert (server.returncode, out, last_words(err)) == (130, "", ["Stopped by SIGINT."])
    assert list(empty.iterdir()) == []


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield browser
        browser.close()


class Visitor:
    """A page that someone looks at."""

    def __init__(self, chromium: Any, address: str) -> None:
        self.page = chromium.new_page(viewport={"width": 1280, "height": 1000})
        self.hosts: set[str] = set()
        self.faults: list[str] = []
        self.page.on("request", lambda r: self.hosts.add(r.url.split("/")[2]))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.goto(address)
        self.page.wait_for_selector(".end.is-b", timeout=120_000)
        self.page.wait_for_selector(".tile", timeout=120_000)

    def picture(self) -> str:
        return self.page.get_attribute(".picture", "src")

    def wait_for(self, script: str) -> None:
        self.page.wait_for_function(script, timeout=120_000)

    def wait_for_query(self, part: str) -> None:
        self.wait_for(f"location.search.includes('{part}')")


@pytest.fixture
def visit(chromium: Any) -> Iterator[Any]:
    visitors: list[Visitor] = []

    def visit_(address: str) -> Visitor:
        visitors.append(Visitor(chromium, address))
        return visitors[-1]

    yield visit_
    for visitor in visitors:
        assert visitor.faults == []
        assert all(host.startswith("127.0.0.1:") for host in visitor.hosts if host)
        visitor.page.close()


def test_a_slider_moved_changes_the_picture_and_says_how_long_it_took(
    served: str, visit: Any
) -> None:
    visitor = visit(served)
    before = visitor.picture()
    slider = visitor.page.get_by_label("range slider for From A to B")
    slider.focus()
    for _ in range(5):
        slider.press("ArrowRight")
    visitor.wait_for_query("share=0.05")
    assert visitor.picture() != before
    words = visitor.page.inner_text("#latency")
    assert re.fullmatch(r"\d+ ms from the mouse to the picture, \d+ of them in the networks", words)


def test_clicks_pick_a_and_b(served: str, visit: Any) -> None:
    visitor = visit(served)
    visitor.page.click(".tile[data-seed='7']")
    visitor.wait_for_query("a=7")
    visitor.wait_for("document.querySelector('.tile[data-seed=\"7\"]').matches('.is-a')")
    visitor.page.click(".tile[data-seed='3']")
    visitor.wait_for_query("b=3")
    tile = visitor.page.get_attribute(".tile[data-seed='7'] img", "src")
    assert tile.startswith("data:image/png") and visitor.picture().startswith("data:image/png")
    assert visitor.page.locator(".tile.is-b").get_attribute("data-seed") == "3"
    visitor.wait_for("document.querySelectorAll('.tile[aria-pressed=true]').length === 2")
    for letter, seed in (("A", 7), ("B", 3)):
        tile = visitor.page.locator(f".tile[data-seed='{seed}']")
        assert tile.get_attribute("aria-label").startswith(f"{letter}: seed {seed}, D ")
        assert tile.evaluate("t => getComputedStyle(t, '::after').content") == f'"{letter}"'


def test_a_click_picks_beside_an_emptied_box(served: str, visit: Any) -> None:
    visitor = visit(served)
    visitor.page.get_by_label("Seed of B").fill("")
    visitor.wait_for_query("a=0&b=0")
    visitor.page.click(".tile[data-seed='7']")
    visitor.wait_for_query("a=7&b=0")


def test_the_address_brings_the_picture_back(served: str, visit: Any) -> None:
    settings = "a=5&b=9&share=0.4&mix=map+1&variety=0.7&method=pca&d2=-3&first=24&order=best"
    first, second = visit(f"{served}?{settings}"), visit(f"{served}?{settings}")
    first.wait_for_query("order=best")
    assert set(first.page.evaluate("location.search")[1:].split("&")) == set(settings.split("&"))
    assert first.picture() == second.picture() != visit(served).picture()
    seeds = first.page.eval_on_selector_all(".tile", "all => all.map(t => +t.dataset.seed)")
    assert sorted(seeds) == list(range(24, 36)) and seeds != sorted(seeds)


def test_a_wrong_address_says_so_and_shows_the_rest(served: str, visit: Any) -> None:
    visitor = visit(f"{served}?a=abc&b=4&d99=1")
    said = visitor.page.inner_text("#notice")
    assert "a=abc in the address: must be a whole number" in said and "d99=1" in said
    visitor.wait_for_query("a=0&b=4")


def test_the_wall_goes_on_and_directions_have_strips(served: str, visit: Any) -> None:
    visitor = visit(served)
    visitor.page.get_by_role("button", name="More").click()
    visitor.wait_for_query("first=12")
    visitor.page.get_by_role("tab", name="Directions").click()
    visitor.wait_for("document.querySelectorAll('.strip').length === 8")
    before = visitor.page.locator(".strip").nth(4).get_attribute("src")
    slider = visitor.page.get_by_label("range slider for Direction 2")
    slider.focus()
    slider.press("ArrowRight")
    visitor.wait_for_query("d2=0.1")
    visitor.wait_for(f"document.querySelectorAll('.strip')[4].src !== '{before}'")
    for change in (
        lambda: visitor.page.get_by_label("Seed of A").fill("5"),
        lambda: visitor.page.get_by_label("8", exact=True).check(),
    ):
        before = visitor.page.locator(".strip").nth(4).get_attribute("src")
        change()
        visitor.wait_for(f"document.querySelectorAll('.strip')[4].src !== '{before}'")
    back = visitor.page.locator(".direction").nth(1).get_by_label("Reset to default value")
    back.click()
    visitor.wait_for("!location.search.includes('d2=')")


def test_what_is_saved_is_the_picture_and_says_what_it_is(served: str, visit: Any) -> None:
    from PIL import Image

    visitor = visit(f"{served}?a=5&share=0.5")
    visitor.wait_for_query("share=0.5")
    with visitor.page.expect_download() as download:
        visitor.page.get_by_text("for print").click()
    assert download.value.suggested_filename == "facade_enlarged_32x.png"
    with Image.open(io.BytesIO(Path(download.value.path()).read_bytes())) as saved:
        assert saved.size == (2048, 2048)
        assert saved.text["enlarged"].startswith("32 times")
        assert saved.text["explore"] == "?a=5&b=1&share=0.5"


def test_no_file_of_the_machine_is_served(served: str, visit: Any) -> None:
    weights = REPOSITORY / "facade_gan/weights/drawn64.safetensors"
    request = visit(served).page.request
    for path in ("/etc/passwd", weights):
        for route in ("gradio_api/file=", "gradio_api/file", "file=", "static/../../../../.."):
            answer = request.get(f"{served}/{route}{path}")
            assert answer.status in (403, 404) and len(answer.body()) < 100
    upload = {"files": {"name": "x", "mimeType": "text/plain", "buffer": b"x"}}
    assert request.post(f"{served}/gradio_api/upload", multipart=upload).status == 404
    assert request.get(served, headers={"Host": "example.org"}).status == 400


def test_a_run_is_watched(chromium: Any, visit: Any, tiny_run: tuple[Path, str]) -> None:
    server = explore(f"checkpoint='{tiny_run[0]}'", "wall=4", cwd=tiny_run[0])
    try:
        assert server.stdout is not None
        visitor = visit(server.stdout.readline().split()[0])
        visitor.page.get_by_role("tab", name="Training").click()
        visitor.wait_for("document.querySelector('.grid + .note')?.innerText === 'epoch 3'")
        slider = visitor.page.get_by_label("range slider for Grid")
        slider.focus()
        slider.press("ArrowLeft")
        visitor.wait_for("document.querySelector('.grid + .note')?.innerText === 'epoch 2'")
    finally:
        server.kill()
        server.communicate()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["checkpoint=nowhere"], "error: nowhere: no such checkpoint"),
        ([f"checkpoint={REPOSITORY / 'pyproject.toml'}"], "not a checkpoint of facade_gan"),
        (["directions=none.npz"], "error: directions=none.npz"),
        (["wall=0"], "error: wall=0"),
        (["port=99999"], "error: port=99999"),
        (["host=nonexistent.invalid"], "can't be listened on ("),
    ],
)
def test_a_mistake_is_one_line(arguments: list[str], words: str, tmp_path: Path) -> None:
    out, err = explore(*arguments, cwd=tmp_path).communicate(timeout=100)
    (line,) = last_words(err)
    assert out == "" and words in line and "Unknown error" not in line


def test_a_taken_port_is_named(served: str, tmp_path: Path) -> None:
    port = served.rsplit(":", 1)[1]
    out, err = explore(f"port={port}", cwd=tmp_path).communicate(timeout=100)
    (line,) = last_words(err)
    assert out == "" and f"port={port}: can't be listened on" in line
