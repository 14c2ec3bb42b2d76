"""What a finished run says of itself: summary.json, HPARAMS, and where the results are."""

import json
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from lightning.pytorch import Trainer
from lightning.pytorch.loggers import TensorBoardLogger
from omegaconf import DictConfig

from facade_gan.config import flat
from facade_gan.data.module import FacadeData


def finish(cfg: DictConfig, trainer: Trainer, data: FacadeData) -> float | None:
    """Write the summary, and return the monitored metric for a sweep, if one was measured."""
    metrics = {name: float(value) for name, value in trainer.callback_metrics.items()}
    folder = Path(HydraConfig.get().runtime.output_dir)
    if trainer.is_global_zero:
        write(folder / "summary.json", describe(cfg, trainer, data, metrics))
        for logger in trainer.loggers:
            if isinstance(logger, TensorBoardLogger):
                logger.log_hyperparams(
                    {k: _simple(v) for k, v in flat(cfg).items()},
                    {f"final/{k}": v for k, v in metrics.items()},
                )
                logger.finalize("success")
        announce(cfg, folder)
    return metrics.get(cfg.callbacks.checkpoint.monitor)


def describe(
    cfg: DictConfig, trainer: Trainer, data: FacadeData, metrics: dict[str, float]
) -> dict[str, Any]:
    """Say how the run was made and what it measured, as plain values."""
    experiment = HydraConfig.get().runtime.choices.get("experiment")
    return {
        "experiment": experiment if experiment != "null" else None,
        "data": HydraConfig.get().runtime.choices["data"],
        "photos": len(data.train),
        "image_size": cfg.image_size,
        "seed": cfg.seed,
        "start": cfg.init_from or "scratch",
        "epochs": trainer.current_epoch,
        "steps": trainer.global_step,
        "metrics": metrics,
    }


def announce(cfg: DictConfig, folder: Path) -> None:
    """Print the paths of what the run left."""
    shown = _relative(folder)
    lines = {
        "grids": f"{shown}/grids",
        "progress": f"{shown}/progress.png",
        "checkpoint": f"{shown}/checkpoints/last.ckpt",
        "new facades": (
            f"python -m facade_gan.generate checkpoint={shown}/checkpoints/last.ckpt out=facades.png"
        ),
        "TensorBoard": f"tensorboard --logdir {shown} --samples_per_plugin images=200",
    }
    for name, value in lines.items():
        print(f"{name + ':':13}{value}")


def write(path: Path, values: dict[str, Any]) -> None:
    """Write ``values`` as JSON."""
    path.write_text(json.dumps(values, indent=2) + "\n")


def _relative(folder: Path) -> Path:
    return folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder


def _simple(value: Any) -> Any:
    return value if isinstance(value, bool | int | float | str) else str(value)
