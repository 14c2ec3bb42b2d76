"""Write a set of photos as shards, for sets larger than memory.

``python -m facade_gan.shard data=folder data.root=PHOTOS out=DIR``, in bounded memory.
"""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig

from facade_gan.atomic_files import write_text
from facade_gan.commandline.command import command
from facade_gan.commandline.config import argument, for_shell
from facade_gan.commandline.console import say_loading
from facade_gan.commandline.folder_lock import LOCK, hold
from facade_gan.commandline.invocation import invocation
from facade_gan.commandline.validation import check
from facade_gan.errors import UserError
from facade_gan.image_size import ImageSize, doublings, setting
from facade_gan.progress import Progress
from facade_gan.run.places import must_be_there

if TYPE_CHECKING:
    from facade_gan.data.module import FacadeData


BEGUN = ".unfinished"  # in a folder of shards as long as they are being written


@command("shard")
def main(cfg: DictConfig) -> None:
    """Convert the photos that ``data`` names."""
    check(cfg)
    must_be_there(cfg)
    say_loading("photos")
    from hydra.utils import instantiate

    from facade_gan.data.description import changed, wrapped
    from facade_gan.data.shards import CONTENTS

    if (warning := of_no_network(cfg.image_size)) is not None:
        print(wrapped(warning), flush=True)  # now, as decoding may take hours
    data = instantiate(cfg.data)
    out = Path(cfg.out).expanduser()
    must_be_free(out)  # before it is locked, which leaves a file in a folder of something else
    hold(out, f"another process writes shards into {out}: wait for it, or name a new folder by out")
    contents = write_shards(data, out, cfg.chunk_megabytes * 2**20)
    print(f"{contents['photos']} photos to train on, {contents['held_out']} held out")
    for line in changed(contents["changes"]):
        print(line)
    if contents["left_out"]:
        listed = f"all of them: {out / CONTENTS}"
        print(wrapped(f"warning: {what_is_left_out(data, contents)}; {listed}"))
    print(f"train: {training_command(data, out)}")


def of_no_network(image_size: ImageSize) -> str | None:
    """Warn of a size that ``train`` refuses for the project's own networks; None where one fits."""
    try:
        doublings(image_size)
    except UserError as error:
        return f"warning: {error}. Only networks of your own can be trained on these shards"
    return None


def training_command(data: FacadeData, out: Path) -> str:
    """Write, for a shell, the command that trains on the shards in ``out`` as on ``data``."""
    settings = [argument("data.root", str(out)), f"image_size={setting(data.image_size)}"]
    if not data.mirror:  # shards mirror by a setting of their own
        settings.append("data.mirror=false")
    return " ".join([shlex.join(invocation("train")), "data=shards", *map(for_shell, settings)])


def write_shards(data: FacadeData, out: Path, chunk_bytes: int) -> dict[str, Any]:
    """Write the photos of ``data`` into ``out``, a new folder: ``train``, and ``held_out``.

    The first photos the source hands out are held out; it hands them out in random order, so that
    copies of each other may come apart. A run that is cut short leaves a folder that no one takes
    for shards, and that the next one begins anew.

    Returns:
        What is in ``out``: image_size, photos, held_out, the files left out by name, and what
        decoding changed.

    Raises:
        UserError: when there is something else in ``out``, or there are no photos to write.

    """
    from facade_gan.data.pages import require_litdata
    from facade_gan.data.shard_writer import PageWriter
    from facade_gan.data.shards import CONTENTS

    require_litdata()
    must_be_free(out)  # the command looks before it locks, and another may have ended in between
    begun = out / BEGUN
    data.bring()  # a download that was cut short would be taken for the whole set
    total, pieces = data.pieces()
    if 0 < total <= data.holdout:
        raise UserError(f"data.holdout={data.holdout} leaves none of {total} photos: lower it")
    write_text(begun, "")
    for part in ("train", "held_out"):  # of a run that was cut short
        shutil.rmtree(out / part, ignore_errors=True)
    train, held_out = (PageWriter(out / part, chunk_bytes) for part in ("train", "held_out"))
    left_out: dict[str, str] = {}
    changes: dict[str, list[str]] = {}
    with Progress(total=total, desc="Writing shards", unit="photo") as bar:
        for piece in pieces:
            apart = min(len(piece), data.holdout - held_out.photos)
            held_out.write(piece.photos[:apart])
            train.write(piece.photos[apart:])
            left_out.update((entry.name, entry.reason) for entry in piece.left_out)
            changes.update(piece.changes)
            bar.update(len(piece) + len(piece.left_out))
    contents = {
        "image_size": data.image_size,
        "photos": train.photos,
        "held_out": held_out.photos,
        "left_out": left_out,
        "changes": changes,
    }
    must_leave_photos(data, contents)
    train.close()
    if held_out.photos:
        held_out.close()
    else:
        shutil.rmtree(out / "held_out")
    write_text(out / CONTENTS, json.dumps(contents, indent=1) + "\n")
    begun.unlink(missing_ok=True)
    return contents


def must_be_free(out: Path) -> None:
    """Refuse a folder that holds anything but shards that were cut short.

    Raises:
        UserError: where it holds shards that are whole, or other files.
    """
    from facade_gan.data.shards import CONTENTS

    if (out / CONTENTS).exists():
        raise UserError(f"out={out} holds shards already: name a new folder")
    if not out.exists() or (out / BEGUN).exists():
        return
    if not out.is_dir() or any(path.name != LOCK for path in out.iterdir()):
        raise UserError(f"out={out} holds other files: name a new folder")


def must_leave_photos(data: FacadeData, contents: dict[str, Any]) -> None:
    """Refuse to make shards without a photo to train on.

    Raises:
        UserError: that says whether the files can't be used, or all that can are held out.
    """
    if contents["photos"]:
        return
    held_out, left_out = contents["held_out"], what_is_left_out(data, contents)
    if not held_out:
        raise UserError(left_out)
    raise UserError(
        f"data.holdout={data.holdout} takes all {held_out} photos that can be used, none is left "
        f"to train on: lower it. {left_out}"
    )


def what_is_left_out(data: FacadeData, contents: dict[str, Any]) -> str:
    """Say which files were left out and why, in the words of the other commands."""
    from facade_gan.data import description
    from facade_gan.data.photoset import LeftOut

    left_out = [LeftOut(*entry) for entry in contents["left_out"].items()]
    total = contents["photos"] + contents["held_out"] + len(left_out)
    return description.what_is_left_out(left_out, total, getattr(data, "root", None))


if __name__ == "__main__":
    main()
