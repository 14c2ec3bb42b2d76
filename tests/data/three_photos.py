"""A folder of three photos, and any folder as a source of photos at 32 pixels."""

from pathlib import Path
from typing import Any

from conftest import TINY_DATA
from PIL import Image

from facade_gan.data.folder import FolderData


def three_photos(folder: Path) -> Path:
    """Make ``folder`` with three photos of one colour each, one of them in a folder below."""
    (folder / "more").mkdir(parents=True)
    for name, colour in {"b.png": (10, 20, 30), "a.jpg": (200, 200, 200),
                         "more/c.webp": (0, 0, 255)}.items():  # fmt: skip
        Image.new("RGB", (50, 40), colour).save(folder / name, lossless=True)
    return folder


def data(root: Path, **options: Any) -> FolderData:
    """The photos below ``root``, their cache beside it."""
    settings = {"fit": "crop", "strict": False, "cache_dir": str(root.parent / "cache")}
    return FolderData(root=str(root), **(TINY_DATA | settings | {"batch_size": 1} | options))
