"""Decoded photos on disk: one safetensors file, believed only if all of it is as it was written.

The file's header carries the key it was made for, the names, what was left out, which are
copies, what decoding changed, and a SHA-256 of all that and the pixels. It is written beside its
place and renamed into it, so a killed writer leaves nothing that could be taken for a cache, and
two writers leave the file of one of them.
"""

import hashlib
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from facade_gan.atomic_files import remove_leftovers, replaced
from facade_gan.data.photoset import LeftOut, PhotoSet

log = logging.getLogger(__name__)

T = TypeVar("T")


def load_or_build(cache_dir: Path, key: dict[str, Any], build: Callable[[], PhotoSet]) -> PhotoSet:
    """The photos kept in ``cache_dir`` for ``key``; where there are none, ``build()``, then kept.

    ``key`` is all that decides the result, as JSON. The photos may be memory-mapped. A cache that
    is damaged or can't be written is said in the log and costs a ``build``, never a run. A set that
    lacks a file for a reason that may pass is not kept: it would lack it for ever.
    """

    def keep(path: Path, photoset: PhotoSet) -> None:
        passing = [entry for entry in photoset.left_out if entry.passing]
        if passing:
            first = f"{passing[0].name}: {passing[0].reason}"
            more = f" and {len(passing) - 1} more" if len(passing) > 1 else ""
            log.warning(
                "Nothing is cached, so that the next start tries again what may have passed "
                "by then: %s%s.",
                first,
                more,
            )
        else:
            write(path, key, photoset)

    path = cache_dir / f"{hashlib.sha256(as_json(key).encode()).hexdigest()[:32]}.safetensors"
    return read_or_build(
        path,
        lambda path: read(path, key),
        build,
        keep,
    )


def read_or_build(
    path: Path,
    read: Callable[[Path], T],
    build: Callable[[], T],
    write: Callable[[Path, T], None],
) -> T:
    """What ``path`` keeps; where there is nothing, or it can't be used, what is built, then kept.

    A file that can't be read or written is said in the log and costs a ``build``.
    """
    if path.exists():
        try:
            return read(path)
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
            log.warning("The cache %s can't be used (%s): building it anew.", path, error)
    built = build()
    try:
        write(path, built)
    except (OSError, SafetensorError) as error:
        log.warning("Nothing is cached: %s can't be written (%s).", path, error)
    return built


def read(path: Path, key: dict[str, Any]) -> PhotoSet:
    """Raises ValueError where the file isn't whole or was made for another key."""
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata() or {}
        photos = file.get_tensor("photos")
    contents = json.loads(metadata["contents"])
    if metadata["sha256"] != digest(metadata["contents"], photos):
        raise ValueError("its checksum is wrong")
    if contents["key"] != json.loads(as_json(key)):
        raise ValueError("it was made from something else")
    left_out = [LeftOut(*pair) for pair in contents["left_out"]]
    changes = contents.get("changes", {})  # drawings, which have none, may have been kept before
    return PhotoSet(photos, contents["names"], left_out, contents["copy_of"], changes)


def write(path: Path, key: dict[str, Any], photoset: PhotoSet) -> None:
    """Raises OSError or SafetensorError where it can't be written; ``path`` is then untouched."""
    remove_leftovers(path.parent)
    contents = as_json(
        {
            "key": key,
            "names": photoset.names,
            "left_out": [(entry.name, entry.reason) for entry in photoset.left_out],
            "copy_of": photoset.copy_of,
            "changes": photoset.changes,
        }
    )
    metadata = {"contents": contents, "sha256": digest(contents, photoset.photos)}
    with replaced(path, durable=True, several_writers=True) as partial:
        save_file({"photos": photoset.photos}, partial, metadata)


def digest(contents: str, photos: torch.Tensor) -> str:
    """SHA-256 over the header's text, the photos' shape and type, and the pixels."""
    sha = hashlib.sha256(f"{contents} {tuple(photos.shape)} {photos.dtype}".encode())
    sha.update(photos.numpy().reshape(-1).data)
    return sha.hexdigest()


def as_json(value: Any) -> str:
    """The same text for equal values, whatever the order of their keys."""
    return json.dumps(value, sort_keys=True)
