"""Every file below a folder, in one order everywhere, and what can't be listed.

Names that start with a dot are not looked at, nor what systems and network disks keep of their own
beside photos (`NOT_THE_USERS`). Folders whose pictures are hardly photos (`no_photos_in`) are left
out. Links are followed; a folder that several links lead to is listed once, so loops end.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from facade_gan.checkpoints.locate import of_run
from facade_gan.data.files.reasons import of_the_disk
from facade_gan.data.photoset import LeftOut

# Thumbnails, bins and notes of Synology, QNAP, macOS and Windows.
NOT_THE_USERS = {"@eadir", "#recycle", "#snapshot", "@recycle", "@recently-snapshot", "__macosx",
                 "thumbs.db", "$recycle.bin", "system volume information",
                 "desktop.ini"}  # fmt: skip

A_RUN = "the folder of a run, which holds no photos"
THUMBNAILS = "thumbnails by its name: rename it if they are photos"
BY_DESIGN = {A_RUN, THUMBNAILS}


@dataclass(frozen=True)
class File:
    """A regular file as it was when listed; any change to its bytes changes one of the figures."""

    path: str
    name: str  # below the root, printable
    size: int
    mtime_ns: int
    ctime_ns: int
    readable: bool


def files_below(top: Path, root: Path) -> tuple[list[File], list[LeftOut]]:
    """All files below ``top``, sorted, and what was left out: folders and files out of reach.

    Their names are given below ``root``.
    """
    files: list[File] = []
    left_out: list[LeftOut] = []
    seen: set[tuple[int, int]] = set()
    folders = [str(top)]
    while folders:
        folder = folders.pop()
        try:
            if folder != str(top) and (why := no_photos_in(folder)):
                left_out.append(LeftOut(printable(folder, root) + "/", why))
                continue
            entries = visible_entries(folder, seen)
        except OSError as error:
            left_out.append(LeftOut(printable(folder, root) + "/", str(of_the_disk(error))))
            continue
        below = []
        for path in entries:
            try:
                status = Path(path).stat()
            except OSError as error:
                left_out.append(LeftOut(printable(path, root), str(of_the_disk(error))))
                continue
            if stat.S_ISDIR(status.st_mode):
                below.append(path)
            elif stat.S_ISREG(status.st_mode):
                files.append(as_file(path, root, status))
            else:
                left_out.append(LeftOut(printable(path, root), "not a regular file"))
        folders.extend(reversed(below))
    return sorted(files, key=lambda file: with_slashes(file.path)), left_out


def no_photos_in(folder: str) -> str | None:
    """Why a folder is left out as a whole; None where it is looked into.

    What a run leaves, grids and figures, would be trained on by the next one beside the photos.
    """
    path = Path(folder)
    if (path / ".hydra").is_dir() or of_run(path / "checkpoints") is not None:
        return A_RUN
    return THUMBNAILS if path.name.lower() == "thumbs" else None


def is_trouble(entry: LeftOut) -> bool:
    """Whether something that was meant to be used can't be."""
    return entry.reason not in BY_DESIGN


def visible_entries(folder: str, seen: set[tuple[int, int]]) -> list[str]:
    """Sorted paths in ``folder``; none where the folder was seen before, by another name."""
    status = Path(folder).stat()
    if (status.st_dev, status.st_ino) in seen:
        return []
    seen.add((status.st_dev, status.st_ino))
    with os.scandir(folder) as entries:
        return sorted(entry.path for entry in entries if is_the_users(entry.name))


def is_the_users(name: str) -> bool:
    """Whether a name is of something that the user put there."""
    return not name.startswith(".") and name.lower() not in NOT_THE_USERS


def as_file(path: str, root: Path, status: os.stat_result) -> File:
    """What is known of a file before it is read."""
    return File(
        path,
        printable(path, root),
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        os.access(path, os.R_OK),
    )


def with_slashes(path: str, separator: str = os.sep) -> str:
    """The path as Linux writes it, so that photos have one name and order on all systems."""
    return path.replace(separator, "/")


def printable(path: str, root: Path) -> str:
    """The path below ``root``; what no terminal shows, or isn't UTF-8, is escaped."""
    name = with_slashes(os.path.relpath(path, root))
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)
