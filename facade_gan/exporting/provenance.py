"""What a run's folder says of a checkpoint in it: the summary, the evaluation and the settings."""

from pathlib import Path, PurePath
from typing import Any

from omegaconf import DictConfig, OmegaConf

from facade_gan.callbacks.training_cost import Tally
from facade_gan.checkpoints.locate import run_of
from facade_gan.checkpoints.read import read_checkpoint
from facade_gan.exporting.model_card import Provenance
from facade_gan.run.read_json import read_json
from facade_gan.run.trained_on import config_of_run

OF_THE_END = ("epochs", "steps", "images_seen", "seconds", "metrics")


def settings_of(source: Path) -> DictConfig:
    """The settings that a checkpoint's run left in its ``.hydra``; empty where it left none."""
    return config_of_run(run_of(source)) or OmegaConf.create()


def is_relative(source: Path) -> bool:
    """Whether a checkpoint's D was trained on differences of logits, as far as is written down.

    Such a D may add any number to all of its logits.
    """
    recipe = {} if source.suffix == ".ckpt" else read_checkpoint(source).get("recipe", {})
    return "Relativistic" in str(recipe.get("loss", settings_of(source).get("loss")))


def summary_of(source: Path, checkpoint: dict[str, Any]) -> dict[str, Any]:
    """How the networks were trained: by their own file, else by the summary beside them.

    A summary's figures are those of the run's end: of a checkpoint from before they are left out,
    but for the images that it counted itself.

    Args:
        source: the checkpoint's file.
        checkpoint: as ``facade_gan.checkpoints.read.read_checkpoint`` returns it.

    Raises:
        UserError: where the summary can't be read.
    """
    summary: dict[str, Any] = checkpoint.get("recipe") or {}
    file = run_of(source) / "summary.json"
    if not summary and file.is_file():
        summary, seen = read_json(file, "delete it"), Tally.counts_of(checkpoint).get("images_seen")
        if loss := settings_of(source).get("loss"):  # what D's logits mean follows from it
            summary["loss"] = OmegaConf.to_container(loss)
        # A checkpoint of an older version doesn't say; such a run's last one is that of its end.
        end = source.name == "last.ckpt" if seen is None else seen == summary.get("images_seen")
        if not end:
            summary = {key: value for key, value in summary.items() if key not in OF_THE_END}
            summary["images_seen"] = seen
    # A path of this machine is nobody else's business.
    start = {"start": PurePath(summary["start"]).name} if summary.get("start") else {}
    return {**summary, **start}


def provenance(source: Path, checkpoint: dict[str, Any]) -> Provenance:
    """Gather what is known of a checkpoint, see ``summary_of``.

    Raises:
        UserError: where a file that the run or ``facade-gan evaluate`` left can't be read.
    """
    evaluation, settings = run_of(source) / "evaluation.json", settings_of(source)
    report: dict[str, Any] = {"judged": "", "scores": []}
    if evaluation.is_file():
        report = read_json(evaluation, "evaluate again, or delete it", *report)
    watcher = OmegaConf.select(settings, "callbacks.metrics") or {}
    features = str(OmegaConf.select(settings, "callbacks.metrics.extractor._target_") or "")
    watched_by = {"features": features.rsplit(".", 1)[-1], "fakes": watcher.get("fakes")}
    return Provenance(
        summary=summary_of(source, checkpoint),
        scores=tuple(report["scores"] if is_of(report, source, checkpoint) else []),
        watched_by=watched_by if features else {},
        judged_by="" if report.get("trained_on_these_photos") else named(report.get("data") or {}),
    )


def is_of(report: dict[str, Any], source: Path, checkpoint: dict[str, Any]) -> bool:
    """Whether a report of ``facade_gan.evaluate`` judges this checkpoint.

    It may be of the run's best, or of a last one before the run went on.
    """
    steps = {report.get("step"), checkpoint.get("global_step")} - {None}
    return Path(report["judged"]).name == source.name and len(steps) < 2


def named(data: Any) -> str:
    """Name a source of photos by its settings: its folder without the path, or its class."""
    if data.get("root"):
        return Path(data["root"]).expanduser().resolve().name
    return str(data.get("_target_", "an unknown source")).rsplit(".", 1)[-1]
