"""What a folder of photos holds, in words and lists for the user."""

import csv
import io
import re
import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from facade_gan.data.photoset import LeftOut, PhotoSet

NAMES_SHOWN = 5  # of a kind
COLUMNS = 80  # of a terminal
SCREENSHOT = re.compile(
    r"screen[\s_-]?shot|bildschirmfoto|capture d.écran|captura de pantalla|截屏|截图", re.IGNORECASE
)
KINDS = {"JPG": "JPEG", "JPE": "JPEG", "HEIF": "HEIC", "TIF": "TIFF"}  # by the ends of names


def lines(photos: PhotoSet, root: Path) -> list[str]:
    """What is used, and what of it may not be meant: lines of the log."""
    suffixes = Counter(PurePosixPath(name).suffix[1:].upper() for name in photos.names)
    kinds: Counter[str] = Counter()
    for suffix, count in suffixes.items():
        kinds[KINDS.get(suffix, suffix) or "without an ending"] += count
    by_kind = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    said = [f"{len(photos)} photos in {root}: {by_kind}"]
    said += changed(photos.changes)
    copies = [
        f"{name} of {photos.copy_of[name]}" for name in photos.names if name in photos.copy_of
    ]
    if copies:
        said.append(
            f"{len(copies)} of the photos are copies of others, or of one burst; "
            f"held out or trained on together: {shown(copies)}"
        )
    screenshots = [name for name in photos.names if SCREENSHOT.search(name)]
    if screenshots:
        said.append(
            f"{len(screenshots)} seem to be screenshots by their names, and are used as photos: "
            f"{shown(screenshots)}"
        )
    return said


def changed(changes: dict[str, list[str]]) -> list[str]:
    """How many photos decoding turned, changed in colour and rectified: lines of the log."""
    counts = Counter(change for each in changes.values() for change in each)
    said = []
    if counts["turned"] or counts["profile"]:
        said.append(
            f"{counts['turned']} turned upright (EXIF, HEIC), "
            f"{counts['profile']} brought to sRGB by their colour profiles"
        )
    if counts["rectified"] or counts["upright"] or counts["unclear"]:
        said.append(
            f"{counts['rectified']} fronts rectified, {counts['upright']} upright already, "
            f"{counts['unclear']} left: their lines don't say"
        )
    return said


def shown(names: list[str]) -> str:
    """The first few of the names, and how many more there are."""
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(names[:NAMES_SHOWN]) + more


def wrapped(said: str) -> str:
    """The sentence in lines that fit a terminal; a word stays whole, however long a path it is."""
    return textwrap.fill(
        said, COLUMNS, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def as_csv(left_out: Iterable[LeftOut]) -> str:
    """A table of all files left out: name, reason."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["file", "reason"])
    writer.writerows((entry.name, entry.reason) for entry in left_out)
    return table.getvalue()


def what_is_left_out(left_out: list[LeftOut], total: int, root: Path | None) -> str:
    """One line: how many files were left out, why, and their names, by kind of reason.

    ``root`` is the folder they are in, None for a source that has none.
    """
    kinds: dict[str, list[str]] = defaultdict(list)
    for entry in left_out:
        kinds[entry.reason.split(":")[0]].append(entry.name)
    parts = []
    for kind, names in sorted(kinds.items(), key=lambda item: -len(item[1])):
        parts.append(f"{len(names)} {kind} ({shown(names)})")
    if len(left_out) == total:
        named = "" if root is None else f"data.root={root}: "
        return f"{named}no photo among its {total} files: {'; '.join(parts)}"
    place = "" if root is None else f" in {root}"
    return f"Left out {len(left_out)} of {total} files{place}: {'; '.join(parts)}"
