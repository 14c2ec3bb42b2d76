"""The CMP Facade Database: 606 photos of facades, each with a label map.

R. Tylecek and R. Sara, "Spatial Pattern Templates for Recognition of Objects with Regular
Structure", GCPR 2013. The authors ask for that citation; no licence is known, so the photos are
for research and not to be passed on.
"""

import shutil
from pathlib import Path
from typing import Any

from filelock import FileLock

from facade_gan.data.files import archive
from facade_gan.data.files.download import Downloader
from facade_gan.data.files.listing import File, files_below
from facade_gan.data.folder import FolderData
from facade_gan.data.photoset import LeftOut
from facade_gan.errors import UserError

PARTS = ("base", "extended")


class CMPData(FolderData):
    """The photos of CMP in the archives' own layout: ``root/base/*.jpg``, ``root/extended/*.jpg``.

    The label maps beside them are ignored. A ``root`` with photos is used as it is; where there
    are none, ``bring`` downloads both archives from ``url``.
    """

    def __init__(self, url: str, downloader: Downloader | None = None, **folder: Any):
        super().__init__(**folder)
        self.url = url
        self.downloader = downloader or Downloader()

    def bring(self) -> None:
        """Download what is missing. Raises UserError where that fails."""
        missing = any(not (self.root / part).exists() for part in PARTS)
        if missing and (self.is_ours() or not self.has_photos()):
            try:
                self.root.mkdir(parents=True, exist_ok=True)
                with FileLock(self.root / ".lock"):  # two runs at once: the second waits
                    for part in PARTS:
                        self.fetch(part)
            except OSError as error:
                raise UserError(f"data.root={self.root} can't be filled: {error}") from error

    def list_files(self) -> tuple[list[File], list[LeftOut]]:
        """The .jpg files of both parts."""
        files: list[File] = []
        left_out: list[LeftOut] = []
        for part in PARTS:
            if (self.root / part).is_dir():
                found, trouble = files_below(self.root / part, self.root)
                files += [file for file in found if file.path.lower().endswith(".jpg")]
                left_out += trouble
        return files, left_out

    def has_photos(self) -> bool:
        """Whether there is a photo in either part."""
        return any(path for part in PARTS for path in (self.root / part).glob("*.jpg"))

    def is_ours(self) -> bool:
        """Whether the folder was begun by a download, which may have been cut short."""
        return self.record.exists()

    @property
    def record(self) -> Path:
        """Where the archives' checksums are kept."""
        return self.root / "sha256.json"

    def fetch(self, part: str) -> None:
        """Bring ``root/part`` into being, unless it is there; it appears in one step."""
        folder = self.root / part
        if folder.exists():
            return
        name = f"CMP_facade_DB_{part}.zip"
        zipped, unpacked = self.root / name, self.root / f".{part}"
        self.downloader.fetch(f"{self.url}/{name}", zipped, archive.check, self.record)
        shutil.rmtree(unpacked, ignore_errors=True)  # of a run that was killed
        archive.extract(zipped, unpacked)
        if not any((unpacked / part).glob("*.jpg")):
            raise UserError(f"{zipped} holds no {part}/*.jpg: is it CMP's archive?")
        (unpacked / part).rename(folder)
        shutil.rmtree(unpacked)
        zipped.unlink()
