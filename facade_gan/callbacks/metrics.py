"""Measures the generator while it trains: KID and FID against seen and unseen photos."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import lightning as L
import torch
from lightning.pytorch.loggers import TensorBoardLogger
from torch import Tensor

from facade_gan.metrics.fakes import draw_fakes
from facade_gan.metrics.features import Extractor
from facade_gan.metrics.neighbours import neighbours_figure
from facade_gan.metrics.quality import Quality, Score

if TYPE_CHECKING:
    from facade_gan.gan import GAN


class Metrics(L.Callback):
    """Scores the averaged generator every ``every_n_epochs`` epochs and at the end.

    Each loggers' tag says features, split and both counts. For ``ModelCheckpoint(monitor=...)``
    the same figures stand in ``trainer.callback_metrics`` under short names: ``kid_train``,
    ``fid_train``, with held-out photos ``kid_held_out`` and ``fid_held_out``, and ``kid``, the
    one to keep the best by: held-out where there is such a split. At the end of the run
    ``neighbours.png`` is written to ``trainer.default_root_dir``.

    Noise comes from a generator of its own, so a run trains to the same weights with or without
    it. Under several ranks the first measures while the others wait.

    Args:
        extractor: makes the features' network; called when training starts.
        every_n_epochs: measure after every so many epochs.
        fakes: how many images to draw for a measurement.
        seed: of the noise and of KID's subsets.
        cache: folder for the photos' features.

    """

    def __init__(
        self,
        extractor: Callable[[], Extractor],
        every_n_epochs: int,
        fakes: int,
        seed: int,
        cache: str,
    ) -> None:
        self.make_extractor = extractor
        self.every_n_epochs = every_n_epochs
        self.fakes = fakes
        self.seed = seed
        self.cache = Path(cache).expanduser()
        self.measured_at = -1

    def on_fit_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Look at the photos: a missing download or too few photos show before training starts."""
        if trainer.is_global_zero:
            extractor = self.make_extractor().to(pl_module.device)
            self.quality = Quality(_splits(trainer), extractor, self.cache)
        trainer.strategy.barrier("metrics of the photos")

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Measure after every ``every_n_epochs`` epochs and after the last one."""
        epoch = trainer.current_epoch + 1
        if epoch % self.every_n_epochs == 0 or epoch == trainer.max_epochs:
            pl_module.log_dict(
                self._measure(trainer, pl_module), logger=False, rank_zero_only=False
            )

    def on_train_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Measure what was trained since the last measurement, and look for copies."""
        if self.measured_at != trainer.global_step:
            short = self._measure(trainer, pl_module)
            trainer.callback_metrics.update({k: torch.tensor(v) for k, v in short.items()})
        if trainer.is_global_zero:
            self._draw_neighbours(trainer, pl_module)

    def _measure(self, trainer: L.Trainer, pl_module: L.LightningModule) -> dict[str, float]:
        """Measure on the first rank, log, and return the short names on every rank."""
        self.measured_at = trainer.global_step
        short: dict[str, float] = {}
        if trainer.is_global_zero:
            scores = self.quality.score(self._fakes(pl_module), progress="Features of fakes")
            short = _short_names(scores)
            for logger in trainer.loggers:
                logger.log_metrics({_tag(s): s.value for s in scores}, step=trainer.global_step)
        return trainer.strategy.broadcast(short)

    def _fakes(self, pl_module: L.LightningModule) -> Tensor:
        gan = cast("GAN", pl_module)
        return draw_fakes(gan.ema.average, self.fakes, gan.latent_dim, self.seed, "Fakes")

    def _draw_neighbours(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        photos = _splits(trainer)["train"]
        figure = neighbours_figure(
            self._fakes(pl_module), photos, self.quality.extractor, self.cache
        )
        figure.savefig(Path(trainer.default_root_dir) / "neighbours.png", dpi=120)
        for logger in trainer.loggers:
            if isinstance(logger, TensorBoardLogger):
                logger.experiment.add_figure("neighbours", figure, trainer.global_step)


def _splits(trainer: L.Trainer) -> dict[str, Tensor]:
    data = trainer.datamodule  # type: ignore[attr-defined]
    splits = {"train": data.train.photos}
    if data.held_out is not None:
        splits["held_out"] = data.held_out.photos
    return splits


def _short_names(scores: list[Score]) -> dict[str, float]:
    short = {f"{score.metric}_{score.split}": score.value for score in scores}
    short["kid"] = short.get("kid_held_out", short["kid_train"])
    return short


def _tag(score: Score) -> str:
    """Such as ``kid/held_out_50_photos_1000_fakes_efficientnet-lite0``."""
    return (
        f"{score.metric}/{score.split}_{score.photos}_photos_{score.fakes}_fakes_{score.features}"
    )
