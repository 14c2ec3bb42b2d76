"""What judging photos are to the checkpoint they judge: those it was trained on, or others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig, OmegaConf

from facade_gan.checkpoints.locate import SHIPPED, locate, run_of
from facade_gan.errors import UserError

if TYPE_CHECKING:
    from facade_gan.data.module import FacadeData

SEEN = "photos called held out may be ones it has seen"
DRAWN = "ProceduralData"  # the source whose pictures are no photos
OF_THE_SPLIT = ("_target_", "root", "holdout", "limit")  # of the data's settings


@dataclass(frozen=True)
class TrainedOn:
    """What a checkpoint says of its training."""

    these: bool | None
    """Whether it was trained on just the photos to judge by; None where nothing tells."""
    step: int | None
    """At which step it was saved; None where it doesn't say."""
    warnings: list[str]
    """What the figures must not be taken for, in words for the user."""


def trained_on(data: FacadeData, config: DictConfig, source: Path) -> TrainedOn:
    """Look whether the checkpoint ``source`` was trained on just the photos not held out.

    Which ones are held out follows from their number, their order, and which are copies of which,
    and all of that is the same at every size and fit. ``config`` made ``data``.

    Raises:
        UserError: where some are held out, and the others are more or fewer than those of the
            training, or of another source.

    """
    from facade_gan.checkpoints.read import read_checkpoint

    checkpoint = read_checkpoint(source)
    step = checkpoint.get("global_step")
    warnings = []
    if data.held_out is not None:
        if "loops" in checkpoint:
            must_have_the_split(data, checkpoint, source)
        start = start_that_may_have_seen(data, config, run_of(source))
        if start is not None:
            warnings.append(
                f"{source} was started from init_from={start}, which may have been trained on "
                "photos called held out here: start from one that wasn't, or from drawn"
            )
    count, digest = photos_of(checkpoint)
    these = None
    if count is not None and (count != data.photo_count or digest is not None):
        these = count == data.photo_count and digest == data.digest
    if these is False and data.held_out is not None:
        warnings.insert(0, f"not the photos of {source}, or read with other settings: {SEEN}")
    elif these is False:
        warnings.insert(
            0,
            f"{source} was trained on {count} photos, which are not the {described(data)}: it is "
            "judged by these; to judge it by its own, set data as in its training",
        )
    return TrainedOn(these, step, warnings)


def must_have_the_split(data: FacadeData, checkpoint: dict[str, Any], source: Path) -> None:
    """Refuse to hold photos out of others than the checkpoint was trained on.

    Raises:
        UserError: see `trained_on`.
    """
    advice = "; or set data.holdout=0" if data.holdout else ""
    if (saved := checkpoint.get(type(data).__qualname__)) is None:
        raise UserError(f"{source} was trained on photos of another source: {SEEN}{advice}")
    if (photos := saved.get("photos")) is None:
        return  # saved before checkpoints said which
    if photos["count"] != data.photo_count:
        raise UserError(
            f"{source} was trained on {photos['count']} photos, and now {data.photo_count} are not "
            f"held out: {SEEN}; evaluate on the set it was trained with{advice}"
        )


def photos_of(checkpoint: dict[str, Any]) -> tuple[int | None, str | None]:
    """How many photos a checkpoint was trained on and their digest, each None where unknown.

    An exported file has its run's summary, which says no digest where an earlier version wrote it.
    """
    for saved in checkpoint.values():
        photos = saved.get("photos") if isinstance(saved, dict) else None
        if isinstance(photos, dict):
            return photos["count"], photos["digest"]
    recipe = checkpoint.get("recipe", {})
    count, digest = recipe.get("photos"), recipe.get("photos_digest")
    return (count, digest) if isinstance(count, int) else (None, None)


def start_that_may_have_seen(data: FacadeData, config: DictConfig, run: Path) -> str | None:
    """The ``init_from``, of ``run`` or of the runs before it, that may know held-out photos."""
    from facade_gan.checkpoints.read import read_checkpoint

    looked_at: set[Path] = set()
    while run not in looked_at and (there := config_of_run(run)) is not None:
        looked_at.add(run)
        start = there.get("init_from")
        if start is None:
            return None
        try:
            source = locate(start)
            checkpoint = read_checkpoint(source)
        except UserError:
            return start  # moved or gone
        if source.parent == SHIPPED:
            return None  # trained on drawings
        run = run_of(source)
        if DRAWN not in checkpoint and not same_photos(data, config, checkpoint, run):
            return start
    return None


def same_photos(
    data: FacadeData, config: DictConfig, checkpoint: dict[str, Any], run: Path
) -> bool:
    """Whether ``run`` was trained on the photos that aren't held out, at whatever size."""
    count, digest = photos_of(checkpoint)
    if digest == data.digest:
        return True
    there = config_of_run(run)
    return (
        there is not None
        and count == data.photo_count
        and all(there.data.get(key) == config.get(key) for key in OF_THE_SPLIT)
    )


def described(data: FacadeData) -> str:
    """The photos to judge by, in words for the user."""
    if type(data).__qualname__ == DRAWN:
        return f"{data.photo_count} drawn facades to judge by"
    root = getattr(data, "root", None)
    return f"{data.photo_count} to judge by" + (f" in {root}" if root else "")


def config_of_run(run: Path) -> Any:
    """The settings that Hydra left in the folder of a run; None where there are none."""
    path = run / ".hydra" / "config.yaml"
    return OmegaConf.load(path) if path.is_file() else None
