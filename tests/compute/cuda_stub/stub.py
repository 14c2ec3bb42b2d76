"""Reads what the stand-in saw: how many launches, and which calls."""

import ctypes
import os
from collections import Counter
from pathlib import Path

FOLDER = Path(os.environ["STUB"])
LIBRARY = ctypes.CDLL(str(FOLDER / "libstub.so"))


def launches() -> int:
    """Count the launches of kernels, copies and fills since the process began."""
    return LIBRARY.stub_launches()


class Recorded:
    """Holds, after a ``with`` block, the calls that were made in it, in turn."""

    def __enter__(self) -> "Recorded":
        self.file = FOLDER / "calls.txt"
        LIBRARY.stub_log(str(self.file).encode())
        return self

    def __exit__(self, *exception: object) -> None:
        LIBRARY.stub_log(None)
        self.calls = self.file.read_text().splitlines()

    def count(self) -> Counter[str]:
        """Count each call."""
        return Counter(self.calls)

    def forbidden(self) -> list[str]:
        """List the calls that have no place in a recording."""
        marks = ("ILLEGAL-IN-CAPTURE", "HOST-COPY-IN-CAPTURE")
        return [call for call in self.calls if any(mark in call for mark in marks)]
