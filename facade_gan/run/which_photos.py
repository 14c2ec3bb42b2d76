"""Which photos a run was trained on and which it was judged by, as far as it is written down."""

from typing import Any

# By the class that reads them. A folder may well hold photos of CMP, so these two are one kind.
KINDS = {"CMPData": "photos", "FolderData": "photos", "ProceduralData": "drawn facades",
         "ShardData": "photos in shards"}  # fmt: skip


def training_photos(summary: dict[str, Any], data: Any) -> str:
    """Tell the photos that a run was trained on from others.

    Args:
        summary: its ``summary.json``; where it is of an earlier version, and has no digest of the
            photos, they are told by where they were.
        data: the settings of their source.
    """
    return summary.get("photos_digest") or _place(data)


def judging_photos(
    summary: dict[str, Any], data: Any, report: dict[str, Any], score: dict[str, Any]
) -> tuple[str, str]:
    """Name the photos that a run was judged by, and tell them from others of that name.

    Args:
        summary: its ``summary.json``.
        data: the settings of the source of its training photos.
        report: of ``facade_gan.evaluate``.
        score: one of the report's.

    Returns:
        Such as "train photos" or, where it was trained on others, "other photos"; and their place,
        empty where they are those of its training.
    """
    judging = report.get("data") or {}
    own = _kind(data) or "photos"
    theirs = _kind(judging) or own
    if theirs != own:
        return theirs, _place(judging)
    if _are_others(summary, report, score):
        return f"other {own}", _place(judging)
    return f"{score['split'].replace('_', ' ')} photos", ""


def _are_others(summary: dict[str, Any], report: dict[str, Any], score: dict[str, Any]) -> bool:
    """Whether the photos of ``score`` are not those that the run was trained on or held out.

    A report of an earlier version doesn't say; more photos than those of the training are others.
    """
    these = report.get("trained_on_these_photos")
    if these is None:
        return score["split"] == "train" and score["photos"] > summary["photos"]
    return not these


def _kind(data: Any) -> str | None:
    """What photos come from, by the class that reads them; None where nothing says it."""
    name = str(data.get("_target_", "")).rpartition(".")[2]
    return KINDS.get(name, name) or None


def _place(data: Any) -> str:
    """Write where photos are, and how many of them are taken."""
    return f"{data.get('root')}, the first {data.get('limit')}"
