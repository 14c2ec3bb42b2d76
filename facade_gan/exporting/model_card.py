"""A model card: what a stranger should know of a generator, from what its run wrote down."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from facade_gan.image_size import in_words

FRONT = """\
---
library_name: facade_gan
pipeline_tag: unconditional-image-generation
tags: [gan, facades]
# license: to be filled in. It depends on the photos and on their owners, whom no program knows.
---
"""


@dataclass(frozen=True)
class Provenance:
    """What is known of how a generator came about."""

    summary: Mapping[str, Any]
    """The run's ``summary.json``, or a recipe with the same keys; may be empty."""
    scores: tuple[Mapping[str, Any], ...]
    """The scores of the ``evaluation.json`` of ``facade-gan evaluate``, if there is one."""
    watched_by: Mapping[str, Any]
    """How the run measured its own metrics: features and fakes; empty where it measured none."""
    judged_by: str = ""
    """Name of the photos of ``scores`` where they aren't known to be those of the run."""


def model_card(networks: Mapping[str, Any], known: Provenance) -> str:
    """Write the README.md of a hub's folder.

    Args:
        networks: a checkpoint's description of its networks.
        known: where they come from.
    """
    generator = networks["generator"]
    arguments = generator["arguments"]
    size = in_words(arguments["image_size"])
    sections = [
        f"# Facades of {size} pixels\n\n![Facades by this generator](grid.png)\n\n"
        f"A `{generator['name']}` of facade_gan: noise of "
        f"{arguments['latent_dim']} numbers in, an image of {size} pixels out. The weights of the "
        "averaged generator and of the discriminator are kept in float16.",
        "## Use\n\n```python\nimport facade_gan\n\n"
        'facades = facade_gan.load("FOLDER").sample(8, seed=0)  # uint8 (8, H, W, 3)\n```\n\n'
        "`facade-gan generate checkpoint=FOLDER out=facades.png` writes them as a picture.",
        "## Training\n\n" + _table(_training(known.summary)),
        "## Metrics\n\n" + _metrics(known),
        "## Limits\n\n" + _limits(known.summary, size),
        "## Licence\n\nTo be filled in by whoever publishes this. It depends on the photos: who "
        "made them, and what their owners allow.",
    ]
    return FRONT + "\n" + "\n\n".join(sections) + "\n"


NAMES = {
    "data": "data",
    "photos": "photos trained on",
    "start": "start",
    "experiment": "experiment",
    "epochs": "epochs",
    "images_seen": "images seen",
    "seed": "seed",
    "seconds": "seconds of training",
    "device": "device",
}


def _training(summary: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: f"{summary[key]:,}" if type(summary[key]) is int else str(summary[key])
        for key, name in NAMES.items()
        if summary.get(key) is not None
    }


def _table(rows: Mapping[str, str]) -> str:
    if not rows:
        return "Nothing is known of it: these weights came without their run's summary."
    return "\n".join(
        ["| | |", "|---|---|", *(f"| {key} | {value} |" for key, value in rows.items())]
    )


def _metrics(known: Provenance) -> str:
    header = "| metric | value | measured on |\n|---|---|---|\n"
    if known.scores:
        return header + "\n".join(_score(score, known.judged_by) for score in known.scores)
    figures = known.summary.get("metrics", {})
    measured = {k: v for k, v in figures.items() if k.startswith(("kid_", "fid_"))}
    if not measured:
        return (
            "None was measured. `facade-gan evaluate checkpoint=RUN` measures KID and FID, and "
            "the next export of the run has them here."
        )
    by = known.watched_by
    features, fakes = by.get("features", "unknown features"), by.get("fakes", "unknown many")
    rows = []
    for key, value in measured.items():
        metric, split = key.split("_", 1)
        photos = f"{known.summary['photos']:,} " if split == "train" else ""
        rows.append(
            f"| {metric.upper()} | {value:.4g} | {features} of {fakes} generated images against "
            f"the {photos}{split.replace('_', ' ')} photos, at the end of training |"
        )
    return header + "\n".join(rows)


def _score(score: Mapping[str, Any], judged_by: str) -> str:
    split = str(score["split"]).replace("_", " ")
    photos = f"photos of {judged_by}" if judged_by else f"{split} photos"
    interval = ""
    if score.get("low") is not None:
        interval = f" ({score['low']:.4g} to {score['high']:.4g}, 95 %)"
    return (
        f"| {str(score['metric']).upper()} | {score['value']:.4g}{interval} | {score['features']} "
        f"of {score['draws']} x {score['fakes']} generated images against {score['photos']} "
        f"{photos} |"
    )


def _limits(summary: Mapping[str, Any], size: str) -> str:
    lines = [
        f"- It generates facades of {size} pixels of the kind that it was trained on, and nothing "
        "else; more pixels come from enlarging alone.",
        "- KID and FID by different features, or against other photos, can't be compared.",
    ]
    if summary.get("data") in ("drawn", "procedural"):
        lines.append("- It was trained on drawings by a program, not on photos of buildings.")
    elif summary.get("photos"):
        lines.append(
            f"- It was trained on {summary['photos']:,} photos. With few of them a generator can "
            "come close to single ones: `facade-gan evaluate checkpoint=FOLDER neighbours=true` "
            "shows the closest ones."
        )
    return "\n".join(lines)
