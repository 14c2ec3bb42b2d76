"""What Pillow alone doesn't do for a JPEG: bounded memory at any size, and noticing damage."""

import io
import itertools
import re
import struct
from collections.abc import Callable, Iterator

import simplejpeg
from PIL import JpegImagePlugin

from facade_gan.data.photoset import UnusablePhoto

START_OF_SCAN, END = 0xDA, 0xD9
RESTARTS = range(0xD0, 0xD8)
WITHOUT_LENGTH = (*RESTARTS, 0xD8, END, 0x01)
MARKER = re.compile(rb"\xff[^\0\xff]")  # in coded data, where 255 0 stands for a plain 255
NOTES = re.compile(rb"\0\0..(?P<length>.)\0\0\0(?P<name>[A-Z]\w{3,})", re.DOTALL)
BYTES_PER_COEFFICIENT = 2
MAX_STRAY = 3  # bytes between markers; of 840 files with one byte changed 2 left as few


def bytes_of(image: JpegImagePlugin.JpegImageFile) -> bytes:
    """What the picture, opened from memory and not yet loaded, is decoded from: no copy of it."""
    assert isinstance(image.fp, io.BytesIO)
    return image.fp.getvalue()


def reduce_to(memory: int, bytes_per_pixel: int, image: JpegImagePlugin.JpegImageFile) -> int:
    """Have a JPEG decoded at 1/2, 1/4 or 1/8 where it takes more than ``memory`` bytes at 1/1.

    Returns:
        The bytes it takes. They are more than ``memory`` where 1/8 doesn't help, as libjpeg holds
        the coefficients of a progressive JPEG, and of one whose first scan doesn't have all its
        channels, before a row comes out.

    """
    width, height = image.size
    channels = len(image.getbands())
    first_channels = channels_of_first_scan(bytes_of(image))
    in_one_pass = "progressive" not in image.info and first_channels == channels
    held = 0 if in_one_pass else BYTES_PER_COEFFICIENT * channels * width * height
    needed = {s: held + bytes_per_pixel * width * height // s**2 for s in (1, 2, 4, 8)}
    scale = next((s for s in needed if needed[s] <= memory), 8)
    if scale > 1:
        image.draft(None, (width // scale, height // scale))
    return needed[scale]


def channels_of_first_scan(data: bytes) -> int:
    """How many channels the first scan holds; 0 where the markers before it make no sense."""
    return data[first_scan(data) + 4] if first_scan(data) < len(data) else 0


def first_scan(data: bytes) -> int:
    """The position of the first scan's marker; the data's length where there is none."""
    return next((at for marker, at, _ in markers(data) if marker == START_OF_SCAN), len(data))


# -- whole, or damaged


def mended(data: bytes) -> bytes:
    """The same picture without what only some decoders read over.

    That is: up to `MAX_STRAY` bytes, or filler of one value, between the segments in front of the
    first scan, and a Samsung panorama's notes where the picture's end isn't marked. Raises
    `UnusablePhoto` where such a panorama's picture isn't whole.
    """
    pieces, done = [], 0
    for marker, position, stray in markers(data):
        if stray:
            pieces.append(data[done : position - stray])
            done = position
        if marker == START_OF_SCAN:
            break
    data = b"".join([*pieces, data[done:]]) if pieces else data
    return without_notes(data) if data.endswith(b"SEFT") else data


def markers(data: bytes) -> Iterator[tuple[int, int, int]]:
    """The markers up to the first scan: each one's code, position, and the stray bytes before it.

    It ends early where the data make no sense.
    """
    position = 2
    while (found := data.find(b"\xff", position)) >= 0:
        stray = data[position:found]
        if len(stray) > MAX_STRAY and len(set(stray)) > 1:
            return
        while data[found + 1 : found + 2] == b"\xff":  # filler that the standard allows
            found += 1
        if found + 5 > len(data):
            return
        marker, length = struct.unpack_from(">xBH", data, found)
        yield marker, found, len(stray)
        if marker == START_OF_SCAN:
            return
        position = found + 2 + (0 if marker in WITHOUT_LENGTH else length)


def without_notes(data: bytes) -> bytes:
    """A Samsung file's picture, with its end marked where it isn't.

    Its notes are blocks of two zeros, a type, the length of a name, the name and what it names;
    some panoramas have them where the mark of the end should be.
    """
    for block in NOTES.finditer(data, first_scan(data)):
        if len(block["name"]) >= block["length"][0] >= 4:
            end = block.start()
            if data[:end].endswith(b"\xff\xd9"):
                return data
            if warning_about(picture := data[:end] + b"\xff\xd9") is None:
                return picture
            raise UnusablePhoto("a panorama without an end marker, and its picture isn't whole")
    return data


def check_entropy_data(data: bytes) -> None:
    """Raise `UnusablePhoto` where libjpeg warns of damage: Pillow lets it go on with grey.

    A few bytes more than the picture needs before a marker are no damage. As libjpeg tells the
    first trouble alone, the file without them must give none. JPEG has no checksum, so damage that
    happens to be valid code goes unseen.
    """
    warning = warning_about(data)
    if warning is None:
        return
    stray = "extraneous bytes before marker" in warning
    if not (stray and any(warning_about(clean) is None for clean in without_stray(data))):
        raise UnusablePhoto(f"damaged: {warning}")


def warning_about(data: bytes) -> str | None:
    """The first damage that libjpeg notices while it decodes; None where it notices none."""
    try:
        simplejpeg.decode_jpeg(data, min_height=1, min_width=1, min_factor=8)
    except ValueError as error:
        # Other messages are about what this decoder can't do, and Pillow has decoded the file.
        if str(error).startswith(("Corrupt", "Premature", "Inconsistent")):
            return str(error)
    return None


def without_stray(data: bytes) -> Iterator[bytes]:
    """The file without what may be stray bytes at the ends of its coded data.

    Encoders that leave some do so at the end of the picture, at each restart, or at both.
    """
    ends = list(ends_of_coded_data(data))
    places = [
        ends[-1:],
        [end for end in ends if data[end + 1] in RESTARTS],
        ends,
    ]
    lengths: list[Callable[[bytes], int]] = [
        lambda coded: len(coded) - len(coded.rstrip(b"\0")),
        lambda coded: run if (run := len(coded) - len(coded.rstrip(coded[-1:]))) > 1 else 0,
        *(lambda coded, n=n: n for n in range(1, MAX_STRAY + 1)),  # type: ignore[misc]
    ]
    for chosen, length in itertools.product(places, lengths):
        pieces, done = [], 0
        for end in chosen:
            pieces.append(data[done : end - length(data[done:end])])
            done = end
        if chosen:
            yield b"".join([*pieces, data[done:]])


def ends_of_coded_data(data: bytes) -> Iterator[int]:
    """The positions of the markers behind the first scan's header that end coded data."""
    position = first_scan(data) + 2
    for found in MARKER.finditer(data, position):
        if found.start() < position:
            continue  # inside the header of another scan
        yield found.start()
        marker = data[found.start() + 1]
        if marker == END:
            return
        if marker not in RESTARTS:
            position = found.end() + int.from_bytes(data[found.end() : found.end() + 2], "big")
