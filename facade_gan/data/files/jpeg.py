"""What Pillow alone doesn't do for a JPEG: bounded memory at any size, and noticing damage."""

import struct

import simplejpeg
from PIL import JpegImagePlugin

from facade_gan.data.photoset import UnusablePhoto


def reduce_to(max_pixels: int, image: JpegImagePlugin.JpegImageFile, data: bytes) -> None:
    """Have a JPEG of more pixels decoded at 1/2, 1/4 or 1/8, which costs its share of memory.

    Not where libjpeg must hold the whole file's coefficients before a row comes out: in a
    progressive JPEG, and in one whose first scan doesn't have all its channels.
    """
    width, height = image.size
    scale = next((s for s in (1, 2, 4) if width * height <= max_pixels * s * s), 8)
    if scale == 1:
        return
    if "progressive" in image.info or channels_of_first_scan(data) != len(image.getbands()):
        raise UnusablePhoto(f"too many pixels for a progressive JPEG: {width} x {height}")
    image.draft(None, (width // scale, height // scale))


def channels_of_first_scan(data: bytes) -> int:
    """How many channels the first scan holds; 0 where the markers before it make no sense."""
    position = 2
    while position + 5 <= len(data) and data[position] == 0xFF:
        marker, length = struct.unpack_from(">xBH", data, position)
        if marker == 0xDA:  # start of scan
            return data[position + 4]
        position += 2 + length
    return 0


def check_entropy_data(data: bytes) -> None:
    """Raise `UnusablePhoto` where libjpeg warns of damage: Pillow lets it go on with grey.

    JPEG has no checksum, so damage that happens to be valid code goes unseen.
    """
    try:
        simplejpeg.decode_jpeg(data, min_height=1, min_width=1, min_factor=8)
    except ValueError as error:
        # Other messages are about what this decoder can't do, and Pillow has decoded the file.
        if str(error).startswith(("Corrupt", "Premature", "Inconsistent")):
            raise UnusablePhoto(f"damaged: {error}") from error
