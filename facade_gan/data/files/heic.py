"""HEIC, the format of every iPhone, by pi-heif, which decodes and carries no encoder."""

from io import BufferedReader

from PIL import ImageFile

from facade_gan.data.photoset import PassingTrouble

BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs")


def is_heic(start: bytes) -> bool:
    """Whether a file that begins so is of HEIF's family, and its pictures are coded as HEVC."""
    length = int.from_bytes(start[:4], "big")
    brands = start[8:12] + start[16:length]  # the main one, a version, the compatible ones
    return start[4:8] == b"ftyp" and any(
        brands[i : i + 4] in BRANDS for i in range(0, len(brands), 4)
    )


def opened(file: BufferedReader) -> ImageFile.ImageFile:
    """The main picture, its size known and its pixels not yet decoded.

    It comes upright: the container says by which turn (``irot``), and what EXIF says of the same
    turn is set aside, as HEIF's standard asks.
    """
    try:
        from pi_heif.as_plugin import HeifImageFile
    except ImportError as error:
        raise PassingTrouble("HEIC, which needs pi-heif: pip install pi-heif") from error
    return HeifImageFile(file)


def turned(data: bytes) -> bool:
    """Whether the container has its picture turned (``irot``, by quarters) or mirrored."""
    return b"\0\0\0\x09imir" in data or any(
        b"\0\0\0\x09irot" + bytes([quarters]) in data for quarters in (1, 2, 3)
    )
