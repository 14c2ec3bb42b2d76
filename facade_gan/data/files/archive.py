"""Unpack a zip that may be anybody's: checked before a byte is written, complete or not there."""

import errno
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from facade_gan.errors import UserError

MAX_FILES = 20_000
MAX_BYTES = 2 * 2**30  # unpacked
MAX_RATIO = 200  # unpacked to packed, of one file; text reaches 20, photos 1
BLOCK = 2**20
ENCRYPTED = 1  # bit of ZipInfo.flag_bits


def check(archive: Path) -> None:
    """Raises UserError, naming the archive, where it isn't a whole zip that is safe to unpack.

    Reads all of it: each file's checksum must be right.
    """
    with opened(archive) as content:
        for member in content.infolist():
            if not member.is_dir():
                copy(content, member, None)


def extract(archive: Path, target: Path) -> None:
    """Unpack ``archive`` to ``target``, which must not exist and appears only when complete.

    Raises UserError as `check` does; then nothing is left behind.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        with opened(archive) as content:
            for member in content.infolist():
                if not member.is_dir():
                    copy(content, member, temporary / member.filename)
        temporary.chmod(0o755)
        temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def opened(archive: Path) -> Iterator[zipfile.ZipFile]:
    """The zip, its list of contents found safe; trouble while reading it becomes UserError."""
    try:
        with zipfile.ZipFile(archive) as content:
            refuse_unsafe(content.infolist())
            yield content
    except Refused as error:
        raise UserError(f"{archive.name} is refused: {error}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise UserError(f"{archive.name} is no whole zip archive ({error})") from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # zipfile has followed a damaged position out of the file
            raise
        raise UserError(f"{archive.name} is no whole zip archive ({error})") from error


class Refused(Exception):
    """An archive that could do harm; the message names the entry."""


def refuse_unsafe(members: list[zipfile.ZipInfo]) -> None:
    """Raises `Refused` for what can be seen in the list of contents."""
    if len(members) > MAX_FILES:
        raise Refused(f"it holds {len(members)} files, {MAX_FILES} are allowed")
    if sum(member.file_size for member in members) > MAX_BYTES:
        raise Refused(f"it would unpack to more than {MAX_BYTES >> 20} MiB")
    seen: set[str] = set()
    for member in members:
        name = repr(member.filename)
        refuse_name(member, name)
        if member.filename.lower() in seen:  # case alone is no difference on some systems
            raise Refused(f"{name} is in it twice")
        seen.add(member.filename.lower())
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refused(f"{name} is packed by an unusual method")
        if member.flag_bits & ENCRYPTED:
            raise Refused(f"{name} is encrypted")
        if member.file_size > MAX_RATIO * member.compress_size + BLOCK:
            raise Refused(f"{name} unpacks to {member.file_size >> 20} MiB, a bomb")
    for member in members:
        for parent in PurePosixPath(member.filename.lower()).parents:
            if str(parent) in seen:
                raise Refused(f"{str(parent)!r} is both a file and a folder")


def refuse_name(member: zipfile.ZipInfo, name: str) -> None:
    """Raises `Refused` for a name that leads out of the folder, and for what is no plain file."""
    # orig_filename: as it stands in the archive, before zipfile cuts it at a NUL
    path = PurePosixPath(member.orig_filename)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise Refused(f"{name} leads out of the folder")
    if any(character in member.orig_filename for character in "\\:\0"):
        raise Refused(f"{name} is a name for another system")
    if any(len(part.encode(errors="replace")) > 255 for part in path.parts):
        raise Refused(f"{name[:40]}... is too long a name")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Refused(f"{name} is a link or a device")


def copy(content: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path | None) -> None:
    """Read a member to its end, where zipfile compares its checksum; write it if ``target``."""
    with content.open(member) as source:
        if target is None:
            while source.read(BLOCK):
                pass
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            shutil.copyfileobj(source, file, BLOCK)
