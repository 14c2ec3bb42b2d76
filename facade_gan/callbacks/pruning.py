"""Stops a trial of a search that falls behind the others. Needs the extra ``sweep``."""

from pathlib import Path

import optuna
import torch
from hydra.core.hydra_config import HydraConfig
from lightning.pytorch import Callback, LightningModule, Trainer
from optuna.pruners import BasePruner
from optuna.trial import FrozenTrial, TrialState

from facade_gan.callbacks.epochs import is_last_epoch
from facade_gan.errors import UserError
from facade_gan.sweep.job import mark_pruned
from facade_gan.sweep.study import Storage


class Pruning(Callback):
    """Reports the metric to the study each time it was measured, and asks whether to go on.

    Args:
        storage: URL of the study's database.
        study_name: its name there.
        metric: name of a logged metric, lower is better.
        pruner: decides by this and the other trials' reports, see ``optuna.pruners``.
    """

    def __init__(self, storage: str, study_name: str, metric: str, pruner: BasePruner) -> None:
        self.url, self.study_name, self.metric = storage, study_name, metric
        self.pruner = pruner
        self.reported: torch.Tensor | None = None

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Find the trial that this job is."""
        if trainer.is_global_zero:
            self.storage = Storage(self.url)
            self.study = optuna.load_study(self.study_name, self.storage)
            self.trial = trial_of(self.study, list(HydraConfig.get().overrides.task))

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Leave out what a resumed run had reported before."""
        self.reported = trainer.callback_metrics.get(self.metric)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Report, and stop the run where the pruner says so; not after the last epoch."""
        value = trainer.callback_metrics.get(self.metric)
        if value is None or value is self.reported:
            return
        self.reported = value
        epoch = trainer.current_epoch + 1
        hopeless = trainer.is_global_zero and self.is_hopeless(epoch, float(value))
        if trainer.strategy.broadcast(hopeless) and not is_last_epoch(trainer):
            trainer.should_stop = True
            if trainer.is_global_zero:
                self.storage.mark_pruned(self.trial._trial_id)
                reason = f"{self.metric} {float(value):.4f} at epoch {epoch} is behind other trials"
                mark_pruned(Path(HydraConfig.get().runtime.output_dir), reason)

    def is_hopeless(self, epoch: int, value: float) -> bool:
        """Tell the study the value, and ask the pruner."""
        self.storage.set_trial_intermediate_value(self.trial._trial_id, epoch, value)
        return self.pruner.prune(self.study, self.storage.get_trial(self.trial._trial_id))


def trial_of(study: optuna.Study, overrides: list[str]) -> FrozenTrial:
    """Find the running trial with the settings of this job.

    Raises:
        UserError: where there is none.
    """
    for trial in study.get_trials(states=(TrialState.RUNNING,)):
        if all(f"{key}={value}" in overrides for key, value in trial.params.items()):
            return trial
    raise UserError("no trial of the study has this job's settings: start it by `-m`")
