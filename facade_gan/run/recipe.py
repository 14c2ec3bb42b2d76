"""What repeats a run on disk: the settings by which it differs from its experiment as it is now."""

from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from facade_gan.commandline.config import OF_THE_STEP, composed, config_of, flat
from facade_gan.commandline.rules import written
from facade_gan.errors import UserError
from facade_gan.image_size import ImageSize

GROUPS = ("model", "loss", "augment", "optimizer")
# Of the data only what is done to a photo: which photos, and how many, a summary says.
OF_THE_RECIPE = (*OF_THE_STEP, "model.", "data.mirror", "data.fit", "data.rectify")


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
        UserError: where the folder does not hold its config.
    """
    files = run / ".hydra" / "config.yaml", run / ".hydra" / "hydra.yaml"
    if not all(path.is_file() for path in files):
        raise UserError(f"{run}: no .hydra/config.yaml, so what its figure was made by is unknown")
    there, about = config_of(run), OmegaConf.load(files[1])
    chosen = [f"data={data}", f"image_size={written(image_size)}"]
    chosen += [f"experiment={experiment}"] if experiment else []
    usual = composed("train", *chosen).hydra.runtime.choices
    groups = [f"{g}={c}" for g in GROUPS if (c := about.hydra.runtime.choices[g]) != usual[g]]
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
