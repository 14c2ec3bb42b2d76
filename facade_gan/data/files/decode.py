"""A photo file to one clean RGB image, or the reason why not.

Memory: while it decodes a photo, a thread holds at most `BYTES_PER_PIXEL` for each pixel and the
file's own bytes; threads together at most `MEMORY`.
"""

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from io import BufferedReader
from pathlib import Path

import numpy as np
import numpy.typing as npt
import PIL
from PIL import ExifTags, Image, ImageChops, JpegImagePlugin, UnidentifiedImageError, features

from facade_gan.data.files import heic, jpeg
from facade_gan.data.files.colour_profile import to_srgb
from facade_gan.data.files.fit import Fit, Pixels, coarse
from facade_gan.data.files.memory_budget import MemoryBudget
from facade_gan.data.files.orientation import TURNS, orientation_of, upright
from facade_gan.data.files.reasons import of_the_disk, trouble_named, what_it_seems
from facade_gan.data.files.rectify import rectified
from facade_gan.data.photoset import PassingTrouble, UnusablePhoto
from facade_gan.figures import FIGURE
from facade_gan.image_size import ImageSize

# Part of the cache's key: raise it when the same file decodes to other pixels, or other changes.
VERSION = 5

MAX_BYTES = 256 * 2**20
MIN_SIDE = 8  # pixels; below, there is nothing to see
MAX_ASPECT = 10  # above, a crop shows a tenth of the photo, and padding is nine tenths

# At the peak, from opening a photo to the pixels for the networks.
BYTES_PER_PIXEL = {"JPEG2000": 20, "WEBP": 17, "AVIF": 13}
BYTES_OF_OTHERS = 11  # measured: HEIC, PNG and TIFF take 9
MEMORY = 1_000_000_000
_memory = MemoryBudget(MEMORY)

# JPEG is opened by hand, see `opened`. Of the other formats that Pillow knows, some have no
# signature, some run programs, and the rest isn't what photos come in.
FORMATS = ["PNG", "WEBP", "TIFF", "BMP", "GIF", "PPM"]
if "avif" in features.get_supported():
    FORMATS.append("AVIF")
if "jpg_2000" in features.get_supported():
    FORMATS.append("JPEG2000")


def version() -> list[int | str | None]:
    """What decides how files are decoded, and which are refused: this file's and its libraries'."""
    return [VERSION, PIL.__version__, *map(version_of, ("pi-heif", "simplejpeg"))]


