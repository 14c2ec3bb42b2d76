"""Files that must be left out, or be used whole."""

import random
import struct
import zlib
from collections.abc import Iterator

import numpy as np
from own_encoders import chunk, png
from PIL import Image, features
from zoo import Case, has_heic_encoder, heic, rgb, saved, texture


def originals() -> dict[str, bytes]:
    picture = texture()
    kinds = {
        "base.jpg": saved(picture, "JPEG"),
        "prog.jpg": saved(picture, "JPEG", progressive=True),
        "a.png": saved(picture, "PNG"),
        "inter.png": png(np.asarray(picture), 2, interlaced=True),
        "a.gif": saved(picture.quantize(64), "GIF"),
        "a.webp": saved(picture, "WEBP"),
        "l.webp": saved(picture, "WEBP", lossless=True),
        "raw.tif": saved(picture, "TIFF"),
        "lzw.tif": saved(picture, "TIFF", compression="tiff_lzw"),
        "a.bmp": saved(picture, "BMP"),
        "a.ppm": saved(picture, "PPM"),
    }
    if features.check("jpg_2000"):
        kinds["a.jp2"] = saved(picture, "JPEG2000")
    if features.check("avif"):
        kinds["a.avif"] = saved(picture, "AVIF")
    if has_heic_encoder():
        kinds["a.heic"] = heic(picture)
    return kinds


def damaged() -> Iterator[Case]:
    for name, data in originals().items():
        for percent in (1, 10, 50, 90):
            cut = data[: len(data) * percent // 100]
            yield Case(f"cut{percent}_{name}", cut, like=data)
        yield Case(f"short_{name}", data[:-5], like=data)
        half = len(data) // 2
        if name not in ("raw.tif", "a.bmp", "a.ppm"):  # where zeros are black pixels
            yield Case(f"zeros_{name}", data[:half] + bytes(len(data) - half), like=data)
    for name in ("base.jpg", "prog.jpg"):
        data = originals()[name]
        for percent in (30, 60, 95):
            cut = data[: len(data) * percent // 100]
            yield Case(f"ended{percent}_{name}", cut + b"\xff\xd9", reason="")
        half = len(data) // 2
        gone = data[:half] + data[half + 200 :]
        yield Case(f"gap_{name}", gone, reason="damaged")
    for name in ("a.png", "inter.png"):
        data = originals()[name]
        for percent in (20, 50, 80):
            flipped = bytearray(data)
            flipped[len(data) * percent // 100] ^= 0x10
            yield Case(f"flipped{percent}_{name}", bytes(flipped), reason="damaged")


def no_images() -> Iterator[Case]:
    web = b"<!DOCTYPE html><html><body>404 Not Found</body></html>"
    unknown = "not an image"
    yield Case("error.jpg", web, reason="an HTML page")
    yield Case("error2.jpg", b"\n\n  <HTML>\n" + web, reason="an HTML page")
    yield Case("bom.jpg", b"\xef\xbb\xbf" + web, reason="an HTML page")
    for name, text in {"notes.txt": "facades", "umlaut.txt": "Häuser", "a.json": "{}",
                       "a.csv": "1,2\n3,4", "a.xml": "<?xml version='1.0'?><a/>",
                       "a.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>", "text.jpg": "no photo",
                       "a.py": "raise SystemExit", "a.eps": "%!PS-Adobe-3.0 EPSF-3.0\n",
                       "a.xpm": "/* XPM */\nstatic char *x[]={\"1 1 1 1\",\"a c #000\",\"a\"};",
                       "a.xbm": "#define x_width 16\n#define x_height 16\n"}.items():  # fmt: skip
        yield Case(name, text.encode(), reason="text")
    yield Case(
        "pointer.jpg", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", reason="text"
    )
    for name in ("empty.jpg", "empty.png", "empty"):
        yield Case(name, b"", reason="empty file")
    rng = random.Random(0)
    for i in range(10):
        yield Case(f"noise{i}.jpg", b"\0" + rng.randbytes(50 * i + 1), reason=unknown)
    yield Case("zeros.jpg", bytes(5000), reason=unknown)
    yield Case("archive.jpg", b"PK\x03\x04" + bytes(100), reason=unknown)
    yield Case("pickle.jpg", b"\x80\x04\x95" + bytes(20), reason=unknown)
    yield Case("elf.jpg", b"\x7fELF" + bytes(200), reason=unknown)
    yield Case("movie.jpg", b"\0\0\0\x18ftypisom" + bytes(200), reason="a video")
    yield Case("phone.mov", b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + bytes(200), reason="a video")
    yield Case("head.heic", b"\0\0\0\x18ftypheic" + bytes(200), reason="damaged")
    yield Case("a.pdf", b"%PDF-1.4\n\xe2\xe3" + bytes(30), reason=unknown)
    yield Case("a.ico", saved(rgb(), "ICO"), reason=unknown)
    yield Case("a.psd", b"8BPS\0\x01" + bytes(100), reason=unknown)
    for start in (
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0",
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xff\xff",
    ):
        yield Case(f"start{start[2:].hex()}.jpg", start, reason="")
    for i, start in enumerate(
        (b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\0\0WEBP", b"II*\0", b"BM", b"P6\n9 9\n255\n")
    ):
        yield Case(f"start{i}", start, reason="")


def bad_shapes() -> Iterator[Case]:
    for width, height in ((1, 1), (7, 7), (1, 500), (500, 1), (7, 20)):
        for kind in ("PNG", "JPEG", "GIF"):
            data = saved(Image.new("RGB", (width, height)), kind)
            yield Case(f"small{width}x{height}.{kind.lower()}", data, reason="too small")
    for width, height in ((8, 81), (900, 20), (10, 3000)):
        for kind in ("PNG", "JPEG"):
            data = saved(Image.new("RGB", (width, height)), kind)
            yield Case(f"narrow{width}x{height}.{kind.lower()}", data, reason="too narrow")
    ihdr = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", ihdr) + chunk(b"IDAT", zlib.compress(bytes(9999)))
    yield Case("bomb.png", bomb, reason="too many pixels")
    ihdr = struct.pack(">IIBBBBB", 9900, 9900, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", ihdr) + chunk(b"IDAT", zlib.compress(bytes(9999)))
    yield Case("bomb_small.png", bomb, reason="too many pixels")
    bmp = bytearray(saved(rgb(), "BMP"))
    bmp[18:26] = struct.pack("<II", 30000, 30000)
    yield Case("bomb.bmp", bytes(bmp), reason="too many pixels")
    gif = bytearray(saved(rgb().quantize(16), "GIF"))
    gif[6:10] = struct.pack("<HH", 65000, 65000)
    yield Case("bomb.gif", bytes(gif), reason="too many pixels")
    yield Case("bomb.ppm", b"P6 50000 50000 255\n" + bytes(99), reason="too many pixels")
    yield Case("negative.ppm", b"P6 -5 -5 255\n" + bytes(99), reason="")
    yield Case("zero.png", b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13)), reason="")
