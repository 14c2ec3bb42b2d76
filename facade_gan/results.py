"""Write the table of results from the runs on disk.

``python -m facade_gan.results runs=outputs/quality`` puts it into docs/results.md. Every figure
comes from a run's ``summary.json``, which training writes, and ``evaluation.json``, which
``python -m facade_gan.evaluate`` writes. Runs that differ in their seed alone share a row.
"""

import statistics
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from facade_gan.atomic_files import write_text
from facade_gan.commandline.command import command
from facade_gan.commandline.config import choice_today
from facade_gan.commandline.validation import check
from facade_gan.errors import UserError
from facade_gan.image_size import in_words
from facade_gan.run.read_json import must_say, read_json
from facade_gan.run.recipe import overrides
from facade_gan.run.trained_on import config_of_run
from facade_gan.run.which_photos import judging_photos, training_photos

BEGIN = "<!-- results: written by python -m facade_gan.results, do not edit -->"
END = "<!-- end of results -->"

HEADER = (
    "| recipe | start | photos | epochs | images seen | KID | measured on | time | device |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


OF_A_SUMMARY = ("experiment", "data", "photos", "image_size", "seed", "start", "start_images_seen",
                "epochs", "images_seen", "seconds", "device")  # fmt: skip
OF_A_SCORE = ("value", "features", "photos", "fakes", "draws")
MEASURE = "measure it again with python -m facade_gan.evaluate checkpoint={}"


@dataclass(frozen=True)
class Recipe:
    """What the runs of one row have in common: all that could move the figure but the seed."""

    experiment: str | None
    overrides: tuple[str, ...]
    start: str
    start_images_seen: int | None
    data: str
    photos: int
    image_size: str
    epochs: int
    images_seen: int
    device: str
    features: str
    split: str
    judged_by: int
    judges: str
    fakes: int
    draws: int
    which_photos: str
    """Tells the training photos from as many others; stands in no cell."""
    which_judges: str
    """As ``which_photos``, of those that it was judged by where these are others."""


@dataclass(frozen=True)
class Run:
    """One run on disk."""

    folder: Path
    recipe: Recipe
    seed: int
    kid: float
    seconds: float


def find_runs(roots: list[Path], evaluation: str, split: str) -> list[Run]:
    """Read every folder below ``roots`` that holds a summary and an evaluation.

    Raises:
        UserError: where there is none, or a file lacks a figure.
    """
    folders = sorted({path.parent for root in roots for path in root.rglob("summary.json")})
    runs = [read_run(f, evaluation, split) for f in folders if (f / evaluation).is_file()]
    if not runs:
        named = ", ".join(map(str, roots))
        raise UserError(
            f"runs={named}: no run below it has both summary.json and {evaluation}; measure one "
            "with python -m facade_gan.evaluate checkpoint=RUN/checkpoints/last.ckpt"
        )
    return runs


def read_run(folder: Path, evaluation: str, split: str) -> Run:
    """Read one run's figures; ``split`` says against which photos.

    Raises:
        UserError: where a figure is missing, or was measured before the run went on.
    """
    elsewhere = "leave the run's folder out of runs=..."
    summary = read_json(folder / "summary.json", elsewhere, *OF_A_SUMMARY)
    report = read_json(folder / evaluation, MEASURE.format(folder), "scores")
    must_be_of_the_end(folder, evaluation, report, summary)
    score = kid_of(folder, evaluation, report, split)
    settings = overrides(folder, summary["experiment"], summary["data"], summary["image_size"])
    data = config_of_run(folder).get("data") or {}
    judges, which_judges = judging_photos(summary, data, report, score)
    recipe = Recipe(
        experiment=summary["experiment"],
        overrides=settings,
        start=summary["start"],
        start_images_seen=summary["start_images_seen"],
        data=choice_today("data", summary["data"]),
        photos=summary["photos"],
        image_size=in_words(summary["image_size"]),
        epochs=summary["epochs"],
        images_seen=summary["images_seen"],
        device=summary["device"],
        features=score["features"],
        split=split,
        judged_by=score["photos"],
        judges=judges,
        fakes=score["fakes"],
        draws=score["draws"],
        which_photos=training_photos(summary, data),
        which_judges=which_judges,
    )
    return Run(folder, recipe, summary["seed"], score["value"], summary["seconds"])


def kid_of(folder: Path, evaluation: str, report: dict[str, Any], split: str) -> dict[str, Any]:
    """Find the KID against the photos of ``split`` in a report of ``facade_gan.evaluate``.

    Raises:
        UserError: where there is none, or it isn't said how it was measured.
    """
    scores = report["scores"] if isinstance(report["scores"], list) else []
    for score in (each for each in scores if isinstance(each, dict)):
        if (score.get("metric"), score.get("split")) == ("kid", split):
            must_say(folder / evaluation, score, MEASURE.format(folder), *OF_A_SCORE)
            return score
    raise UserError(
        f"{folder / evaluation}: no KID against {split.replace('_', ' ')} photos; evaluate with "
        "data.holdout as in training, or take the other split"
    )


def must_be_of_the_end(
    folder: Path, evaluation: str, report: dict[str, Any], summary: dict[str, Any]
) -> None:
    """Refuse a figure of another checkpoint than the one that the summary is of.

    Reports and summaries of earlier versions, which lack the step, count as they are.

    Raises:
        UserError: where a run has gone on since it was measured, or an earlier epoch was.
    """
    measured, ended = report.get("step"), summary.get("steps")
    if measured is not None and ended is not None and measured != ended:
        raise UserError(
            f"{folder / evaluation} is of step {measured}, but the run ended at {ended}: "
            + MEASURE.format(folder)
        )


def results_table(runs: list[Run]) -> str:
    """Lay runs out as a Markdown table, a row a recipe, the best KID last.

    Raises:
        UserError: where two runs of a recipe have the same seed, which would count one twice.
    """
    groups: dict[Recipe, list[Run]] = defaultdict(list)
    for run in runs:
        same = [other.folder for other in groups[run.recipe] if other.seed == run.seed]
        if same:
            raise UserError(
                f"{same[0]} and {run.folder} are the same recipe with the same seed: keep one"
            )
        groups[run.recipe].append(run)
    rows = sorted(groups.items(), key=lambda item: -_mean_kid(item[1]))
    return "\n".join([HEADER, *(row(recipe, members) for recipe, members in rows)])


def row(recipe: Recipe, runs: list[Run]) -> str:
    """Lay one recipe out."""
    seeds = f"{len(runs)} seeds" if len(runs) > 1 else "1 seed"
    spread = f" ± {statistics.stdev(run.kid for run in runs):.4f}" if len(runs) > 1 else ""
    cells = [
        _name(recipe),
        recipe.start,
        f"{recipe.photos} {recipe.data}, {recipe.image_size} px",
        str(recipe.epochs),
        _images_seen(recipe),
        f"{_mean_kid(runs):.4f}{spread} ({seeds})",
        f"{recipe.features}, {recipe.draws} x {recipe.fakes} fakes, "
        f"{recipe.judged_by} {recipe.judges}",
        f"{statistics.fmean(run.seconds for run in runs) / 60:.1f} min",
        recipe.device,
    ]
    return f"| {' | '.join(cells)} |"


def _name(recipe: Recipe) -> str:
    """Name the experiment file, and what was set on top of it."""
    base = f"`experiment={recipe.experiment}`" if recipe.experiment else "the default"
    return " ".join([base, *(f"`{override}`" for override in recipe.overrides)])


def _mean_kid(runs: list[Run]) -> float:
    return statistics.fmean(run.kid for run in runs)


def _images_seen(recipe: Recipe) -> str:
    """Count the training that made the start as well."""
    own, before = _thousands(recipe.images_seen), recipe.start_images_seen
    if before is None:
        return f"unknown + {own}"
    return f"{_thousands(before)} + {own}" if before else own


def _thousands(images: int) -> str:
    return f"{images / 1000:,.0f} k" if images >= 10_000 else f"{images / 1000:,.1f} k"


def replace_between_markers(text: str, content: str, name: str) -> str:
    """Put ``content`` where the two marker comments of ``text`` enclose the old table.

    Raises:
        UserError: where ``name``, the file's, lacks a marker.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise UserError(f"{name}: the table goes between the lines {BEGIN} and {END}; add them")
    return f"{before}{BEGIN}\n{content}\n{END}{after}"


def write(config: DictConfig) -> None:
    """Write the table as ``conf/results.yaml`` says."""
    check(config)
    roots = [config.runs] if isinstance(config.runs, str) else config.runs
    page = Path(config.page)
    if not page.is_file():
        raise UserError(f"page={page}: there is no such file")
    runs = find_runs([Path(root) for root in roots], config.evaluation, config.split)
    content = results_table(runs)
    text = replace_between_markers(page.read_text(encoding="utf-8"), content, str(page))
    write_text(page, text)
    print(content)
    print(f"{len(runs)} runs, written to {page}")


main = command("results")(write)


if __name__ == "__main__":
    main()
