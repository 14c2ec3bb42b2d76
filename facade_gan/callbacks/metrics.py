"""Measures the generator while it trains: KID and FID against seen and unseen photos."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import cast

import torch
from lightning.pytorch import Callback, Trainer
from torch import Tensor

from facade_gan.atomic_files import replaced
from facade_gan.callbacks.epochs import Turns
from facade_gan.callbacks.loggers import log_image
from facade_gan.compute.device import measuring
from facade_gan.data.module import FacadeData
from facade_gan.figures import FIGURE
from facade_gan.gan import GAN
from facade_gan.metrics.features import Extractor
from facade_gan.metrics.neighbours import neighbours_figure
from facade_gan.metrics.quality import Quality, Score
from facade_gan.sampling import generate_images

log = logging.getLogger(__name__)

COMPARED = 256  # fakes that are searched for copies, of those generated last


class Metrics(Callback):
    """Scores the averaged generator every ``every_n_epochs`` epochs and at the end.

    The loggers' tags say features, split and both counts. For ``callbacks.checkpoint.monitor``
    the same figures stand in ``trainer.callback_metrics`` under short names: ``kid_train``,
    ``fid_train``, with held-out photos ``kid_held_out`` and ``fid_held_out``, and ``kid``, the
    one to keep the best by: held-out where there is such a split. At the end of the run
    ``neighbours`` shows the generated images most like a training photo.

    Noise comes from a generator of its own, so a run trains to the same weights with or without
    it. Under several ranks the first measures while the others wait.

    Args:
        extractor: makes the network that looks at the images; called when training starts.
        every_n_epochs: measure after every so many epochs.
        seconds_between: from one measurement to the next at least, where epochs are short.
        fakes: how many images to generate for a measurement.
        seed: of their noise.
        cache_dir: folder for the photos' features.
        neighbours: path of the figure of the closest training photos.

    Raises:
        UserError: when training starts, where the extractor's weights can't be had or a split
            has fewer than 2 photos.

    """

    def __init__(
        self,
        *,
        extractor: Callable[[], Extractor],
        every_n_epochs: int,
        seconds_between: float,
        fakes: int,
        seed: int,
        cache_dir: str,
        neighbours: str,
    ) -> None:
        self.make_extractor = extractor
        self.turns, self.fakes, self.seed = Turns(every_n_epochs, seconds_between), fakes, seed
        self.cache, self.neighbours = Path(cache_dir).expanduser(), Path(neighbours)
        self.measured_at = -1  # the step of the last measurement

    def on_fit_start(self, trainer: Trainer, pl_module: GAN) -> None:  # type: ignore[override]
        """Look at the photos now: what can go wrong goes wrong before hours of training."""
        if trainer.is_global_zero:
            extractor = self.make_extractor().to(measuring(pl_module.device))
            self.quality = Quality(_splits(trainer), extractor, self.cache)
        trainer.strategy.barrier("features of the photos")

    def on_train_epoch_end(self, trainer: Trainer, pl_module: GAN) -> None:  # type: ignore[override]
        """Measure when it is time."""
        if self.turns.take(trainer):
            self._measure(trainer, pl_module)

    def on_train_end(self, trainer: Trainer, pl_module: GAN) -> None:  # type: ignore[override]
        """Measure what was trained since the last measurement, and look for copies."""
        if self.measured_at != trainer.global_step:
            self._measure(trainer, pl_module)
        if trainer.is_global_zero:
            self._show_neighbours(trainer)

    def _measure(self, trainer: Trainer, gan: GAN) -> None:
        self.measured_at = trainer.global_step
        short: dict[str, float] = {}
        gan.prepare_average()
        if trainer.is_global_zero:
            fakes = generate_images(
                gan.ema.average, self.fakes, self.seed, progress="Generating fakes"
            )
            self.generated = torch.cat(list(fakes))
            scores = self.quality.score(self.generated, progress="Features of fakes")
            short = _short_names(scores)
            plain = {name: short[name] for name in ("kid", "fid")}
            for logger in trainer.loggers:
                logger.log_metrics({_tag(s): s.value for s in scores} | plain, trainer.global_step)
        short = trainer.strategy.broadcast(short)
        trainer.callback_metrics.update({k: torch.tensor(v) for k, v in short.items()})

    def _show_neighbours(self, trainer: Trainer) -> None:
        data = cast(FacadeData, trainer.datamodule)  # type: ignore[attr-defined]
        figure, verdict = neighbours_figure(
            self.generated[:COMPARED],
            data.splits["train"],
            self.quality.extractor,
            self.cache,
            different=data.different,
        )
        with replaced(self.neighbours) as partial:
            figure.savefig(partial, dpi=120, format="png", metadata=FIGURE)
        log.info(f"{verdict} The closest ones: {self.neighbours}")
        for logger in trainer.loggers:
            log_image(logger, "neighbours", self.neighbours.read_bytes(), trainer.global_step)


def _splits(trainer: Trainer) -> dict[str, Tensor]:
    return cast(FacadeData, trainer.datamodule).splits  # type: ignore[attr-defined]


def _short_names(scores: list[Score]) -> dict[str, float]:
    short = {f"{score.metric}_{score.split}": score.value for score in scores}
    # The one to rank by: against photos the networks never saw, where there are any.
    best = {name: short.get(f"{name}_held_out", short[f"{name}_train"]) for name in ("kid", "fid")}
    return short | best


def _tag(score: Score) -> str:
    """Such as ``kid/held_out_50_photos_1000_fakes_efficientnet-lite0``."""
    return (
        f"{score.metric}/{score.split}_{score.photos}_photos_{score.fakes}_fakes_{score.features}"
    )
