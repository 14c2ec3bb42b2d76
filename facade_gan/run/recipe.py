"""What repeats a run on disk: the settings by which it differs from its experiment as it is now."""

from pathlib import Path
from typing import Any

from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from facade_gan.commandline.config import (
    OF_THE_STEP,
    composed,
    config_of,
    flat,
    folders_of_own,
    searching,
)
from facade_gan.commandline.mistakes import explain_config
from facade_gan.commandline.rules import written
from facade_gan.errors import UserError
from facade_gan.image_size import ImageSize

GROUPS = ("model", "loss", "augment", "optimizer")
# Of the data only what is done to a photo: which photos, and how many, a summary says.
OF_THE_RECIPE = (*OF_THE_STEP, "model.", "data.mirror", "data.fit", "data.rectify")
SEVERAL = {"trainer.devices", "trainer.num_nodes"}  # for which another trainer is chosen
BY_DEVICE = "${fastest_precision:${trainer.accelerator}}"  # the default of conf/compute
ELSEWHERE = "bring back what it was started with, or leave its folder out of runs=..."


def overrides(
    run: Path, experiment: str | None, data: str, image_size: ImageSize
) -> tuple[str, ...]:
    """List what has to be set to repeat ``run``, beside its experiment, data and image size.

    A run of an older version counts with the defaults it had. Order and spelling are the same for
    equal settings.

    Args:
        run: its folder, with the ``.hydra`` that Hydra left.
        experiment: the ``conf/experiment`` it was started with, if any.
        data: its choice of ``conf/data``.
        image_size: in pixels, one number or ``[height, width]``.

    Raises:
        UserError: where the folder does not hold its config, or it can't be composed any more.
    """
    files = run / ".hydra" / "config.yaml", run / ".hydra" / "hydra.yaml"
    if not all(path.is_file() for path in files):
        raise UserError(f"{run}: no .hydra/config.yaml, so what its figure was made by is unknown")
    try:
        return _differing(run, experiment, data, image_size)
    except (YAMLError, UnicodeDecodeError) as error:
        reason = f"its .hydra can't be read ({' '.join(str(error).split())})"
        raise UserError(f"{run}: {reason}; {ELSEWHERE}") from error
    except (HydraException, OmegaConfBaseException) as error:
        reason = f"its settings can't be composed ({explain_config(error, 'train')})"
        raise UserError(f"{run}: {reason}; {ELSEWHERE}") from error


def _differing(
    run: Path, experiment: str | None, data: str, image_size: ImageSize
) -> tuple[str, ...]:
    """As `overrides`, with the errors of Hydra."""
    there, runtime = config_of(run), OmegaConf.load(run / ".hydra" / "hydra.yaml").hydra.runtime
    chosen = [searching(folders_of_own(runtime)), f"data={data}"]
    chosen += [f"image_size={written(image_size)}"]
    chosen += [f"experiment={experiment}"] if experiment else []
    usual = composed("train", *chosen).hydra.runtime.choices
    groups = [f"{g}={c}" for g in GROUPS if (c := runtime.choices[g]) != usual[g]]
    base = composed("train", *chosen, *groups)
    set_ = _changed_of_the_trainer(there, base)
    if set_.keys() & SEVERAL and (trainer := runtime.choices.get("trainer")) != usual.trainer:
        groups.append(f"trainer={trainer}")
    values = _changed_of_the_step(there, base) | set_
    return (*groups, *(f"{key}={written(value)}" for key, value in values.items()))


def _changed_of_the_step(there: DictConfig, base: DictConfig) -> dict[str, Any]:
    """Take the values that decide a run's steps and are others in ``base``, by dotted name."""
    own, here = _decisive(there), _decisive(base)
    return {
        key: own[key]
        for key in sorted(own)
        # A reference may have been written in another way and still give the same.
        if own[key] != here.get(key) and OmegaConf.select(there, key) != OmegaConf.select(base, key)
    }


def _decisive(config: DictConfig) -> dict[str, Any]:
    """Take the values of the recipe by dotted name, with references to other keys as they stand."""
    values = flat(config, resolve=False)
    return {key: value for key, value in values.items() if key.startswith(OF_THE_RECIPE)}


def _changed_of_the_trainer(there: DictConfig, base: DictConfig) -> dict[str, Any]:
    """As `_changed_of_the_step`, of what the trainer says."""
    here = _of_the_trainer(base)
    return {key: value for key, value in _of_the_trainer(there).items() if value != here[key]}


def _of_the_trainer(config: DictConfig) -> dict[str, Any]:
    """Take how many devices a run was set to, and its precision, by dotted name.

    A precision that follows from the device is the same setting on all of them, and so is one
    device, whichever of the machine's it was.
    """
    values = flat(config, resolve=False)
    devices, precision = values.get("trainer.devices"), values.get("trainer.precision")
    if precision == "${compute.precision}":
        precision = values.get("compute.precision")
    return {
        "trainer.devices": len(devices) if isinstance(devices, list) else devices,
        "trainer.num_nodes": values.get("trainer.num_nodes", 1),
        "trainer.precision": BY_DEVICE if "${" in str(precision) else precision,
    }
