"""When the photos of a folder come from the cache, and when they are decoded anew."""

import errno
import os
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import zoo
from PIL import Image
from three_photos import data, three_photos

from facade_gan.data import folder as folder_module
from facade_gan.data.files import decode
from facade_gan.data.photoset import LeftOut, PassingTrouble


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return three_photos(tmp_path / "photos")


def forbid_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(*args: object) -> None:
        raise AssertionError("it was to come from the cache")

    monkeypatch.setattr(folder_module.decode, "decode", decode)


def test_a_second_start_decodes_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "bad.jpg").write_bytes(b"<html>")
    first = data(root).load()
    forbid_decoding(monkeypatch)
    second = data(root).load()
    assert torch.equal(first.photos, second.photos)
    assert first.names == second.names
    assert first.left_out == second.left_out == [LeftOut("bad.jpg", "an HTML page, not an image")]


def test_a_folder_spelt_in_another_way_is_decoded_once(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = data(root).load()
    (root.parent / "link").symlink_to(root)
    monkeypatch.chdir(root)
    forbid_decoding(monkeypatch)
    cache = {"cache_dir": str(root.parent / "cache")}
    for spelt in ("../photos", ".", "../link", f"{root}/more/.."):
        assert torch.equal(data(Path(spelt), **cache).load().photos, first.photos)


def test_a_photo_of_another_name_is_not_taken_from_the_cache(root: Path) -> None:
    key = data(root).cache_key(data(root).list_files()[0])
    (root / "b.png").rename(root / "bb.png")
    renamed = data(root).list_files()[0]
    assert data(root).cache_key(renamed)["files"] != key["files"]
    assert data(root).load().names == ["a.jpg", "bb.png", "more/c.webp"]


def test_other_settings_decode_anew_and_are_kept_beside(root: Path) -> None:
    cropped = data(root).load().photos
    padded = data(root, fit="pad").load().photos
    larger = data(root, image_size=64).load().photos
    assert cropped[0, 0, 0, 0] == 200
    assert padded[0, 0, 0, 0] == 0
    assert larger.shape == (3, 3, 64, 64)
    assert len(list((root.parent / "cache").iterdir())) == 3


@pytest.mark.parametrize("library", ["pi-heif", "simplejpeg"])
@pytest.mark.parametrize("installed", ["0.0.1", None])
def test_what_another_version_of_a_decoder_made_of_the_photos_is_not_believed(
    root: Path, monkeypatch: pytest.MonkeyPatch, library: str, installed: str | None
) -> None:
    whole = metadata.version

    def version(package: str) -> str:
        if package == library and installed is None:
            raise metadata.PackageNotFoundError(package)
        return installed if package == library and installed else whole(package)

    with monkeypatch.context() as patched:
        patched.setattr(metadata, "version", version)
        data(root).load()
    data(root).load()
    assert len(list((root.parent / "cache").iterdir())) == 2


def test_a_photo_replaced_by_one_of_the_same_size_and_time_is_decoded_anew(root: Path) -> None:
    data(root).load()
    path = root / "b.png"
    before, length = path.stat(), path.stat().st_size
    Image.new("RGB", (50, 40), (40, 50, 60)).save(path)
    path.write_bytes(path.read_bytes().ljust(length, b"\0"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert data(root).load().photos[1, :, 0, 0].tolist() == [40, 50, 60]


def test_photos_added_and_taken_away_are_noticed(root: Path) -> None:
    data(root).load()
    (root / "a.jpg").unlink()
    Image.new("RGB", (50, 40)).save(root / "new.bmp")
    assert data(root).load().names == ["b.png", "more/c.webp", "new.bmp"]


def test_five_hundred_photos_come_from_the_cache_in_a_second_of_work(tmp_path: Path) -> None:
    root = tmp_path / "photos"
    root.mkdir()
    picture = zoo.saved(zoo.texture(40, 30), "JPEG")
    for i in range(500):
        (root / f"{i}.jpg").write_bytes(picture)
    data(root).load()
    begin = time.process_time()
    photos = data(root).load()
    assert time.process_time() - begin < 1
    assert np.ptp(photos.photos.float().mean((1, 2, 3)).numpy()) == 0


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (OSError(errno.EIO, "Input/output error"), "unreadable: Input/output error"),
        (FileNotFoundError(errno.ENOENT, "No such file"), "vanished, or a link to nothing"),
        (MemoryError(), "not enough memory to decode it"),
        (PassingTrouble("HEIC, which needs pi-heif: pip install pi-heif"), None),
    ],
)
def test_trouble_that_passes_leaves_no_photo_out_of_the_next_start(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    trouble: Exception, reason: str | None,
) -> None:  # fmt: skip
    whole = decode.opened

    def failing(file: Any) -> Any:
        if file.name.endswith("b.png"):
            raise trouble
        return whole(file)

    with monkeypatch.context() as patched:
        patched.setattr(decode, "opened", failing)
        found = data(root).load()
    assert found.names == ["a.jpg", "more/c.webp"]
    assert found.left_out == [LeftOut("b.png", reason or str(trouble))]
    assert "Nothing is cached" in caplog.text and "b.png" in caplog.text
    assert data(root).load().names == ["a.jpg", "b.png", "more/c.webp"]
    forbid_decoding(monkeypatch)
    assert len(data(root).load()) == 3
