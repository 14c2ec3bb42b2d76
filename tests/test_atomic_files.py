import errno
import os
import stat
import time
from pathlib import Path

import pytest

from facade_gan.atomic_files import LEFTOVER_AGE, remove_leftovers, replaced, write_bytes


@pytest.mark.parametrize("several_writers", [False, True])
def test_a_write_that_fails_leaves_the_old_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, several_writers: bool
) -> None:
    path = tmp_path / "file"
    write_bytes(path, b"old")

    def no_space(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", no_space)
        with pytest.raises(OSError, match="No space left"):  # noqa: SIM117
            with replaced(path, durable=True, several_writers=several_writers) as partial:
                partial.write_bytes(b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    write_bytes(path, b"new", durable=True)
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EBADF])
def test_a_file_system_that_syncs_no_folders_keeps_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    sync = os.fsync

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(number, os.strerror(number))
        sync(descriptor)

    monkeypatch.setattr("os.fsync", fsync)
    write_bytes(tmp_path / "file", b"content", durable=True)
    assert (tmp_path / "file").read_bytes() == b"content"


def test_only_old_partial_files_of_this_project_are_removed(tmp_path: Path) -> None:
    with replaced(tmp_path / "a", several_writers=True) as partial:
        partial.write_bytes(b"x")
        name = partial.name
    old, fresh, other, download = (
        tmp_path / n for n in (name, f"b.{name}", "c.png", "a film.mp4.part")
    )
    for path in (old, fresh, other, download):
        path.write_bytes(b"x")
    long_ago = time.time() - LEFTOVER_AGE - 10
    for path in (old, other, download):
        os.utime(path, (long_ago, long_ago))
    remove_leftovers(tmp_path)
    assert not old.exists()
    assert fresh.exists()
    assert other.exists() and download.exists()
