"""Writing checkpoints so that a kill or a full disk leaves the one before intact."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from lightning.fabric.plugins import CheckpointIO

from facade_gan.atomic_files import write_bytes
from facade_gan.checkpoints.read import read_checkpoint


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
        write_bytes(Path(path), buffer.getbuffer(), durable=True)

    def load_checkpoint(  # type: ignore[override]
        self,
        path: Path,
        map_location: Callable | None = None,
        weights_only: bool | None = None,
    ) -> dict[str, Any]:
        """Read onto the CPU; whatever ``weights_only`` says, nothing in the file is executed."""
        return read_checkpoint(Path(path))

    def remove_checkpoint(self, path: Path) -> None:  # type: ignore[override]
        """Delete the file."""
        Path(path).unlink(missing_ok=True)
