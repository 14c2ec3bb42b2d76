"""Why a file is left out, in words for the user."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from facade_gan.data.photoset import PassingTrouble, UnusablePhoto

DISK_REASONS = {
    errno.ENOENT: "vanished, or a link to nothing",
    errno.EACCES: "no permission to read it",
    errno.EPERM: "no permission to read it",
    errno.ELOOP: "a link that leads back to itself",
    errno.ENAMETOOLONG: "its path is too long",
}
# A file that vanished was there as it was listed: a share may drop out.
LASTING = {errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENAMETOOLONG}


def of_the_disk(error: OSError) -> UnusablePhoto:
    """The system's refusal as a reason."""
    words = DISK_REASONS.get(error.errno or 0, f"unreadable: {error.strerror or error}")
    return UnusablePhoto(words) if error.errno in LASTING else PassingTrouble(words)


def what_it_seems(start: bytes) -> str:
    """What a file that is no image may be, by its first bytes, in words for the user."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html")):
        return "an HTML page, not an image"
    if start[4:8] == b"ftyp" and start[8:12] in (b"avif", b"avis"):
        return "damaged: an AVIF image that ends too early, or isn't whole"
    if start[4:8] == b"ftyp" and start[8:10] in (b"qt", b"is", b"mp", b"M4", b"3g", b"av"):
        return "a video, not an image"
    if all(byte >= 32 or byte in b"\t\r\n\f" for byte in start):
        return "text, not an image"
    return "not an image, or in a format that isn't supported"


@contextmanager
def trouble_named() -> Iterator[None]:
    """Turn what a bad file makes Pillow raise, which can be nearly anything, into a reason.

    And what follows the decoding: odd tags and profiles show there.
    """
    try:
        yield
    except UnusablePhoto:
        raise
    except MemoryError as error:
        raise PassingTrouble("not enough memory to decode it") from error
    except Image.DecompressionBombError as error:
        limit = 2 * (Image.MAX_IMAGE_PIXELS or 0) // 10**6
        raise UnusablePhoto(f"too many pixels, over {limit} million: save it smaller") from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno:
            raise  # the disk's trouble: `regular_file` names it
        message = " ".join(str(error).split()) or type(error).__name__
        ended = "truncated" in message.lower() or "end of file" in message.lower()
        kind = "truncated" if ended else "damaged"
        rest = re.sub(r"(?i)^(image file is )?truncated( file read)?", "", message).strip(" ()")
        raise UnusablePhoto(f"{kind}: {rest}" if rest else kind) from error
