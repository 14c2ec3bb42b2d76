"""The Optuna study of a search: made before the first trial, drawn after the last one.

Needs the extra ``sweep``. Hydra's sweeper asks for trials, runs them as jobs and tells the study
their outcome; what it lacks stands here: going on after a kill, pruning, plots.
"""

import itertools
import logging
from pathlib import Path
from typing import Any

import optuna
from hydra.errors import HydraException
from hydra.experimental.callback import Callback
from matplotlib.figure import Figure
from omegaconf import DictConfig, read_write
from optuna.importance import MeanDecreaseImpurityImportanceEvaluator
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState

from facade_gan.atomic_files import replaced
from facade_gan.figures import FIGURE

log = logging.getLogger(__name__)

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)
PRUNED = "pruned"  # user attribute of a trial that its job gave up


class Storage(RDBStorage):
    """A database that takes a trial its job gave up for pruned.

    The sweeper tells the study that every job which returned is complete. A trial marked by
    ``mark_pruned`` is stored as pruned instead: it is then no candidate for the best, and the
    sampler knows that its value is one of a shorter training.
    """

    def mark_pruned(self, trial_id: int) -> None:
        """Say that the job of this trial stops early."""
        self.set_trial_user_attr(trial_id, PRUNED, True)

    def set_trial_state(self, trial_id: int, state: TrialState) -> bool:
        """As Optuna's."""
        return super().set_trial_state(trial_id, self._true(trial_id, state))

    def _update_trial(self, trial_id: int, **changes: Any) -> bool:  # type: ignore[override]
        # What Optuna's cache in front of the database calls instead of the above.
        if changes.get("state") is not None:
            changes["state"] = self._true(trial_id, changes["state"])
        return super()._update_trial(trial_id, **changes)

    def _true(self, trial_id: int, state: TrialState) -> TrialState:
        complete = state == TrialState.COMPLETE
        pruned = complete and self.get_trial(trial_id).user_attrs.get(PRUNED, False)
        return TrialState.PRUNED if pruned else state

    def get_best_trial(self, study_id: int) -> FrozenTrial:
        """As Optuna's, but where there is none the sweeper ends in one line.

        Raises:
            HydraException: where no trial is complete.
        """
        try:
            return super().get_best_trial(study_id)
        except ValueError as error:
            raise HydraException("No trial is complete: nothing is best.") from error

    def __repr__(self) -> str:
        return self.url


class Study(Callback):
    """Makes the study or goes on with it, so that it ends with ``hydra.sweeper.n_trials`` trials.

    Failed trials don't count: the command again tries others in their place.

    A trial that was running when an earlier process was killed runs again, with its settings.
    """

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Find out what is left to do, and tell the sweeper."""
        sweeper = config.hydra.sweeper
        url = sweeper.storage.url
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        storage = Storage(url)
        study = optuna.create_study(
            storage=storage, study_name=sweeper.study_name, load_if_exists=True
        )
        for trial in study.get_trials(states=(TrialState.RUNNING,)):
            storage.set_trial_state(trial._trial_id, TrialState.WAITING)
        finished = len(study.get_trials(states=FINISHED))
        if finished:
            log.info(f"The study has {finished} of {sweeper.n_trials} trials.")
        with read_write(config):
            sweeper.n_trials = max(0, sweeper.n_trials - finished)
            if sweeper.sampler.get("seed") is not None:
                # The same seed again would draw the settings of the first trials again.
                sweeper.sampler.seed += len(study.trials)

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """Draw ``history.png`` and ``importance.png`` beside the study."""
        sweeper = config.hydra.sweeper
        study = optuna.load_study(sweeper.study_name, Storage(sweeper.storage.url))
        draw(study, Path(config.hydra.sweep.dir), config.optimized_metric)


def draw(study: optuna.Study, folder: Path, metric: str) -> None:
    """Plot the value of each trial, and how much each setting mattered, into ``folder``.

    Optuna 2.10's own plots call what matplotlib 3.9 removed.
    """
    complete = study.get_trials(states=(TrialState.COMPLETE,))
    if len({trial.value for trial in complete}) < 2:
        log.info("No history.png and importance.png: they need two trials of different values.")
        return
    with replaced(folder / "history.png") as partial:
        history_figure(study, metric).savefig(partial, dpi=120, format="png", metadata=FIGURE)
    evaluator = MeanDecreaseImpurityImportanceEvaluator(seed=0)
    importances = optuna.importance.get_param_importances(study, evaluator=evaluator)
    with replaced(folder / "importance.png") as partial:
        figure = importance_figure(importances, metric)
        figure.savefig(partial, dpi=120, format="png", metadata=FIGURE)


def history_figure(study: optuna.Study, metric: str) -> Figure:
    """Plot each trial's value, pruned ones as crosses, and the best so far as a line."""
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    looks = {TrialState.COMPLETE: ("o", "tab:blue"), TrialState.PRUNED: ("x", "tab:grey")}
    for state, (marker, color) in looks.items():
        trials = study.get_trials(states=(state,))
        told = [(t.number, t.value) for t in trials if t.value is not None]
        numbers, values = [number for number, _ in told], [value for _, value in told]
        axes.scatter(numbers, values, marker=marker, c=color, label=state.name.lower())
        if state == TrialState.COMPLETE:
            best = list(itertools.accumulate(values, min))
            axes.step(numbers, best, where="post", c="tab:red", label="best so far")
    axes.set(xlabel="trial", ylabel=metric, title=f"Search {study.study_name}")
    axes.legend()
    return figure


def importance_figure(importances: dict[str, float], metric: str) -> Figure:
    """Plot the share of each setting in the differences between complete trials."""
    figure = Figure(figsize=(8, 1.5 + 0.5 * len(importances)), layout="constrained")
    axes = figure.subplots()
    bars = axes.barh(list(importances)[::-1], list(importances.values())[::-1])
    axes.bar_label(bars, fmt="%.2f", padding=3)
    axes.margins(x=0.1)
    axes.set(xlabel=f"share in the differences of {metric}", title="What mattered")
    return figure
