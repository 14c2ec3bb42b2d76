"""Writing checkpoints so that a kill or a full disk leaves the one before intact."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from lightning.fabric.plugins import CheckpointIO

from facade_gan import checkpoint


class AtomicCheckpointIO(CheckpointIO):
    """Lightning's reader and writer of checkpoints: whole or not at all, and never a pickle."""

    def save_checkpoint(  # type: ignore[override]
        self, checkpoint: dict[str, Any], path: Path, storage_options: Any = None
    ) -> None:
        """Write beside ``path``, to the disk, and only then take its name.

        Raises:
            OSError: when the disk is full, say; what ``path`` held before is still there.
        """
        buffer = io.BytesIO()
        torch.save(checkpoint, buffer)
        write_atomically(Path(path), buffer.getbuffer())

    def load_checkpoint(  # type: ignore[override]
        self,
        path: Path,
        map_location: Callable | None = None,
        weights_only: bool | None = None,
    ) -> dict[str, Any]:
        """Read onto the CPU; whatever ``weights_only`` says, nothing in the file is executed."""
        return checkpoint.read(Path(path))

    def remove_checkpoint(self, path: Path) -> None:  # type: ignore[override]
        """Delete the file."""
        Path(path).unlink(missing_ok=True)


def write_atomically(path: Path, data: bytes | memoryview) -> None:
    """Make ``data`` the content of ``path``: after a crash the file holds the old or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.part")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    partial.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Have the disk know the names in ``folder``."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
