"""The quiet end of a command whose output nobody reads any more, as in ``... --help | head -1``."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def reader_may_leave() -> Iterator[None]:
    """End the process without a traceback where what it prints meets a closed pipe."""
    try:
        yield
        sys.stdout.flush()  # what is left meets the closed pipe here, not when Python has ended
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + 13)  # as a shell reports SIGPIPE
