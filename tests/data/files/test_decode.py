import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import zoo
from PIL import Image
from zoo import decode

from facade_gan.data.files import decode as decode_module
from facade_gan.data.files import jpeg
from facade_gan.data.files.fit import Pixels, crop, squash
from facade_gan.data.photoset import UnusablePhoto


def test_pixels_are_resized_in_float_and_rounded_once(tmp_path: Path) -> None:
    photo = np.random.default_rng(0).integers(0, 256, (90, 130, 3), np.uint8)
    Image.fromarray(photo).save(tmp_path / "a.png")
    expected = np.rint(squash(Image.fromarray(photo), 32).clip(0, 255))
    result = decode(tmp_path / "a.png", 32, squash)
    assert result.dtype == np.uint8
    assert np.array_equal(result, expected)


def test_what_overshoots_is_clipped_and_does_not_wrap_around(tmp_path: Path) -> None:
    photo = np.zeros((16, 16, 3), np.uint8)
    photo[:, 8:] = 255
    Image.fromarray(photo).save(tmp_path / "a.png")
    row = decode(tmp_path / "a.png", 64, squash)[0, :, 0].astype(int)
    assert (row[:28] < 20).all()
    assert (row[36:] > 235).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photo_is_shown_as_its_viewer_saw_it(tmp_path: Path, orientation: int) -> None:
    seen = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(zoo.stored_for(orientation, seen)).save(tmp_path / "turned.png", exif=exif)
    Image.fromarray(seen).save(tmp_path / "seen.png")
    assert np.array_equal(
        decode(tmp_path / "turned.png", 32, squash), decode(tmp_path / "seen.png", 32, squash)
    )


def test_sixteen_bits_of_grey_keep_steps_finer_than_eight_bits(tmp_path: Path) -> None:
    grey = np.where(np.arange(64) % 2, 25700, 25828).astype(np.uint16)  # 100 and 100.5 of 255
    Image.fromarray(np.tile(grey, (64, 1))).save(tmp_path / "a.png")
    mean = 25764 / 257
    assert (decode(tmp_path / "a.png", 16, squash) == round(mean)).all()


# -- files that are not what they seem


def test_a_file_that_grows_while_it_is_read_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(zoo.saved(zoo.rgb(), "PNG"))

    def fit(image: Image.Image, size: int) -> Pixels:
        with path.open("ab") as file:
            file.write(b"more")
        return crop(image, size)

    with pytest.raises(UnusablePhoto, match=r"^changed while it was read"):
        decode(path, 32, fit)


def test_a_file_cut_short_while_it_is_read_is_said_to_have_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(zoo.saved(zoo.rgb(), "PNG"))

    def fit(image: Image.Image, size: int) -> Pixels:
        os.truncate(path, 10)
        raise UnusablePhoto("truncated")

    with pytest.raises(UnusablePhoto, match=r"^changed while it was read"):
        decode(path, 32, fit)


def test_a_file_that_vanished_is_left_out(tmp_path: Path) -> None:
    with pytest.raises(UnusablePhoto, match=r"^vanished"):
        decode(tmp_path / "gone.jpg", 32, crop)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
@pytest.mark.timeout(20)
def test_a_pipe_named_like_a_photo_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    with pytest.raises(UnusablePhoto, match=r"^not a regular file"):
        decode(tmp_path / "a.jpg", 32, crop)


def test_a_file_of_too_many_bytes_is_left_out_unread(tmp_path: Path) -> None:
    with (tmp_path / "a.jpg").open("wb") as file:
        file.truncate(decode_module.MAX_BYTES + 1)  # a hole: no disk is used
    with pytest.raises(UnusablePhoto, match=r"^file too large: 256 MiB"):
        decode(tmp_path / "a.jpg", 32, crop)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")
    (tmp_path / "a.jpg").chmod(0)
    with pytest.raises(UnusablePhoto, match=r"^no permission"):
        decode(tmp_path / "a.jpg", 32, crop)


def test_a_refusal_to_open_is_put_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UnusablePhoto, match=r"^no permission to read it"):
        decode(tmp_path / "a.jpg", 32, crop)


def test_a_disk_that_fails_while_reading_is_named_as_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.png").write_bytes(zoo.saved(zoo.rgb(), "PNG"))

    def fail(*args: object, **kwargs: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Image.Image, "verify", fail)
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.verify", fail)
    with pytest.raises(UnusablePhoto, match=r"^unreadable: Input/output error"):
        decode(tmp_path / "a.png", 32, crop)


