"""Measure how near a generator's images are to photos (KID, FID).

``python -m facade_gan.evaluate checkpoint=RUN data=cmp data.root=...``

KID and FID of the checkpoint's averaged generator against the photos it was trained on and, with
``data.holdout`` as in its training, against those it never saw: as a table and a JSON file. Where
``data`` names other photos than those of its training, that is said.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hydra
from omegaconf import DictConfig, OmegaConf

from facade_gan.atomic_files import replaced, write_text
from facade_gan.checkpoints.locate import SHIPPED, locate, run_of
from facade_gan.commandline.command import command
from facade_gan.commandline.console import say_loading
from facade_gan.commandline.validation import check
from facade_gan.errors import UserError
from facade_gan.image_size import plain
from facade_gan.run.places import must_be_there
from facade_gan.run.trained_on import SEEN, config_of_run, trained_on

if TYPE_CHECKING:
    from torch import Tensor

    from facade_gan.data.module import FacadeData


def check_split(data: DictConfig, run: Path) -> None:
    """Refuse to call photos held out that the run may have been trained on.

    Raises:
        UserError: where the run was trained on another split than ``data`` makes.

    """
    there = config_of_run(run)
    if not data.get("holdout") or there is None:  # of shards it was decided as they were made
        return
    trained = there.data
    for key in ("_target_", "holdout", "limit"):
        if data[key] != trained.get(key):
            raise UserError(
                f"data.{key}={data[key]}, but {run} was trained with {trained.get(key)}: {SEEN}; "
                "take the run's, or data.holdout=0"
            )


@dataclass(frozen=True)
class Judged:
    """What is judged: where it comes from, where its report goes, its size and its images."""

    source: Path
    folder: Path
    image_size: int | list[int]
    sets: Iterable[Tensor]


def what_is_judged(config: DictConfig) -> Judged:
    """Find the checkpoint or the images that ``config`` names.

    Raises:
        UserError: where they are not to be had.
    """
    from facade_gan.checkpoints.read import load_generator
    from facade_gan.compute import device
    from facade_gan.metrics.image_sets import generated_sets, sets_of_files

    if config.images is not None:
        source = Path(config.images).expanduser()
        sets = sets_of_files(source, config.image_size, config.draws, config.fakes)
        return Judged(source, Path(), plain(sets[0].shape[-2:]), sets)
    source = locate(config.checkpoint)
    generator = load_generator(source, config.network_modules).to(device.pick(config.device))
    check_split(config.data, run_of(source))
    folder = Path() if source.parent == SHIPPED else run_of(source)
    images = generated_sets(generator, config.draws, config.fakes, config.seed)
    return Judged(source, folder, plain(generator.image_size), images)


def run(config: DictConfig) -> None:
    """Evaluate as ``conf/evaluate.yaml`` says; print the table, write the JSON file."""
    known = {} if config.image_size else {"image_size": 64}  # till the checkpoint is read
    check(OmegaConf.merge(config, known))  # type: ignore[arg-type]
    if (config.checkpoint is None) == (config.images is None):
        raise UserError("name checkpoint=RUN, a run's folder or a checkpoint, or images=PATH")
    if config.checkpoint is not None:
        locate(config.checkpoint)  # before PyTorch loads, to say where there is none
    setting = "checkpoint" if config.images is None else "images"
    must_be_there(config)
    say_loading(f"{setting}={config[setting]}")
    from facade_gan.compute import device
    from facade_gan.figures import FIGURE
    from facade_gan.metrics.estimates import estimates_table, evaluate
    from facade_gan.metrics.neighbours import neighbours_figure
    from facade_gan.metrics.quality import Quality, kid_of_features

    judged = what_is_judged(config)
    config.image_size = judged.image_size
    check(config)
    data: FacadeData = hydra.utils.instantiate(config.data)
    data.prepare_data()
    data.setup()
    training = None
    if config.checkpoint is not None:
        training = trained_on(data, config.data, judged.source)
        for warning in training.warnings:
            print(f"warning: {warning}")
    extractor = hydra.utils.instantiate(config.features)()
    extractor = extractor.to(device.measuring(device.pick(config.device)))
    cache = Path(config.cache_dir).expanduser()
    quality = Quality(data.splits, extractor, cache)
    sets = list(judged.sets)
    estimates = evaluate(sets, quality)
    print(estimates_table(estimates))
    report: dict[str, Any] = {
        "judged": str(judged.source),
        "image_size": judged.image_size,
        "data": OmegaConf.to_container(config.data, resolve=True),
        "seed": config.seed,
        "scores": [asdict(e) for e in estimates],
    }
    if training is not None:
        report |= {
            "step": training.step,
            "trained_on_these_photos": training.these,
            "warnings": training.warnings,
        }
    if data.held_out is not None:
        floor = kid_of_features(quality.real["train"], quality.real["held_out"])
        print(f"for comparison, KID of train photos against held_out photos: {floor:.4f}")
        report["kid_of_train_photos_against_held_out"] = floor
    if config.neighbours:
        figure, report["copies"] = neighbours_figure(
            sets[0],
            data.splits["train"],
            extractor,
            cache,
            different=data.different,
            trained_on=training is None or training.these is not False,
        )
        with replaced(judged.folder / "neighbours.png") as partial:
            figure.savefig(partial, dpi=120, format="png", metadata=FIGURE)
        print(f"{report['copies']}\nthe closest ones: {judged.folder / 'neighbours.png'}")
    out = Path(config.out or judged.folder / "evaluation.json").expanduser()
    write_text(out, json.dumps(report, indent=2) + "\n")
    print(f"written to {out}")


main = command("evaluate")(run)


if __name__ == "__main__":
    main()
