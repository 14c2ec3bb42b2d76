"""How far a piece of work is: a bar in a terminal, whole lines in a file or another program."""

import logging
import sys
from typing import Any

from tqdm import tqdm

log = logging.getLogger(__name__)

LINE_EVERY = 60.0  # seconds


class Progress(tqdm):
    """A ``tqdm`` that logs lines where its output is no terminal: one at the start, one a minute.

    Args:
        arguments: of ``tqdm``.
        announced: whether there is a line at the start; else the first comes after a minute.
        settings: of ``tqdm``.
    """

    def __init__(self, *arguments: Any, announced: bool = True, **settings: Any) -> None:
        self.in_lines = not sys.stderr.isatty()
        if self.in_lines:
            settings |= {"mininterval": LINE_EVERY, "maxinterval": LINE_EVERY, "miniters": 1}
            settings |= {"delay": 0 if announced else LINE_EVERY, "leave": False}
        super().__init__(*arguments, **settings)

    def display(self, msg: str | None = None, pos: int | None = None) -> bool:
        """Draw the bar, or log a line; the empty message with which a bar is wiped is none."""
        if not self.in_lines:
            return bool(super().display(msg, pos))
        if msg is None:
            done, total = map(self.written, (self.n, self.total))
            log.info(f"{self.desc.removesuffix(': ')}: {done} of {total}")
        return False

    def clear(self, nolock: bool = False) -> None:
        """Make room for another line, which takes none where lines are whole."""
        if not self.in_lines:
            super().clear(nolock)

    def refresh(self, nolock: bool = False, lock_args: Any = None) -> None:
        """Draw the bar anew; behind each line that is logged ``tqdm`` does so without a lock."""
        if not (self.in_lines and nolock):
            super().refresh(nolock, lock_args)

    def written(self, count: float) -> str:
        """Write a count as the bar does: bytes in millions."""
        return f"{self.format_sizeof(count)}{self.unit}" if self.unit_scale else str(count)
