import json
import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from facade_gan import atomic_files
from facade_gan.data import cache
from facade_gan.data.cache import load_or_build
from facade_gan.data.photoset import LeftOut, PhotoSet

KEY = {"files": "abc", "image_size": 8, "fit": "crop"}


def photoset(count: int = 5, seed: int = 0) -> PhotoSet:
    generator = torch.Generator().manual_seed(seed)
    photos = torch.randint(0, 256, (count, 3, 8, 8), dtype=torch.uint8, generator=generator)
    left_out = [LeftOut("kaputt 正.jpg", 'truncated: "x"')]
    return PhotoSet(photos, [f"ä{i}.jpg" for i in range(count)], left_out)


def must_not_build() -> PhotoSet:
    raise AssertionError("it was in the cache")


def same(a: PhotoSet, b: PhotoSet) -> bool:
    return torch.equal(a.photos, b.photos) and a.names == b.names and a.left_out == b.left_out


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """The one file of a cache that holds `photoset()`."""
    load_or_build(tmp_path, KEY, photoset)
    (file,) = tmp_path.iterdir()
    return file


def test_the_second_start_reads_what_the_first_one_built(filled: Path) -> None:
    found = load_or_build(filled.parent, KEY, must_not_build)
    assert same(found, photoset())
    assert found.photos.is_contiguous()


def test_a_set_without_photos_is_kept_too(tmp_path: Path) -> None:
    empty = PhotoSet(torch.empty(0, 3, 8, 8, dtype=torch.uint8), [], [LeftOut("a", "text")])
    load_or_build(tmp_path, KEY, lambda: empty)
    assert same(load_or_build(tmp_path, KEY, must_not_build), empty)


@pytest.mark.parametrize("change", [{"files": "abd"}, {"image_size": 16}, {"fit": "pad"}])
def test_another_key_is_another_set(filled: Path, change: dict[str, object]) -> None:
    other = photoset(seed=1)
    assert same(load_or_build(filled.parent, KEY | change, lambda: other), other)
    assert same(load_or_build(filled.parent, KEY, must_not_build), photoset())


def cut(data: bytearray) -> bytes:
    return bytes(data[: len(data) // 2])


def pixel_changed(data: bytearray) -> bytes:
    data[-7] ^= 1
    return bytes(data)


def name_changed(data: bytearray) -> bytes:
    return bytes(data).replace(b"u00e43.jpg", b"u00e44.jpg")


def other_key(data: bytearray) -> bytes:
    return bytes(data).replace(b"abc", b"xyz")


DAMAGE: dict[str, Callable[[bytearray], bytes]] = {
    "empty": lambda data: b"",
    "cut": cut,
    "one bit of a pixel": pixel_changed,
    "a name": name_changed,
    "the key": other_key,
    "zeros": lambda data: bytes(len(data)),
    "text": lambda data: b"<html>",
    "tail": lambda data: bytes(data) + b"more",
    "monstrous header": lambda data: b"\xff" * 8 + bytes(data[8:]),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_cache_is_said_and_rebuilt_and_never_believed(
    filled: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    whole = filled.read_bytes()
    filled.write_bytes(DAMAGE[damage](bytearray(whole)))
    assert filled.read_bytes() != whole
    other = photoset(seed=1)
    assert same(load_or_build(filled.parent, KEY, lambda: other), other)
    assert "building it anew" in caplog.text
    assert same(load_or_build(filled.parent, KEY, must_not_build), other)


def test_every_byte_of_the_cache_matters(filled: Path) -> None:
    whole = filled.read_bytes()
    for position in range(0, len(whole), 13):
        data = bytearray(whole)
        data[position] ^= 0x11
        filled.write_bytes(data)
        other = photoset(seed=1)
        found = load_or_build(filled.parent, KEY, lambda other=other: other)
        assert same(found, other), position


def test_a_file_of_the_right_name_by_somebody_else_is_not_believed(filled: Path) -> None:
    photos = load_file(filled)["photos"]
    contents = json.dumps({"key": {"files": "x"}, "names": ["a"] * len(photos), "left_out": []})
    metadata = {"contents": contents, "sha256": cache.digest(contents, photos)}
    save_file({"photos": photos}, filled, metadata)
    with pytest.raises(ValueError, match="made from something else"):
        cache.read(filled, KEY)


def test_a_disk_that_takes_nothing_costs_the_cache_and_not_the_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("not a folder")
    found = load_or_build(tmp_path / "file" / "cache", KEY, photoset)
    assert same(found, photoset())
    assert "can't be written" in caplog.text


def test_a_failed_write_leaves_the_cache_before_it_alone(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = filled.read_bytes()

    def disk_full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("facade_gan.atomic_files.sync_file", disk_full)
    with pytest.raises(OSError, match="No space left"):
        cache.write(filled, KEY, photoset(seed=1))
    assert filled.read_bytes() == whole
    assert list(filled.parent.iterdir()) == [filled]


def build_slowly() -> PhotoSet:
    time.sleep(0.3)
    return photoset(2000)


def start(folder: Path, results: "multiprocessing.Queue[bool]") -> None:
    found = load_or_build(folder, KEY, build_slowly)
    results.put(same(found, photoset(2000)))


def test_two_runs_that_start_at_once_both_get_it_right(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[bool] = context.Queue()
    runs = [context.Process(target=start, args=(tmp_path, results)) for _ in range(2)]
    for run in runs:
        run.start()
    assert [results.get(timeout=60) for _ in runs] == [True, True]
    for run in runs:
        run.join()
    assert len(list(tmp_path.iterdir())) == 1
    assert same(load_or_build(tmp_path, KEY, must_not_build), photoset(2000))


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_cache import KEY, photoset
from facade_gan import atomic_files
from facade_gan.data import cache
def die(path): os.kill(os.getpid(), signal.SIGKILL)
atomic_files.sync_file = die  # all is written, nothing is renamed
cache.load_or_build(Path(sys.argv[1]), KEY, photoset)
"""


def test_a_killed_writer_leaves_nothing_that_is_believed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(Path(__file__).parent)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    (leftover,) = tmp_path.iterdir()
    other = photoset(seed=1)
    with caplog.at_level(logging.WARNING):
        assert same(load_or_build(tmp_path, KEY, lambda: other), other)
    assert leftover.exists()  # it could be a writer at work
    yesterday = time.time() - 2 * atomic_files.LEFTOVER_AGE
    os.utime(leftover, (yesterday, yesterday))
    load_or_build(tmp_path, KEY | {"fit": "pad"}, photoset)
    assert not leftover.exists()


def test_five_hundred_photos_are_there_in_less_than_a_second_of_work(tmp_path: Path) -> None:
    photos = torch.randint(0, 256, (500, 3, 64, 64), dtype=torch.uint8)
    load_or_build(tmp_path, KEY, lambda: PhotoSet(photos, ["name"] * 500))
    begin = time.process_time()
    found = load_or_build(tmp_path, KEY, must_not_build)
    assert time.process_time() - begin < 1
    assert torch.equal(found.photos, photos)
