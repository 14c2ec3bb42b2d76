"""Film a walk through generated facades, or a training.

``facade-gan video checkpoint=RUN seconds=12 out=walk.mp4`` walks past some facades and back to the
first, ``from=3 to=17`` from one to another and back; ``run=RUN out=training.mp4`` shows a run's
grids from first epoch to last.
"""

import json
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from facade_gan.checkpoints.locate import locate
from facade_gan.commandline.command import command
from facade_gan.commandline.console import say_loading
from facade_gan.commandline.rules import shown
from facade_gan.commandline.validation import check
from facade_gan.errors import UserError
from facade_gan.film.files import must_be_film
from facade_gan.film.training import write_training
from facade_gan.image_size import sides

LEAST_SIDE = 256  # pixels, that a film is enlarged to where nothing is said


def seeds(config: DictConfig) -> list[int]:
    """Read whose facades the walk goes past.

    Raises:
        UserError: for what are no seeds, or a single one.
    """
    ends = {key: config[key] for key in ("from", "to") if config[key] is not None}
    plain: Any = OmegaConf.to_container(config)
    found = list(ends.values()) if ends else plain["seeds"]
    if (
        not isinstance(found, list)
        or len(found) < 2
        or not all(type(seed) is int and 0 <= seed < 2**32 for seed in found)
    ):
        asked = ends or {"seeds": found}
        said = " ".join(f"{key}={shown(value)}" for key, value in asked.items())
        raise UserError(f"{said}: must be whole numbers from 0 on, two at least")
    return found


def film_walk(config: DictConfig, out: Path) -> str:
    """Write the walk to ``out``; say what it shows."""
    walked = seeds(config)
    locate(config.checkpoint)  # before PyTorch loads, to say where there is none
    say_loading(f"checkpoint={config.checkpoint}")
    import torch

    from facade_gan.checkpoints.read import load_generator
    from facade_gan.compute import device
    from facade_gan.film.walk import write_walk
    from facade_gan.sampling import noises

    generator = load_generator(config.checkpoint, config.network_modules)
    generator = generator.to(device.pick(config.device))
    stations = torch.stack([next(noises(generator.latent_dim, seed)) for seed in walked])
    enlarge = config.enlarge or -(-LEAST_SIDE // max(sides(generator.image_size)))
    plain: Any = OmegaConf.to_container(config)
    settings = {**plain, "checkpoint": Path(config.checkpoint).name, "enlarge": enlarge}
    return write_walk(
        generator,
        stations,
        out,
        seconds=config.seconds,
        fps=config.fps,
        enlarge=enlarge,
        resampling=config.resampling,
        texts={
            "checkpoint": settings["checkpoint"],
            "seeds": str(walked),
            "settings": json.dumps(settings),
        },
        batch_size=config.batch_size,
    )


@command("video")
def main(config: DictConfig) -> None:
    """Film as ``conf/video.yaml`` says."""
    check(config)
    out = Path(config.out).expanduser()
    must_be_film(out)
    if config.run is None:
        made = film_walk(config, out)
    else:
        made = write_training(Path(config.run).expanduser(), out, config.seconds)
    print(f"{out}: {made}")


if __name__ == "__main__":
    main()