def version_of(package: str) -> str | None:
    """The version that is installed; None where none is."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


@dataclass(frozen=True)
class Decoded:
    """A photo's ``pixels``, uint8 RGB (height, width, 3), and what was done to get them.

    ``compared`` are those to find copies by: all of it as it was taken, by `coarse`, whatever
    size, fit and rectification are; ``changes`` are of `facade_gan.data.photoset.CHANGES`.
    """

    pixels: npt.NDArray[np.uint8]
    compared: npt.NDArray[np.uint8]
    changes: list[str]


def decode(path: str | Path, size: ImageSize, fit: Fit, rectify: bool) -> Decoded:
    """The photo at ``path``, upright, transparency on white; ``rectify`` faces the front.

    Of an animation or a file of many pages it is the first picture. Raises `UnusablePhoto` for
    every file that can't be used, whatever its bytes.
    """
    changes: list[str] = []
    with regular_file(path) as file, trouble_named():
        image, bytes_needed = opened_within_bounds(file)
        with _memory.held(bytes_needed + os.fstat(file.fileno()).st_size):
            turned = turned_by_its_decoder(image, file)
            image, orientation = loaded(image, file)
            if turned or orientation in TURNS:
                changes.append("turned")
            image, has_profile = flat(image)  # each step lets go of what it was made from
            if has_profile:
                changes.append("profile")
            image = upright(image, orientation)
            pixels, compared = rounded(fit(image, size)), coarse(image)
            if rectify:
                image, outcome = rectified(image)
                changes.append(outcome)
                if outcome == "rectified":
                    pixels = rounded(fit(image, size))
    return Decoded(pixels, compared, changes)


def rounded(pixels: Pixels) -> npt.NDArray[np.uint8]:
    """To whole numbers, once and at the end."""
    return np.rint(pixels.clip(0, 255)).astype(np.uint8)


# -- file -> Pillow image


@contextmanager
def regular_file(path: str | Path) -> Iterator[BufferedReader]:
    """The file opened for reading; after the ``with`` block it must be what it was before."""
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):  # a pipe would wait for someone to write
            raise UnusablePhoto("not a regular file")
        with Path(path).open("rb") as file:
            before = os.fstat(file.fileno())
            if before.st_size == 0:
                raise UnusablePhoto("empty file")
            if before.st_size > MAX_BYTES:
                raise UnusablePhoto(f"file too large: {before.st_size >> 20} MiB")
            try:
                yield file
            finally:  # also where it failed: a file that is being written looks damaged
                after = os.fstat(file.fileno())
                if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                    raise PassingTrouble("changed while it was read")
    except OSError as error:
        raise of_the_disk(error) from error


def opened_within_bounds(file: BufferedReader) -> tuple[Image.Image, int]:
    """The picture with its header read, its pixels not, and the bytes that decoding it takes.

    Its size is one we are ready to decode: a large JPEG's is that of a reduced picture.
    """
    image = opened(file)
    must_be_a_photo(image)
    width, height = image.size
    each = BYTES_PER_PIXEL.get(image.format or "", BYTES_OF_OTHERS)
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        bytes_needed = jpeg.reduce_to(MEMORY, each, image)
    else:
        bytes_needed = each * width * height
    if bytes_needed > MEMORY:
        limit = width * height * MEMORY // bytes_needed // 10**6
        raise UnusablePhoto(
            f"too many pixels, {limit} million at most, save it smaller: {width} x {height}"
        )
    return image, bytes_needed


def must_be_a_photo(image: Image.Image) -> None:
    """Raises `UnusablePhoto` for what its header shows to be none to train on."""
    width, height = image.size
    if min(image.size) < MIN_SIDE:
        raise UnusablePhoto(f"too small: {width} x {height} pixels")
    if max(image.size) > MAX_ASPECT * min(image.size):
        raise UnusablePhoto(f"too narrow: {width} x {height} pixels")
    if FIGURE.items() <= image.info.items():
        raise UnusablePhoto("a figure of facade-gan, not a photo")
    tags = getattr(image, "tag_v2", {})  # of a TIFF, as raw files are: of Nikon's and others'
    thumbnail = tags.get(ExifTags.Base.NewSubfileType, 0) & 1  # the first picture is a preview
    if thumbnail or ExifTags.Base.DNGVersion in tags:
        raise UnusablePhoto("a camera's raw file: convert it to JPEG")


def opened(file: BufferedReader) -> Image.Image:
    """The picture with its header read, by what the file holds, not by its name."""
    file.seek(0)
    start = file.read(512)
    file.seek(0)
    if start.startswith(b"\xff\xd8\xff"):
        # Not by Image.open, which refuses sizes that `jpeg.reduce_to` brings within bounds.
        return JpegImagePlugin.JpegImageFile(io.BytesIO(jpeg.mended(contents(file))))
    if heic.is_heic(start):
        return heic.opened(file)
    if "AVIF" not in FORMATS and start[4:12] == b"ftypavif":
        raise PassingTrouble("AVIF, which needs another Pillow: pip install -U pillow")
    try:
        return Image.open(file, formats=FORMATS)
    except UnidentifiedImageError as error:
        raise UnusablePhoto(what_it_seems(start)) from error


def contents(file: BufferedReader) -> bytes:
    """All bytes of the file, whose position stays."""
    position = file.tell()
    file.seek(0)
    data = file.read()
    file.seek(position)
    return data


def turned_by_its_decoder(image: Image.Image, file: BufferedReader) -> bool:
    """Whether ``image.load()`` turns the picture, which then says no more that it was stored so."""
    if image.format == "TIFF":
        return image.getexif().get(ExifTags.Base.Orientation) in TURNS
    return image.format == "HEIF" and heic.turned(contents(file))


def loaded(image: Image.Image, file: BufferedReader) -> tuple[Image.Image, int]:
    """The decoded picture, and its EXIF orientation (1 to 8; other values mean nothing)."""
    if image.format == "PNG":
        image.verify()  # checksums that load() passes over; it uses the image up
        image = opened(file)
    # Taken before load(), which lets go of them.
    data = jpeg.bytes_of(image) if isinstance(image, JpegImagePlugin.JpegImageFile) else None
    image.load()
    if data is not None:
        jpeg.check_entropy_data(data)
    if image.format in ("WEBP", "AVIF", "HEIF") and ends_empty(contents(file), image):
        raise UnusablePhoto("truncated: it ends in nothing but zeros")
    return image, orientation_of(image)


def ends_empty(data: bytes, image: Image.Image) -> bool:
    """Whether a download allotted the file's end and didn't fill it: these formats decode zeros.

    A plain area ends in zeros too, measured at a byte for 10,000 pixels in WebP.
    """
    return not any(data[-(256 + image.width * image.height // 4000) :])


# -- any mode -> RGB, or one channel of float


def flat(image: Image.Image) -> tuple[Image.Image, bool]:
    """The picture in mode RGB or, from 16 bits of grey, in mode F with values in 0..255.

    And whether a colour profile was applied.
    """
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format in ("PNG", "PPM")):
        return from_grey16(image), False
    if image.mode in ("I", "F"):
        raise UnusablePhoto(f"32-bit samples, whose white is unknown: mode {image.mode}")
    if image.mode == "CMYK" and image.format == "JPEG" and "adobe" not in image.info:
        image = ImageChops.invert(image)  # Pillow takes every CMYK JPEG for an inverted Adobe one
    profile = image.info.get("icc_profile")
    try:
        if image.has_transparency_data:
            image = on_white(image)
        elif image.mode not in ("RGB", "CMYK", "L"):
            image = image.convert("RGB")
        converted = to_srgb(image, profile)
        image = image if converted is None else converted
        return image if image.mode == "RGB" else image.convert("RGB"), converted is not None
    except ValueError as error:
        raise UnusablePhoto(f"colours that can't be turned to RGB: mode {image.mode}") from error


def on_white(image: Image.Image) -> Image.Image:
    """What shows through is white; colours stored under full transparency disappear."""
    image = image if image.mode == "RGBA" else image.convert("RGBA")
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def from_grey16(image: Image.Image) -> Image.Image:
    """Pillow would clip at 255 what should be divided by 257."""
    tags = getattr(image, "tag_v2", {})  # of a TIFF
    bits = tags.get(ExifTags.Base.BitsPerSample, (16,))[0]  # some files repeat it
    grey = np.asarray(image).astype(np.float32)
    transparent = grey == image.info.get("transparency", -1)
    grey *= 255 / (2**bits - 1)
    if tags.get(ExifTags.Base.PhotometricInterpretation) == 0:  # white is zero
        grey = 255 - grey
    grey[transparent] = 255
    return Image.fromarray(grey)
