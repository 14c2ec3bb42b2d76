"""What a finished run says of itself: summary.json, and where the results are."""

import json
import logging
import shlex
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from lightning.pytorch import Trainer
from omegaconf import DictConfig

from facade_gan.atomic_files import write_text
from facade_gan.callbacks.training_cost import tally_of
from facade_gan.checkpoints.disk import disk_use
from facade_gan.checkpoints.locate import of_run
from facade_gan.commandline.config import (
    argument,
    choice_today,
    chosen,
    for_shell,
    network_modules,
)
from facade_gan.commandline.invocation import invocation
from facade_gan.compute.device import device_name
from facade_gan.data.module import FacadeData
from facade_gan.errors import UserError
from facade_gan.image_size import plain

log = logging.getLogger(__name__)


def finish(cfg: DictConfig, trainer: Trainer, data: FacadeData) -> float | None:
    """Write the summary, and return the metric that sweeps rank by, if there is one.

    Raises:
        UserError: where that metric was not measured.
    """
    metrics = {name: float(value) for name, value in trainer.callback_metrics.items()}
    folder = Path(HydraConfig.get().runtime.output_dir)
    if trainer.is_global_zero:
        write(folder / "summary.json", what_was_done(cfg, trainer, data, metrics))
        announce(cfg, folder)
    if cfg.optimized_metric is None:
        return None
    if cfg.optimized_metric not in metrics:
        known = ", ".join(sorted(metrics)) or "none: lower trainer.log_every_n_steps"
        asked = f"optimized_metric={cfg.optimized_metric}"
        raise UserError(f"{asked} wasn't measured; what was: {known}")
    return metrics[cfg.optimized_metric]


def what_was_done(
    cfg: DictConfig,
    trainer: Trainer,
    data: FacadeData,
    metrics: dict[str, float],
) -> dict[str, Any]:
    """Say how the run was made and what it measured, as plain values."""
    experiment = HydraConfig.get().runtime.choices.get("experiment")
    tally = tally_of(trainer)
    return {
        "experiment": experiment if experiment != "null" else None,
        "data": choice_today("data", HydraConfig.get().runtime.choices["data"]),
        "photos": data.photo_count,
        "photos_digest": data.digest,
        "image_size": plain(cfg.image_size),
        "seed": cfg.seed,
        "start": cfg.init_from or "scratch",
        "start_images_seen": tally.images_before,
        "epochs": whole_epochs(trainer),
        "steps": trainer.global_step,
        "images_seen": tally.images_seen,
        "seconds": round(tally.seconds, 1),
        "device": device_name(trainer.strategy.root_device),
        "metrics": metrics,
    }


def whole_epochs(trainer: Trainer) -> int:
    """Count the epochs; Lightning counts one in which ``max_steps`` ended the run, too."""
    batches = trainer.fit_loop.epoch_loop.batch_progress
    cut_short = batches.current.ready > 0 and not batches.is_last_batch
    return trainer.current_epoch - cut_short


def announce(cfg: DictConfig, folder: Path) -> None:
    """Log the paths of what the run left."""
    shown = _relative(folder)
    left = of_run(Path(cfg.callbacks.checkpoint.folder))
    checkpoint = "none" if left is None else str(_relative(left))
    # TensorBoard calls a run by its place below the folder that it is given.
    above = shown if shown.is_absolute() or shown.parent == Path() else shown.parent
    pictures = {"grids": "grids", "progress": "progress.png"}
    lines = {
        **{key: f"{shown}/{name}" for key, name in pictures.items() if (folder / name).exists()},
        "checkpoint": checkpoint,
        "on disk": disk_use(folder),
        "new facades": " ".join(
            [
                *invocation("generate"),
                *map(for_shell, [argument("checkpoint", checkpoint), *network_modules(cfg)]),
                "out=facades.png",
            ]
        ),
    }
    if any("TensorBoard" in str(logger._target_) for logger in chosen(cfg, "logger").values()):
        logdir = shlex.quote(str(above))
        lines["TensorBoard"] = f"tensorboard --logdir {logdir} --samples_per_plugin images=200"
    for name, value in lines.items():
        log.info(f"{name + ':':13}{value}")


def write(path: Path, values: dict[str, Any]) -> None:
    """Write ``values`` as JSON."""
    write_text(path, json.dumps(values, indent=2) + "\n")


def _relative(folder: Path) -> Path:
    return folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
