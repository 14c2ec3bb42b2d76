import sys
from pathlib import Path

import numpy as np
import pytest
import zoo
from PIL import Image
from zoo import decode

from facade_gan.data.files.fit import squash
from facade_gan.data.files.heic import is_heic
from facade_gan.data.photoset import UnusablePhoto

pillow_heif = pytest.importorskip("pillow_heif", reason="nothing to make HEIC with")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_turned_by_exif_and_by_its_container_is_turned_once(
    tmp_path: Path, orientation: int
) -> None:
    seen = np.asarray(zoo.rgb())[:, :64]
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(zoo.stored_for(orientation, seen))
    data = zoo.heic(stored, exif=exif.tobytes())
    assert b"Exif" in data
    (tmp_path / "a.heic").write_bytes(data)
    assert np.abs(decode(tmp_path / "a.heic", 32, squash).astype(int)
                  - squash(Image.fromarray(seen), 32)).mean() < 6  # fmt: skip


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_a_truncated_photo_is_left_out_as_that(tmp_path: Path, share: float) -> None:
    data = zoo.heic(zoo.texture())
    (tmp_path / "a.heic").write_bytes(data[: int(len(data) * share)])
    with pytest.raises(UnusablePhoto, match=r"^(truncated|damaged)"):
        decode(tmp_path / "a.heic", 32, squash)


def test_without_its_decoder_the_reason_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.heic").write_bytes(zoo.heic(zoo.texture()))
    monkeypatch.setitem(sys.modules, "pi_heif.as_plugin", None)
    with pytest.raises(UnusablePhoto, match=r"pip install pi-heif$"):
        decode(tmp_path / "a.heic", 32, squash)


def test_heic_is_told_from_its_relatives() -> None:
    assert is_heic(zoo.heic(zoo.texture()))
    assert is_heic(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(40))
    assert not is_heic(zoo.saved(zoo.rgb(), "AVIF"))
    assert not is_heic(b"\0\0\0\x18ftypisom\0\0\0\0isommp42")
