"""PNG and TIFF written by hand: what Pillow reads but doesn't write, and references beside it."""

import struct
import zlib

import numpy as np


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
