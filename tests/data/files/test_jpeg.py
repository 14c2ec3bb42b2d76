import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import zoo
from zoo import decode

from facade_gan.data.files import decode as decode_module
from facade_gan.data.files import jpeg
from facade_gan.data.files.fit import crop
from facade_gan.data.photoset import UnusablePhoto

BASELINE = zoo.saved(zoo.texture(), "JPEG")
RESTARTS = zoo.saved(zoo.texture(), "JPEG", restart_marker_rows=1)
PROGRESSIVE = zoo.saved(zoo.texture(), "JPEG", progressive=True)
NOTES = b"\0\0\x01\x0a\x0e\0\0\0Image_UTC_Data1434567890" + bytes(range(256)) * 20 + b"SEFT"


def pixels(tmp_path: Path, data: bytes) -> np.ndarray:
    (tmp_path / "a.jpg").write_bytes(data)
    return decode(tmp_path / "a.jpg", 64, crop)


def before_tables(data: bytes, stray: bytes) -> bytes:
    at = data.index(b"\xff\xdb")
    return data[:at] + stray + data[at:]


def before_end(data: bytes, stray: bytes) -> bytes:
    return data[:-2] + stray + data[-2:]


def before_restarts(data: bytes, stray: bytes) -> bytes:
    scan = jpeg.first_scan(data)
    return data[:scan] + re.sub(rb"(\xff[\xd0-\xd7])", stray + rb"\1", data[scan:])


@pytest.mark.parametrize("original", [BASELINE, RESTARTS, PROGRESSIVE], ids=["b", "r", "p"])
@pytest.mark.parametrize("stray", [b"\0", b"\0\0", b"\x17", b"\1\2\3", bytes(40), b"\x20" * 9])
@pytest.mark.parametrize("put", [before_tables, before_end, before_restarts])
def test_stray_bytes_between_markers_change_no_pixel(
    tmp_path: Path, original: bytes, stray: bytes, put: Callable[[bytes, bytes], bytes]
) -> None:
    if put is before_restarts and original is not RESTARTS:
        pytest.skip("has no restart markers")
    assert put(original, stray) != original
    assert np.array_equal(pixels(tmp_path, put(original, stray)), pixels(tmp_path, original))


def test_stray_bytes_at_two_places_at_once_change_no_pixel(tmp_path: Path) -> None:
    data = before_end(before_restarts(before_tables(RESTARTS, b"\0\0"), b"\0"), b"\0\0\0")
    assert np.array_equal(pixels(tmp_path, data), pixels(tmp_path, RESTARTS))


@pytest.mark.parametrize("stray", [b"\0\0", b"\1\2\3"])
def test_damage_behind_stray_bytes_is_still_noticed(tmp_path: Path, stray: bytes) -> None:
    data = before_restarts(RESTARTS, stray)
    scan = jpeg.first_scan(data)
    gap = scan + (len(data) - scan) * 2 // 3
    for cut in (data[: gap - 150] + data[gap:], data[: gap - 150] + bytes(150) + data[gap:]):
        with pytest.raises(UnusablePhoto, match=r"^damaged"):
            pixels(tmp_path, cut)


def test_a_picture_whose_end_is_zeros_is_damaged_and_not_filled_up(tmp_path: Path) -> None:
    for share in (0.3, 0.7, 0.95):
        kept = int(len(BASELINE) * share)
        with pytest.raises(UnusablePhoto):
            pixels(tmp_path, BASELINE[:kept] + bytes(len(BASELINE) - kept - 2) + b"\xff\xd9")


def test_a_panorama_that_has_notes_instead_of_an_end_is_used(tmp_path: Path) -> None:
    assert np.array_equal(pixels(tmp_path, BASELINE[:-2] + NOTES), pixels(tmp_path, BASELINE))
    assert np.array_equal(pixels(tmp_path, BASELINE + NOTES), pixels(tmp_path, BASELINE))


def test_a_panorama_whose_picture_is_not_whole_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusablePhoto, match=r"^a panorama without an end marker"):
        pixels(tmp_path, BASELINE[: len(BASELINE) // 2] + NOTES)


def test_a_whole_file_is_not_touched() -> None:
    for data in (BASELINE, RESTARTS, PROGRESSIVE, BASELINE + NOTES):
        assert jpeg.mended(data) is data
    assert io.BytesIO(jpeg.mended(b"\xff\xd8\xff")).read() == b"\xff\xd8\xff"


def test_a_photo_is_read_and_mended_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    for module, name in ((decode_module, "contents"), (jpeg, "mended")):
        whole = getattr(module, name)
        monkeypatch.setattr(
            module, name, lambda given, w=whole, n=name: calls.append(n) or w(given)
        )
    data = before_tables(BASELINE, b"\0\0")
    assert np.array_equal(pixels(tmp_path, data), pixels(tmp_path, BASELINE))
    assert calls == ["contents", "mended"] * 2  # of two photos
