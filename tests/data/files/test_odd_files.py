"""AVIF cut short or not supported, TIFF turned or with odd tags, raw files that pass for TIFF."""

import struct
from pathlib import Path

import numpy as np
import pytest
import zoo
from PIL import Image, features
from zoo import decode

from facade_gan.data.files import decode as decode_module
from facade_gan.data.files.fit import crop, squash
from facade_gan.data.photoset import PassingTrouble, UnusablePhoto


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow makes no AVIF")
def test_an_avif_cut_short_in_its_header_is_called_damaged(tmp_path: Path) -> None:
    data = zoo.saved(zoo.texture(), "AVIF")
    for end in (100, len(data) // 2):
        (tmp_path / "a.avif").write_bytes(data[:end])
        with pytest.raises(UnusablePhoto, match=r"^(damaged|truncated)"):
            decode(tmp_path / "a.avif", 32, crop)


def test_an_avif_that_this_pillow_cannot_read_is_not_left_out_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decode_module, "FORMATS", ["PNG"])
    (tmp_path / "a.avif").write_bytes(b"\0\0\0\x1cftypavif" + bytes(200))
    with pytest.raises(PassingTrouble, match=r"^AVIF, which needs another Pillow"):
        decode(tmp_path / "a.avif", 32, crop)


def test_sixteen_bits_of_grey_whose_tag_repeats_them_are_decoded(tmp_path: Path) -> None:
    data = zoo.saved(Image.fromarray(np.full((40, 40), 25700, np.uint16)), "TIFF")
    once, twice = (struct.pack("<HHIHH", 258, 3, n, 16, 16 * (n - 1)) for n in (1, 2))
    assert data.count(once) == 1
    (tmp_path / "a.tif").write_bytes(data.replace(once, twice))
    assert (decode(tmp_path / "a.tif", 16, squash) == 100).all()


def test_a_raw_file_whose_first_picture_is_a_thumbnail_is_said_to_be_one(tmp_path: Path) -> None:
    for name, kind in {"DSC_0001.NEF": 1, "pages.tif": 2}.items():  # 2: a page of many
        zoo.texture(160, 120).save(tmp_path / name, "TIFF", tiffinfo={254: kind})
    with pytest.raises(UnusablePhoto, match=r"^a camera's raw file: convert it to JPEG"):
        decode(tmp_path / "DSC_0001.NEF", 32, crop)
    assert decode(tmp_path / "pages.tif", 32, crop).std() > 10


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw"])  # libtiff decodes all but raw
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_tiff_is_shown_upright_and_counted_as_turned(
    tmp_path: Path, orientation: int, compression: str
) -> None:
    seen = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    Image.fromarray(zoo.stored_for(orientation, seen)).save(
        tmp_path / "a.tif", compression=compression, tiffinfo={0x0112: orientation}
    )
    decoded = decode_module.decode(tmp_path / "a.tif", 32, squash, rectify=False)
    expected = np.rint(squash(Image.fromarray(seen), 32).clip(0, 255))
    assert np.array_equal(decoded.pixels, expected)
    assert decoded.changes == (["turned"] if orientation > 1 else [])
