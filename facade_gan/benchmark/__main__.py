"""Time training on this device.

``python -m facade_gan.benchmark`` compares a plain loop over a recipe's networks with the
project's step alone and with its whole training; the chapter's loop over its own networks has a row
of its own.
"""

from itertools import product
from pathlib import Path

import torch
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from facade_gan.benchmark import gathering, measure, report
from facade_gan.benchmark.photos import noise_photos
from facade_gan.benchmark.runners import (
    SWITCHES,
    Plain,
    Runner,
    StepAlone,
    ThroughTrainer,
    torchs_own_switches,
)
from facade_gan.commandline.command import command
from facade_gan.commandline.config import composed, without_hydra
from facade_gan.commandline.console import quiet_lightning
from facade_gan.compute import device
from facade_gan.compute.device import device_name
from facade_gan.image_size import ImageSize, in_words, setting
from facade_gan.progress import Progress

PLAIN = "plain loop, same networks"
CHAPTER = "chapter's loop and networks"


@command("benchmark")
def main(config: DictConfig) -> None:
    """Time every case, then print and write the results."""
    quiet_lightning()
    # Before any thread starts, see compute/execution.py; the chapter's loop, in the same process,
    # has it too.
    torch.set_flush_denormal(True)
    on = device.pick(config.device)
    folder = Path(HydraConfig.get().runtime.output_dir)
    name = device_name(on)
    print(name)
    cases = list(product(config.recipes, config.image_sizes, config.batch_sizes))
    rows = []
    with Progress(total=len(cases) * config.repeats * 4, desc="Timing", unit="timing") as bar:
        for recipe, image_size, batch_size in cases:
            bar.set_description(f"{recipe}, {in_words(image_size)} px, batch {batch_size or 'own'}")
            rows += time_case(recipe, image_size, batch_size, config, on, bar)
    served = {
        samples: 1e6 * gathering.seconds_an_image(samples, 64, on, config.repeats)
        for samples in Progress(config.set_sizes, "Serving batches")
    }
    print(report.timings_table(rows), SWITCHES, report.gathering_table(served), sep="\n\n")
    report.write_json(rows, name, served, folder / "benchmark.json")
    report.plot(rows, name, folder / "benchmark.png")
    print(f"\nwritten: {folder}/benchmark.json, {folder}/benchmark.png")


def train_config(
    config: DictConfig, recipe: str, image_size: ImageSize, batch_size: int | None, *more: str
) -> DictConfig:
    """Compose the config of ``python train.py`` for one case; batch None is the recipe's own."""
    overrides = [
        f"image_size={setting(image_size)}",
        f"trainer.accelerator={device.pick(config.device).type}",
        *([] if recipe == "default" else [f"experiment={recipe}"]),
        *([] if batch_size is None else [f"batch_size={batch_size}"]),
        *more,
    ]
    cfg = without_hydra(composed("train", *overrides))
    OmegaConf.resolve(cfg)
    return cfg


def time_case(
    recipe: str,
    image_size: ImageSize,
    batch_size: int | None,
    config: DictConfig,
    on: torch.device,
    bar: Progress,
) -> list[report.Row]:
    """Time the runners of one case in turns; a row each."""
    asked = list(config.overrides)
    cfg = train_config(config, recipe, image_size, batch_size, *asked)
    networks = [override for override in asked if not override.startswith("compute")]
    plainly = train_config(config, recipe, image_size, cfg.batch_size, *networks, "compute=plain")
    chapter = train_config(config, "book", image_size, cfg.batch_size)
    batches = -(-config.photos // cfg.batch_size)  # whole ones
    photos = noise_photos(batches * cfg.batch_size, cfg.image_size)
    loops = {PLAIN: Plain(plainly, photos, on)}
    if cfg.model.generator["_target_"] != chapter.model.generator["_target_"]:
        loops[CHAPTER] = Plain(chapter, photos, on)
    else:
        bar.update(config.repeats)  # one runner less
    alone = StepAlone(cfg, photos, on)
    runners: dict[str, Runner] = {
        **loops,
        "step alone": alone,
        "through the Trainer": ThroughTrainer(cfg, photos, on),
    }
    times = measure.in_turns(runners, config.repeats, config.seconds, on, bar.update)
    rates = dict.fromkeys(runners, measure.matmul_rate(alone.dtype, on))
    with torchs_own_switches():
        rates |= dict.fromkeys(loops, measure.matmul_rate(torch.float32, on))
    work = dict.fromkeys(runners, measure.operations(lambda: alone.gan.step(alone.batch)))
    work |= {name: measure.operations(plain.loop.step) for name, plain in loops.items()}
    reference = times[PLAIN]["seconds"]
    return [
        report.Row(
            recipe=recipe,
            image_size=cfg.image_size,
            batch_size=cfg.batch_size,
            runner=name,
            images_per_second=cfg.batch_size / time["seconds"],
            ms_per_step=1e3 * time["seconds"],
            ratio=reference / time["seconds"],
            of_matmul=work[name] / time["seconds"] / rates[name],
            memory_mb=time["memory"] / 1e6,
        )
        for name, time in times.items()
    ]


if __name__ == "__main__":
    main()
