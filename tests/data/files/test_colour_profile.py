"""Flat colours, stored under profiles made here, against the formulas that define these spaces."""

import functools
import struct
from pathlib import Path

import numpy as np
import pytest
import zoo
from PIL import Image, ImageCms
from zoo import decode

from facade_gan.data.files.colour_profile import to_srgb
from facade_gan.data.files.fit import crop

D50 = np.array([0.9642, 1.0, 0.8249])
# Chromaticities of red, green and blue, white's, and the exponent of the stored values.
SPACES = {
    "Display P3": ([(0.68, 0.32), (0.265, 0.69), (0.15, 0.06)], (0.3127, 0.329), 2.2),
    "Adobe RGB": ([(0.64, 0.33), (0.21, 0.71), (0.15, 0.06)], (0.3127, 0.329), 2.199),
    "ProPhoto": ([(0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001)], (0.3457, 0.3585), 1.8),
}
SRGB = ([(0.64, 0.33), (0.3, 0.6), (0.15, 0.06)], (0.3127, 0.329), None)


def xyz(chromaticity: tuple[float, float]) -> np.ndarray:
    x, y = chromaticity
    return np.array([x / y, 1, (1 - x - y) / y])


def to_xyz_d50(primaries: list[tuple[float, float]], white: tuple[float, float]) -> np.ndarray:
    """Linear RGB to XYZ, adapted to D50 by Bradford's method, as profiles ask for."""
    columns = np.stack([xyz(p) for p in primaries], 1)
    matrix = columns * np.linalg.solve(columns, xyz(white))
    bradford = np.array([(0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367),
                         (0.0389, -0.0685, 1.0296)])  # fmt: skip
    ratio = (bradford @ D50) / (bradford @ xyz(white))
    return np.linalg.inv(bradford) @ np.diag(ratio) @ bradford @ matrix


def profile(name: str) -> bytes:
    """An ICC profile of version 2: a matrix and an exponent."""
    primaries, white, gamma = SPACES[name]
    fixed = lambda values: b"".join(struct.pack(">i", round(v * 65536)) for v in values)  # noqa: E731
    curve = b"curv" + struct.pack(">IIHxx", 0, 1, round(gamma * 256))
    text = b"desc" + struct.pack(">II", 0, len(name) + 1) + name.encode() + bytes(79)
    tags = {b"desc": text, b"wtpt": b"XYZ \0\0\0\0" + fixed(D50)}
    for tag, column in zip(
        (b"rXYZ", b"gXYZ", b"bXYZ"), to_xyz_d50(primaries, white).T, strict=True
    ):
        tags[tag] = b"XYZ \0\0\0\0" + fixed(column)
    tags |= {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    table, body, start = b"", b"", 128 + 4 + 12 * len(tags)
    for tag, value in tags.items():
        value += bytes(-len(value) % 4)
        table += tag + struct.pack(">II", start + len(body), len(value))
        body += value
    head = struct.pack(">I4xI4s4s4s12x4s", start + len(body), 0x02400000, b"mntr", b"RGB ",
                       b"XYZ ", b"acsp")  # fmt: skip
    head = (head + bytes(28) + fixed(D50)).ljust(128, b"\0")
    return head + struct.pack(">I", len(tags)) + table + body


def expected(name: str, colour: tuple[int, int, int]) -> np.ndarray:
    primaries, white, gamma = SPACES[name]
    linear = (np.array(colour) / 255) ** gamma
    seen = np.linalg.solve(to_xyz_d50(*SRGB[:2]), to_xyz_d50(primaries, white) @ linear)
    seen = seen.clip(0, 1)
    return 255 * np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("colour", [(200, 40, 30), (255, 255, 255), (90, 160, 90), (128, 128, 128)])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_a_colour_comes_out_as_its_profile_says(
    tmp_path: Path, name: str, colour: tuple[int, int, int], mode: str
) -> None:
    image = Image.new("RGB", (16, 16), colour)
    image = image.quantize(2) if mode == "P" else image.convert(mode)
    image.save(tmp_path / "a.png", icc_profile=profile(name))
    seen = decode(tmp_path / "a.png", 8, crop)[4, 4]
    assert np.abs(seen - expected(name, colour)).max() <= 2


def test_a_photo_of_srgb_stays_what_it_is_bit_for_bit() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = zoo.texture()
    before = np.array(image)
    assert to_srgb(image, srgb) is None
    assert np.array_equal(before, image)


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_broken_and_foreign_profiles_change_nothing(mode: str) -> None:
    whole = profile("Display P3")
    image = zoo.texture().convert(mode)
    foreign = [] if mode == "RGB" else [whole]
    for each in (b"no profile", whole[:200], whole[:128] + bytes(len(whole) - 128), *foreign):
        assert to_srgb(image, each) is None


def test_a_profile_is_read_once_for_a_whole_set(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    original = ImageCms.ImageCmsProfile

    def counted(file: object) -> object:
        opened.append(file)
        return original(file)

    monkeypatch.setattr(ImageCms, "ImageCmsProfile", counted)
    data = profile("Adobe RGB") + b"\0\0\0\0"  # another one than in the tests above
    for _ in range(5):
        to_srgb(zoo.texture(), data)
    assert len(opened) == 1


@functools.cache
def heic_with_profile() -> bytes:
    return zoo.heic(Image.new("RGB", (64, 64), (200, 40, 30)), icc_profile=profile("Display P3"))


@pytest.mark.skipif(not zoo.has_heic_encoder(), reason="pillow-heif is missing: no HEIC to read")
def test_the_profile_of_a_heic_photo_is_applied(tmp_path: Path) -> None:
    (tmp_path / "a.heic").write_bytes(heic_with_profile())
    seen = decode(tmp_path / "a.heic", 8, crop)[4, 4]
    assert np.abs(seen - expected("Display P3", (200, 40, 30))).max() <= 6  # HEVC loses a little
