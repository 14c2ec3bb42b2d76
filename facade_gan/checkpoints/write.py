"""Writing checkpoints so that a kill or a full disk leaves the one before intact."""

import copy
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from lightning.fabric.plugins import CheckpointIO
from torch import Tensor

from facade_gan.atomic_files import write_bytes
from facade_gan.checkpoints.read import read_checkpoint


class AtomicCheckpointIO(CheckpointIO):
    """Lightning's reader and writer of checkpoints: whole or not at all, and never a pickle."""

    def save_checkpoint(  # type: ignore[override]
        self,
        checkpoint: dict[str, Any],
        path: Path,
        storage_options: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:
        """Write now, or hand to ``storage_options`` a copy that training leaves alone.

        Raises:
            OSError: when the disk is full, say; what ``path`` held before is still there.
        """
        if storage_options is not None:
            storage_options(snapshot(checkpoint))
        else:
            write_bytes(Path(path), serialised(checkpoint), durable=True)

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


def serialised(checkpoint: dict[str, Any]) -> memoryview:
    """Make the bytes of a checkpoint's file."""
    buffer = io.BytesIO()
    torch.save(checkpoint, buffer)
    return buffer.getbuffer()


def snapshot(state: Any) -> Any:
    """Copy dictionaries, lists and tensors, the latter to the host: the state of this moment."""
    if isinstance(state, Tensor):
        return state.detach().to("cpu", copy=True)
    if isinstance(state, dict):
        copied = copy.copy(state)  # of the same class, with the attributes of a module's state
        copied.update({key: snapshot(value) for key, value in state.items()})
        return copied
    if isinstance(state, list | tuple):
        return type(state)(map(snapshot, state))
    return state
