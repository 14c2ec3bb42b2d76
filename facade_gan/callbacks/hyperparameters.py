"""The settings of a run, told to its loggers when it starts; TensorBoard's HPARAMS tab."""

from collections.abc import Sequence
from typing import Any

from hydra.core.hydra_config import HydraConfig
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.loggers import TensorBoardLogger
from tensorboard.plugins.hparams import summary_v2
from torch.utils.tensorboard.summary import hparams

from facade_gan.callbacks.loggers import log_settings
from facade_gan.sweep.swept import swept_settings


class Hyperparameters(Callback):
    """Shows a run in TensorBoard's table of hyperparameters from its start to its end.

    A job of a sweep shows what the sweep varies, in its name as well; any other run shows the
    settings named here. The metrics are the run's own curves, so a running job shows its latest.

    Args:
        settings: dotted names of the config, in the order of the table's columns.
        metrics: names of logged values, the first one first in the table.
    """

    def __init__(self, settings: Sequence[str], metrics: Sequence[str]) -> None:
        self.settings, self.metrics = list(settings), list(metrics)

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the run's row."""
        shown = swept_settings(HydraConfig.get())
        name = ", ".join(
            f"{key.rsplit('.', 1)[-1]}={_short(value)}" for key, value in shown.items()
        )
        if not shown:
            values = pl_module.hparams
            shown = {key: _simple(values[key]) for key in self.settings if key in values}
        if trainer.is_global_zero:
            for logger in trainer.loggers:
                log_settings(logger, pl_module.hparams)
        columns = [summary_v2.HParam(key) for key in shown]
        measured = [summary_v2.Metric(tag) for tag in self.metrics]
        for writer in _writers(trainer):
            writer.add_summary(summary_v2.hparams_config_pb(columns, measured))
            writer.add_summary(summary_v2.hparams_pb(shown, trial_id=name or None))
            writer.flush()

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Mark the row as that of a run that came to its end."""
        *_, end = hparams({}, {})
        for writer in _writers(trainer):
            writer.add_summary(end)
            writer.flush()


def _writers(trainer: Trainer) -> list[Any]:
    """List the event files of the run; on the first process alone."""
    found = [logger for logger in trainer.loggers if isinstance(logger, TensorBoardLogger)]
    return [logger.experiment.file_writer for logger in found] if trainer.is_global_zero else []


def _short(value: bool | float | str) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _simple(value: Any) -> bool | float | str:
    return value if isinstance(value, bool | int | float | str) else str(value)
