"""The page that generates in a browser; in Chromium, offline, behind ``-m browser``."""

import io
import os
import shutil
import tarfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import REPOSITORY, run_here
from server import Site, cut_after, running

from facade_gan.checkpoints.read import load_generator
from facade_gan.data.files.download import sha256
from facade_gan.errors import UserError
from facade_gan.exporting.page import TEMPLATE
from facade_gan.exporting.web_runtime import BINARY, PROGRAM, WebRuntime, web_runtime
from facade_gan.sampling import generate_images


def package(members: dict[str, bytes]) -> bytes:
    """Make an npm package of these files."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return held.getvalue()


WHOLE = package({PROGRAM: b"export default 1", BINARY: b"\0asm" * 1000})


def test_the_runtime_is_downloaded_once_and_resumed_where_it_was_cut(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(WHOLE)
    expected = sha256(tmp_path / "x")
    with running(Site({"/ort-1.0.tgz": WHOLE}, troubles=[cut_after(50)])) as site:
        for _ in range(2):
            got = web_runtime(None, f"{site.url}/ort-1.0.tgz", expected, tmp_path / "cache")
            assert got == WebRuntime(b"export default 1", b"\0asm" * 1000)
        assert len(site.requests) == 2  # the one that was cut, and the rest of it


def test_another_file_than_the_recorded_one_is_refused(tmp_path: Path) -> None:
    with running(Site({"/ort.tgz": WHOLE})) as site, pytest.raises(UserError, match="SHA-256 0000"):
        web_runtime(None, f"{site.url}/ort.tgz", "0000", tmp_path)
    assert not (tmp_path / "ort.tgz").exists()


@pytest.mark.parametrize("content", [b"no package", package({PROGRAM: b""})])
def test_a_file_that_is_no_such_package_is_named_in_one_line(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "ort.tgz").write_bytes(content)
    with pytest.raises(UserError, match=r"ort\.tgz: not onnxruntime-web's npm package") as caught:
        web_runtime(tmp_path / "ort.tgz", "", "", tmp_path)
    assert "\n" not in str(caught.value)


class Parts(HTMLParser):
    """The attributes of a page's elements, by their names."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, list[dict[str, str | None]]] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.setdefault(tag, []).append(dict(attrs))


def test_pictures_have_names_and_what_the_page_says_is_read_out() -> None:
    parts = Parts(TEMPLATE.read_text(encoding="utf-8")).found
    assert len(parts["canvas"]) == 3
    assert len({canvas["aria-label"] for canvas in parts["canvas"]}) == 3
    assert all(canvas["role"] == "img" for canvas in parts["canvas"])
    assert [p["role"] for p in parts["p"] if p.get("id") == "state"] == ["status"]


def runtime() -> WebRuntime:
    """Read the package that ``FACADE_GAN_ORT_WEB`` names."""
    file = os.environ.get("FACADE_GAN_ORT_WEB")
    if file is None:
        pytest.skip("FACADE_GAN_ORT_WEB names no onnxruntime-web-*.tgz of npm")
    return web_runtime(Path(file), "", "", Path())


def test_a_page_whose_seeds_would_be_others_is_refused_before_anything_is_fetched(
    tmp_path: Path,
) -> None:
    pytest.importorskip("onnxscript", reason="needs the extra `onnx`")
    settings = (f"checkpoint={REPOSITORY}/tests/legacy", f"runtime.cache_dir={tmp_path}/cache")
    with pytest.raises(UserError, match=r"noise of 16 numbers .* takes 8; name an \.onnx"):
        run_here("export", *settings, f"out={tmp_path}/x.html")
    assert not list(tmp_path.iterdir())


def settled(page: Any) -> str:
    """Wait for the pictures that the page has been asked for; its address behind the #."""
    return str(
        page.evaluate("(async () => { await turn; await slide(); return location.hash; })()")
    )


@pytest.mark.browser
def test_the_page_generates_offline_what_generate_does(tmp_path: Path) -> None:
    pytest.importorskip("onnxscript", reason="needs the extra `onnx`")
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium here")
    from facade_gan.exporting.page import write_page

    generator = load_generator("drawn")
    write_page(generator, tmp_path / "x.html", runtime(), {"checkpoint": "</script>"})
    assert (tmp_path / "x.html").stat().st_size < 30e6
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_context(offline=True).new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"file://{tmp_path}/x.html#from=5&to=7&share=0")
        page.wait_for_function(
            "/ms a facade|can.t/.test(find('state').textContent)", timeout=200000
        )
        noise = np.array(page.evaluate("Array.from(noiseOf(5))"))
        own = torch.randn(100, generator=torch.Generator().manual_seed(5)).numpy()
        assert np.abs(noise - own).max() < 1e-6

        def pixels(canvas: str) -> np.ndarray:
            read = f"Array.from({canvas}.getContext('2d').getImageData(0, 0, 64, 64).data)"
            return np.array(page.evaluate(read)).reshape(64, 64, 4)[..., :3]

        expected = next(generate_images(generator, 1, seed=5))[0].permute(1, 2, 0).numpy()
        for canvas in ("find('first')", "find('between')", "find('wall').children[5].firstChild"):
            assert np.abs(pixels(canvas) - expected.astype(int)).max() <= 1
        before = pixels("find('between')")
        page.locator("#share").fill("0.5")
        page.wait_for_timeout(1500)
        assert np.abs(pixels("find('between')") - before).mean() > 5
        page.locator("#wall button").nth(3).click()
        assert page.input_value("#from") == "3" and "from=3" in page.evaluate("location.hash")
        assert page.locator("#wall button[aria-pressed=true]").all_text_contents() == [
            "from seed 3",
            "to seed 7",
        ]
        for typed, kept in {"-1": "0", "4294967296": "4294967295", "2.7": "2", "17": "17"}.items():
            page.fill("#to", typed)
            page.keyboard.press("Tab")
            assert page.input_value("#to") == kept and f"to={kept}&" in settled(page)
        assert "</script>" in str(page.text_content("#about")) and not errors
        browser.close()
