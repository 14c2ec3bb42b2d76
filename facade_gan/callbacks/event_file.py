"""TensorBoard's file of events, on a disk that may be full."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.summary.writer import event_file_writer
from tensorboard.summary.writer.event_file_writer import EventFileWriter

log = logging.getLogger(__name__)

WAIT = 60.0  # seconds before another file is tried


class _Worker(event_file_writer._AsyncWriterThread):
    """TensorBoard's thread that writes, without a traceback on the screen where it can't."""

    def run(self) -> None:
        with suppress(OSError):  # it is raised once more in whoever writes next
            super().run()


event_file_writer._AsyncWriterThread = _Worker


class EventFile(EventFileWriter):
    """Writes what TensorBoard shows; where it can't, says so and lets the training go on.

    After a failure TensorBoard's own writer raises at every call. This one then leaves its file,
    loses what comes for a minute, and begins another one, which TensorBoard reads behind the first.

    Args:
        folder: where the files are.
        settings: of TensorBoard's writer.
    """

    def __init__(self, folder: str, *settings: Any) -> None:
        self._folder, self._settings = folder, settings
        self._is_open, self._again_at = False, 0.0
        self._begin()

    def get_logdir(self) -> str:
        """Return the folder."""
        return self._folder

    def add_event(self, event: Event) -> None:
        """Write an event, if there is room."""
        self._begin()
        self._try(super().add_event, event)

    def flush(self) -> None:
        """Have everything on the disk, as far as there was room."""
        self._try(super().flush)

    def close(self) -> None:
        """Close the file."""
        self._try(super().close)

    def _begin(self) -> None:
        if self._is_open or time.monotonic() < self._again_at:
            return
        self._is_open = True
        self._try(super().__init__, self._folder, *self._settings)
        if self._is_open:
            self._again_at = 0.0

    def _try(self, write: Callable[..., None], *arguments: Any) -> None:
        if not self._is_open:
            return
        try:
            write(*arguments)
        except OSError as error:
            if self._again_at == 0:
                log.error(
                    f"curves in {self._folder} not written: {error.strerror}; training goes on"
                )
            self._is_open, self._again_at = False, time.monotonic() + WAIT
            file = Path(getattr(self, "_file_name", ""))
            if file.is_file() and file.stat().st_size == 0:
                file.unlink()
