"""A zoo of photo files, good, odd and bad, each with what must come of it."""

import io
import os
import random
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, features

SIDE = 96
COLOURS = np.array([[(200, 40, 40), (40, 180, 60)], [(40, 60, 200), (230, 200, 40)]], np.uint8)
PICTURE = COLOURS.repeat(SIDE // 2, 0).repeat(SIDE // 2, 1)  # four quadrants
GREYS = np.array([[10, 100], [180, 250]], np.uint8).repeat(SIDE // 2, 0).repeat(SIDE // 2, 1)


@dataclass
class Case:
    """A file, and what must come of it.

    ``quadrants``: the four colours (2, 2, 3) that it must show, within ``tolerance`` levels.
    ``reason``: what the reason for leaving it out starts with.
    ``like``: it must be left out, or decode to the very pixels of that file: no half pictures.
    """

    name: str | bytes
    data: bytes
    quadrants: np.ndarray | None = None
    tolerance: int = 2
    reason: str | None = None
    like: bytes | None = None


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def rgb() -> Image.Image:
    return Image.fromarray(PICTURE)


def grey_quadrants() -> np.ndarray:
    return np.stack([GREYS[:: SIDE // 2, :: SIDE // 2]] * 3, -1)


def png(pixels: np.ndarray, colour_type: int, depth: int = 8, extra: bytes = b"",
        interlaced: bool = False) -> bytes:  # fmt: skip
    """A PNG encoder of our own: 16-bit colour, interlacing and tRNS are beyond Pillow's."""
    pixels = pixels.reshape(pixels.shape[0], pixels.shape[1], -1)
    dtype = ">u2" if depth == 16 else ">u1"
    adam7 = [
        (0, 0, 8, 8),
        (0, 4, 8, 8),
        (4, 0, 8, 4),
        (0, 2, 4, 4),
        (2, 0, 4, 2),
        (0, 1, 2, 2),
        (1, 0, 2, 1),
    ]
    passes = adam7 if interlaced else [(0, 0, 1, 1)]
    rows = b"".join(
        b"\0" + row.astype(dtype).tobytes()
        for y, x, dy, dx in passes
        for row in pixels[y::dy, x::dx]
    )
    header = struct.pack(
        ">IIBBBBB", pixels.shape[1], pixels.shape[0], depth, colour_type, 0, 0, interlaced
    )
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + extra
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def without_adobe_marker(jpeg: bytes) -> bytes:
    start = jpeg.index(b"\xff\xee")
    length = struct.unpack(">H", jpeg[start + 2 : start + 4])[0]
    return jpeg[:start] + jpeg[start + 2 + length :]


def stored_for(orientation: int, seen: np.ndarray) -> np.ndarray:
    """The pixels to store so that a viewer that knows EXIF shows ``seen``."""
    return {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, 1),  # seen is stored turned clockwise
        7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
        8: lambda a: np.rot90(a, -1),
    }[orientation](seen).copy()


# -- photos to be used


def jpegs() -> Iterator[Case]:
    def good(name: str, data: bytes, quadrants: np.ndarray = COLOURS, tolerance: int = 5) -> Case:
        return Case(name, data, quadrants, tolerance)

    plain = saved(rgb(), "JPEG", quality=95)
    yield good("plain.jpg", plain)
    for subsampling in range(3):
        yield good(f"sub{subsampling}.jpg", saved(rgb(), "JPEG", subsampling=subsampling))
    for quality in (30, 60, 100):
        yield good(f"q{quality}.jpg", saved(rgb(), "JPEG", quality=quality), tolerance=9)
    yield good("progressive.jpg", saved(rgb(), "JPEG", progressive=True))
    yield good("restarts.jpg", saved(rgb(), "JPEG", restart_marker_rows=1))
    yield good("optimized.jpg", saved(rgb(), "JPEG", optimize=True))
    yield good("keep_rgb.jpg", saved(rgb(), "JPEG", keep_rgb=True))
    yield good("grey.jpg", saved(Image.fromarray(GREYS), "JPEG"), grey_quadrants())
    yield good("comment.jpg", saved(rgb(), "JPEG", comment="ü" * 1000))
    yield good("icc_garbage.jpg", saved(rgb(), "JPEG", icc_profile=b"no profile"))
    yield good("exif_garbage.jpg", saved(rgb(), "JPEG", exif=b"Exif\0\0" + bytes(range(200))))
    yield good("exif_short.jpg", saved(rgb(), "JPEG", exif=b"Exif\0\0MM"))
    yield good("trailing.jpg", plain + b"maker's notes" * 99)
    yield good(
        "two.mpo", saved(rgb(), "MPO", save_all=True, append_images=[Image.new("RGB", (96, 96))])
    )
    for name in ("jpeg.png", "jpeg.gif", "jpeg.txt", "jpeg.html", "jpeg", "jpeg.JPG.tmp"):
        yield good(name, plain)
    inks = Image.fromarray(255 - np.dstack([PICTURE, np.full((SIDE, SIDE), 255, np.uint8)]), "CMYK")
    cmyk = saved(inks, "JPEG", quality=95, subsampling=0)
    yield good("cmyk_adobe.jpg", cmyk)
    negative = Image.fromarray(255 - np.asarray(inks), "CMYK")
    plain_cmyk = without_adobe_marker(saved(negative, "JPEG", quality=95, subsampling=0))
    yield good("cmyk_plain.jpg", plain_cmyk)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        stored = Image.fromarray(stored_for(orientation, PICTURE))
        for kind, options in {
            "JPEG": {"quality": 95}, "PNG": {}, "WEBP": {"lossless": True},
            "TIFF": {}, "MPO": {"quality": 95},
        }.items():  # fmt: skip
            data = saved(stored, kind, exif=exif, **options)
            yield good(f"turned{orientation}.{kind.lower()}", data)
    for value in (0, 9, 4711):
        exif = Image.Exif()
        exif[0x0112] = value
        yield good(f"turned_wrong{value}.jpg", saved(rgb(), "JPEG", exif=exif, quality=95))


def pngs() -> Iterator[Case]:
    yield Case("rgb.png", saved(rgb(), "PNG"), COLOURS, 0)
    yield Case("own_rgb.png", png(PICTURE, 2), COLOURS, 0)
    yield Case("interlaced.png", png(PICTURE, 2, interlaced=True), COLOURS, 0)
    yield Case("grey.png", saved(Image.fromarray(GREYS), "PNG"), grey_quadrants(), 0)
    yield Case("palette.png", saved(rgb().quantize(16), "PNG"), COLOURS, 0)
    yield Case("palette2bits.png", saved(rgb().quantize(4), "PNG", bits=2), COLOURS, 0)
    bits = Image.fromarray(GREYS > 128)
    yield Case("bits.png", saved(bits, "PNG"), np.where(grey_quadrants() > 128, 255, 0), 0)
    deep = GREYS.astype(np.uint16) * 257
    yield Case("grey16.png", saved(Image.fromarray(deep), "PNG"), grey_quadrants(), 0)
    yield Case("grey16_interlaced.png", png(deep, 0, 16, interlaced=True), grey_quadrants(), 0)
    yield Case("rgb16.png", png(PICTURE.astype(np.uint16) * 257, 2, 16), COLOURS, 0)
    level = np.full((SIDE, SIDE), 25600, np.uint16)
    yield Case("level25600.png", png(level, 0, 16), np.full((2, 2, 3), 100), 0)
    yield Case(
        "apng.png",
        saved(rgb(), "PNG", save_all=True, append_images=[Image.new("RGB", (SIDE, SIDE))]),
        COLOURS,
        0,
    )
    # transparency: on white, whatever colours hide below
    clear = COLOURS.copy()
    clear[0, 1] = clear[1, 0] = 255
    holes = np.zeros((2, 2), np.uint8) + np.uint8([[255, 0], [0, 255]])
    alpha = holes.repeat(SIDE // 2, 0).repeat(SIDE // 2, 1)
    rgba = np.dstack([PICTURE, alpha])
    yield Case("rgba.png", saved(Image.fromarray(rgba), "PNG"), clear, 0)
    yield Case("rgba16.png", png(rgba.astype(np.uint16) * 257, 6, 16), clear, 0)
    grey_clear = grey_quadrants()
    grey_clear[0, 1] = grey_clear[1, 0] = 255
    la = np.dstack([GREYS, alpha])
    yield Case("la.png", png(la, 4), grey_clear, 0)
    yield Case("la16.png", png(la.astype(np.uint16) * 257, 4, 16), grey_clear, 0)
    one = COLOURS.copy()
    one[0, 0] = 255
    key = struct.pack(">HHH", *(int(c) for c in COLOURS[0, 0]))
    yield Case("rgb_key.png", png(PICTURE, 2, extra=chunk(b"tRNS", key)), one, 0)
    key16 = struct.pack(">HHH", *(int(c) * 257 for c in COLOURS[0, 0]))
    wide = PICTURE.astype(np.uint16) * 257
    yield Case("rgb16_key.png", png(wide, 2, 16, extra=chunk(b"tRNS", key16)), one, 0)
    grey_one = grey_quadrants()
    grey_one[0, 0] = 255
    yield Case(
        "grey_key.png", png(GREYS, 0, extra=chunk(b"tRNS", struct.pack(">H", 10))), grey_one, 0
    )
    key = chunk(b"tRNS", struct.pack(">H", 10 * 257))
    yield Case("grey16_key.png", png(deep, 0, 16, extra=key), grey_one, 0)
    paletted = rgb().quantize(16)
    index = paletted.getpixel((5, 5))
    yield Case("palette_key.png", saved(paletted, "PNG", transparency=index), one, 0)
    half = np.dstack([np.zeros_like(PICTURE), np.full((SIDE, SIDE), 128, np.uint8)])
    yield Case("half.png", saved(Image.fromarray(half), "PNG"), np.full((2, 2, 3), 127), 1)
    nothing = np.dstack([PICTURE, np.zeros((SIDE, SIDE), np.uint8)])
    yield Case("clear.png", saved(Image.fromarray(nothing), "PNG"), np.full((2, 2, 3), 255), 0)


def tiffs() -> Iterator[Case]:
    for compression in ("raw", "packbits", "tiff_lzw", "tiff_deflate", "tiff_adobe_deflate"):
        options = {"compression": compression}
        grey, cmyk = Image.fromarray(GREYS), Image.fromarray(PICTURE).convert("CMYK")
        yield Case(f"rgb_{compression}.tif", saved(rgb(), "TIFF", **options), COLOURS, 0)
        yield Case(f"grey_{compression}.tif", saved(grey, "TIFF", **options), grey_quadrants(), 0)
        yield Case(f"cmyk_{compression}.tif", saved(cmyk, "TIFF", **options), COLOURS, 1)
        deep = Image.fromarray(GREYS.astype(np.uint16) * 257)
        yield Case(f"grey16_{compression}.tif", saved(deep, "TIFF", **options), grey_quadrants(), 0)
    yield Case("palette.tif", saved(rgb().quantize(16), "TIFF"), COLOURS, 0)
    yield Case("jpeg.tif", saved(rgb(), "TIFF", compression="jpeg", quality=95), COLOURS, 5)
    yield Case("ycbcr.tif", saved(rgb().convert("YCbCr"), "TIFF"), COLOURS, 3)
    yield Case(
        "pages.tif",
        saved(rgb(), "TIFF", save_all=True, append_images=[Image.new("L", (50, 50))]),
        COLOURS,
        0,
    )
    deep = GREYS.astype(np.uint16) * 257
    yield Case("grey16_big_endian.tif", tiff16(deep, ">", 1), grey_quadrants(), 0)
    yield Case("grey16_white_is_zero.tif", tiff16(65535 - deep, "<", 0), grey_quadrants(), 0)
    yield Case(
        "grey16_raw_camera.tif", tiff16(deep, "<", 1, dng=True), reason="a camera's raw file"
    )
    floats = Image.fromarray(GREYS.astype(np.float32))
    yield Case("float.tif", saved(floats, "TIFF"), reason="32-bit samples")
    yield Case(
        "int32.tif", saved(Image.fromarray(GREYS.astype(np.int32)), "TIFF"), reason="32-bit samples"
    )
    lab = saved(
        Image.new("LAB", (SIDE, SIDE), (136, 128, 128)), "TIFF"
    )  # L* = 53.4: sRGB's middle grey
    yield Case("lab.tif", lab, np.full((2, 2, 3), 127))


def tiff16(pixels: np.ndarray, order: str, photometric: int, dng: bool = False) -> bytes:
    """A TIFF writer of our own: Pillow writes no 16-bit grey whose white is zero."""
    height, width = pixels.shape
    entries = [(256, 3, width), (257, 3, height), (258, 3, 16), (259, 3, 1), (262, 3, photometric),
               (273, 4, 8 + 2 + 12 * (9 + dng) + 4), (277, 3, 1), (278, 3, height),
               (279, 4, 2 * width * height)]  # fmt: skip
    if dng:
        entries.append((50706, 4, 1))
    directory = struct.pack(order + "H", len(entries))
    for tag, kind, value in entries:
        directory += struct.pack(
            order + ("HHIHH" if kind == 3 else "HHII"),
            tag,
            kind,
            1,
            value,
            *([0] if kind == 3 else []),
        )
    mark = b"II" if order == "<" else b"MM"
    head = mark + struct.pack(order + "HI", 42, 8) + directory + bytes(4)
    return head + pixels.astype(order + "u2").tobytes()


def others() -> Iterator[Case]:
    black = Image.new("RGB", (SIDE, SIDE))
    yield Case("plain.gif", saved(rgb().quantize(16), "GIF"), COLOURS, 0)
    yield Case(
        "animated.gif",
        saved(rgb().quantize(16), "GIF", save_all=True, append_images=[black]),
        COLOURS,
        0,
    )
    paletted = rgb().quantize(16)
    one = COLOURS.copy()
    one[0, 0] = 255
    index = paletted.getpixel((5, 5))
    yield Case("clear.gif", saved(paletted, "GIF", transparency=index), one, 0)
    yield Case("grey.gif", saved(Image.fromarray(GREYS), "GIF"), grey_quadrants(), 0)
    alpha = np.full((SIDE, SIDE), 255, np.uint8)
    alpha[: SIDE // 2, : SIDE // 2] = 0
    rgba = Image.fromarray(np.dstack([PICTURE, alpha]))
    yield Case("lossy.webp", saved(rgb(), "WEBP", quality=95), COLOURS, 9)
    yield Case("lossless.webp", saved(rgb(), "WEBP", lossless=True), COLOURS, 0)
    yield Case("alpha.webp", saved(rgba, "WEBP", lossless=True), one, 0)
    yield Case(
        "animated.webp",
        saved(rgb(), "WEBP", lossless=True, save_all=True, append_images=[black]),
        COLOURS,
        0,
    )
    yield Case("rgb.bmp", saved(rgb(), "BMP"), COLOURS, 0)
    yield Case("palette.bmp", saved(rgb().quantize(16), "BMP"), COLOURS, 0)
    yield Case("grey.bmp", saved(Image.fromarray(GREYS), "BMP"), grey_quadrants(), 0)
    bits = Image.fromarray(GREYS > 128)
    yield Case("bits.bmp", saved(bits, "BMP"), np.where(grey_quadrants() > 128, 255, 0), 0)
    yield Case("rgb.ppm", saved(rgb(), "PPM"), COLOURS, 0)
    yield Case("grey.pgm", saved(Image.fromarray(GREYS), "PPM"), grey_quadrants(), 0)
    yield Case("bits.pbm", saved(bits, "PPM"), np.where(grey_quadrants() > 128, 255, 0), 0)
    yield Case(
        "deep.pgm",
        saved(Image.fromarray(GREYS.astype(np.uint16) * 257), "PPM"),
        grey_quadrants(),
        0,
    )
    text = f"P3 {SIDE} {SIDE} 255 " + " ".join(map(str, PICTURE.ravel()))
    yield Case("text.ppm", text.encode(), COLOURS, 0)
    if features.check("jpg_2000"):
        yield Case("rgb.jp2", saved(rgb(), "JPEG2000"), COLOURS, 0)
        yield Case("rgba.jp2", saved(rgba, "JPEG2000"), one, 0)
        deep = Image.fromarray(GREYS.astype(np.uint16) * 257)
        yield Case("grey16.jp2", saved(deep, "JPEG2000"), grey_quadrants(), 0)
    if features.check("avif"):
        yield Case("rgb.avif", saved(rgb(), "AVIF", quality=95), COLOURS, 9)
        yield Case("alpha.avif", saved(rgba, "AVIF", quality=95), one, 9)


def names() -> Iterator[Case]:
    data = saved(rgb(), "PNG")
    for name in ("fassade ünïcödé 正面.png", "with space.png", "new\nline.png", "tab\t.png",
                 "quote'\".png", "$(x);&|.png", "-rf.png", "100%.png", "😀.png", "x" * 251 + ".png",
                 "é" * 125 + ".png", "deep/" * 60 + "down.png", "con.png", "a..png",
                 "\u202egnp.png", "\x1b[31mred.png", b"latin1-\xe9.png"):  # fmt: skip
        yield Case(name, data, COLOURS, 0)


# -- files to be left out, or to be whole


def texture(width: int = 120, height: int = 90) -> Image.Image:
    small = np.random.default_rng(0).integers(0, 256, (18, 24, 3), np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


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
    yield Case("movie.jpg", b"\0\0\0\x18ftypisom" + bytes(200), reason=unknown)
    yield Case("a.heic", b"\0\0\0\x18ftypheic" + bytes(200), reason="HEIC")
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
    ihdr = struct.pack(">IIBBBBB", 9000, 9000, 8, 2, 0, 0, 0)
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


def cases() -> list[Case]:
    return [
        case
        for family in (jpegs, pngs, tiffs, others, names, damaged, no_images, bad_shapes)
        for case in family()
    ]


def write(case: Case, folder: Path) -> str:
    """Write the case's file below ``folder``; returns its path as the system knows it."""
    path = folder / os.fsdecode(case.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(case.data)
    return str(path)
