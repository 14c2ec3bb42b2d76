"""Files that must be used, and the colours they must show."""

import struct
from collections.abc import Iterator

import numpy as np
import PIL
from own_encoders import chunk, png, tiff16
from PIL import Image, features
from zoo import (
    COLOURS,
    GREYS,
    PICTURE,
    SIDE,
    Case,
    grey_quadrants,
    has_heic_encoder,
    heic,
    rgb,
    saved,
    stored_for,
    without_adobe_marker,
)


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
    if int(PIL.__version__.split(".")[0]) >= 13:  # earlier ones take it for truncated
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
    if has_heic_encoder():
        yield Case("plain.heic", heic(rgb()), COLOURS, 9)
        yield Case("alpha.heic", heic(rgba), one, 9)


def names() -> Iterator[Case]:
    data = saved(rgb(), "PNG")
    for name in ("fassade ünïcödé 正面.png", "with space.png", "new\nline.png", "tab\t.png",
                 "quote'\".png", "$(x);&|.png", "-rf.png", "100%.png", "😀.png", "x" * 251 + ".png",
                 "é" * 125 + ".png", "deep/" * 60 + "down.png", "con.png", "a..png",
                 "\u202egnp.png", "\x1b[31mred.png", b"latin1-\xe9.png"):  # fmt: skip
        yield Case(name, data, COLOURS, 0)
