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
    except YAMLError as error:
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
    here = _decisive(base)
    own = _decisive(there)

    # A reference may have been written in another way and still give the same.
    differing = [
        key
        for key in sorted(own)
        if own[key] != here.get(key) and OmegaConf.select(there, key) != OmegaConf.select(base, key)
    ]
    return (*groups, *(f"{key}={written(own[key])}" for key in differing))


def _decisive(config: DictConfig) -> dict[str, Any]:
    """Take the values of the recipe by dotted name, with references to other keys as they stand."""
    values = flat(config, resolve=False)
    return {key: value for key, value in values.items() if key.startswith(OF_THE_RECIPE)}
