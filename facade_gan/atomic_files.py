"""The one way a file of this project is written: whole, or not at all."""

import errno
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

OF_ONE_OF_SEVERAL = re.compile(r"\.\d+-[0-9a-f]{8}\.part$")
LEFTOVER_AGE = 24 * 3600  # seconds after which a partial file is taken for a dead writer's
# What file systems answer that can't sync a folder: network and FUSE mounts, and Windows.
FOLDERS_NOT_SYNCED = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EACCES, errno.EBADF,
                      errno.EPERM, errno.EISDIR, errno.ENOSYS}  # fmt: skip


@contextmanager
def replaced(path: Path, durable: bool = False, several_writers: bool = False) -> Iterator[Path]:
    """Hand out a path to write to, which takes the name ``path`` when the ``with`` block ends.

    Where the block fails, what ``path`` held before is still there, and the partial file is gone;
    that of a killed process is written over by the next one.

    Args:
        path: the file to make; its folder is made where it is missing.
        several_writers: each has a partial file of its own, and the last one to end wins; what
            killed ones left is for ``remove_leftovers``.
        durable: wait until the file is on the disk, so that a crash of the machine leaves the old
            file or the new one. Without, a killed process does, which is enough for a picture.

    Raises:
        OSError: when the disk is full, say.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    own = f".{os.getpid()}-{secrets.token_hex(4)}" if several_writers else ""
    partial = path.with_name(f"{path.name}{own}.part")
    try:
        yield partial
        if durable:
            sync_file(partial)
        partial.replace(path)
        if durable:
            sync_folder(path.parent)
    finally:
        partial.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes | memoryview, durable: bool = False) -> None:
    """Make ``data`` the content of ``path``, see ``replaced``."""
    with replaced(path, durable) as partial:
        partial.write_bytes(data)


def write_text(path: Path, text: str, durable: bool = False) -> None:
    """Make ``text`` the content of ``path`` in UTF-8, see ``replaced``."""
    write_bytes(path, text.encode(), durable)


def sync_file(path: Path) -> None:
    """Wait until the content of ``path`` is on the disk."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Have the disk know the names in ``folder``, where its file system can be asked to."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows opens no folders
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in FOLDERS_NOT_SYNCED:
            raise
    finally:
        os.close(descriptor)


def remove_leftovers(folder: Path) -> None:
    """Delete the partial files that killed writers, several at a time, left in ``folder``.

    The folder may be one of the user's, with a browser's ``.part`` files.
    """
    own = [file for file in folder.glob("*.part") if OF_ONE_OF_SEVERAL.search(file.name)]
    for file in own:
        with suppress(OSError):
            if file.stat().st_mtime < time.time() - LEFTOVER_AGE:
                file.unlink()