@pytest.mark.parametrize("plain", [1, 2])  # all of it, or the lower half
def test_a_large_plain_area_is_not_taken_for_a_truncated_webp(tmp_path: Path, plain: int) -> None:
    pixels = np.array(zoo.texture(2000, 2000))
    pixels[len(pixels) // plain - len(pixels) :] = 255
    Image.fromarray(pixels).save(tmp_path / "a.webp")
    assert not any((tmp_path / "a.webp").read_bytes()[-300:])
    assert (decode(tmp_path / "a.webp", 32, crop)[-8:] > 250).all()


# -- JPEG: damage, and size


def test_a_jpeg_whose_data_ends_early_is_noticed_though_pillow_says_nothing(
    tmp_path: Path,
) -> None:
    data = zoo.saved(zoo.texture(), "JPEG")
    path = tmp_path / "a.jpg"
    path.write_bytes(data[: len(data) // 2] + b"\xff\xd9")
    Image.open(path).load()  # no error: the lower half is grey
    with pytest.raises(UnusablePhoto, match=r"^damaged: Corrupt JPEG data: premature end"):
        decode(path, 32, crop)


def test_the_first_scan_of_a_jpeg_is_found_behind_its_other_segments() -> None:
    exif = b"Exif\0\0" + b"\xff\xda\xff\xda" * 50  # what looks like a scan, inside a segment
    data = zoo.saved(zoo.rgb(), "JPEG", exif=exif, icc_profile=bytes(200_000))
    assert jpeg.channels_of_first_scan(data) == 3
    assert jpeg.channels_of_first_scan(zoo.saved(zoo.rgb().convert("L"), "JPEG")) == 1
    assert jpeg.channels_of_first_scan(zoo.saved(zoo.rgb(), "JPEG", progressive=True)) == 3
    assert jpeg.channels_of_first_scan(b"\xff\xd8\xff") == 0


@pytest.fixture
def small_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode_module, "MEMORY", 110_000)  # 10,000 pixels of most formats


@pytest.mark.usefixtures("small_bound")
@pytest.mark.parametrize("side", [150, 300, 792])
def test_a_jpeg_over_the_bound_is_decoded_smaller_and_looks_the_same(
    tmp_path: Path, side: int
) -> None:
    picture = zoo.texture(side, side)
    picture.save(tmp_path / "a.jpg", quality=95)
    scaled = decode(tmp_path / "a.jpg", 32, crop).astype(int)
    assert np.abs(scaled - crop(picture, 32)).mean() < 2


@pytest.mark.usefixtures("small_bound")
def test_a_progressive_jpeg_is_decoded_smaller_as_far_as_its_coefficients_allow(
    tmp_path: Path,
) -> None:
    picture = zoo.texture(104, 104)
    picture.save(tmp_path / "a.jpg", quality=95, progressive=True)
    scaled = decode(tmp_path / "a.jpg", 32, crop).astype(int)
    assert np.abs(scaled - crop(picture, 32)).mean() < 3
    zoo.texture(140, 140).save(tmp_path / "b.jpg", progressive=True)
    with pytest.raises(UnusablePhoto, match=r"^too many pixels.*save it smaller: 140 x 140"):
        decode(tmp_path / "b.jpg", 32, crop)


@pytest.mark.usefixtures("small_bound")
@pytest.mark.parametrize(("name", "side"), [("a.png", 101), ("a.tif", 101), ("a.jpg", 1000)])
def test_what_cannot_be_decoded_smaller_is_left_out_with_the_limit_and_a_remedy(
    tmp_path: Path, name: str, side: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoo.texture(side, side).save(tmp_path / name)
    reason = rf"^too many pixels, 0 million at most, save it smaller: {side} x {side}"
    with pytest.raises(UnusablePhoto, match=reason):
        decode(tmp_path / name, 32, crop)


def test_a_scan_of_seventy_million_pixels_is_within_the_bound(tmp_path: Path) -> None:
    image = Image.new("RGB", (9_000, 8_000), (90, 90, 90))
    for name, options in {"a.png": {}, "a.tif": {"compression": "tiff_lzw"}}.items():
        image.save(tmp_path / name, **options)
        with (tmp_path / name).open("rb") as file:
            _, bytes_needed = decode_module.opened_within_bounds(file)
        assert bytes_needed <= decode_module.MEMORY


PEAK = """
import re, sys
from pathlib import Path
from facade_gan.data.files.decode import decode
from facade_gan.data.files.fit import crop
def peak():  # not by getrusage, whose figure begins at the parent's
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
before = peak()
picture = decode(sys.argv[1], 64, crop, rectify=False).pixels
assert (abs(picture.astype(int) - 90) <= 1).all()
print(peak() - before)
"""


def peak_memory(path: Path) -> int:
    """Bytes that decoding it adds to a fresh process, at the peak."""
    result = subprocess.run(
        [sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True
    )
    return int(result.stdout)


def test_a_jpeg_of_20000_by_20000_pixels_takes_less_than_300_mib(tmp_path: Path) -> None:
    Image.new("L", (20_000, 20_000), 90).save(tmp_path / "huge.jpg")
    assert peak_memory(tmp_path / "huge.jpg") < 300 * 2**20


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "JPEG2000", "AVIF", "HEIF"])
def test_the_largest_photo_of_a_format_keeps_to_the_bytes_per_pixel(
    tmp_path: Path, kind: str
) -> None:
    each = decode_module.BYTES_PER_PIXEL.get(kind, decode_module.BYTES_OF_OTHERS)
    side = int((decode_module.MEMORY / each) ** 0.5)
    path = tmp_path / "large"
    picture = Image.new("RGB", (side, side), (90, 90, 90))
    if kind == "HEIF":
        pytest.importorskip("pillow_heif", reason="nothing to make HEIC with")
        path.write_bytes(zoo.heic(picture))
    else:
        picture.save(path, kind)
    assert peak_memory(path) < decode_module.MEMORY + path.stat().st_size + 2**24


@pytest.mark.slow
@pytest.mark.parametrize("subsampling", [0, 2])
def test_a_progressive_jpeg_of_seventy_million_pixels_keeps_to_the_bound(
    tmp_path: Path, subsampling: int
) -> None:
    path = tmp_path / "large.jpg"
    Image.new("L", (9_000, 8_000), 90).convert("RGB").save(
        path, progressive=True, subsampling=subsampling
    )
    assert peak_memory(path) < decode_module.MEMORY + path.stat().st_size


def test_many_threads_decode_the_same_as_one(tmp_path: Path) -> None:
    zoo.texture().save(tmp_path / "a.jpg")
    expected = decode(tmp_path / "a.jpg", 32, crop)
    results: list[np.ndarray] = []
    threads = [
        threading.Thread(target=lambda: results.append(decode(tmp_path / "a.jpg", 32, crop)))
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 16
    assert all(np.array_equal(result, expected) for result in results)
