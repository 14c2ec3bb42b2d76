"""What a training logs."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from conftest import TINY, RandomPhotos
from hydra.utils import instantiate
from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import LambdaCallback
from lightning.pytorch.loggers import CSVLogger
from omegaconf import DictConfig
from torch import Tensor


@pytest.mark.parametrize(("every", "logged_at"), [(3, "3"), (10, "4")])
def test_losses_are_logged_every_so_many_steps_or_at_the_end_of_a_shorter_run(
    composed: Callable[..., DictConfig], tmp_path: Path, every: int, logged_at: str
) -> None:
    scalars: list[Tensor] = []
    watch = LambdaCallback(on_train_end=lambda trainer, gan: scalars.extend(gan.unlogged))
    trainer = Trainer(
        accelerator="cpu",
        max_epochs=1,
        log_every_n_steps=every,
        callbacks=[watch],
        logger=CSVLogger(tmp_path),
        enable_checkpointing=False,
        enable_model_summary=False,
        enable_progress_bar=False,
    )
    trainer.fit(instantiate(composed(*TINY).gan, _convert_="all"), datamodule=RandomPhotos(16))
    (file,) = tmp_path.rglob("metrics.csv")
    (row,) = csv.DictReader(file.read_text().splitlines())
    assert row["step"] == logged_at
    if logged_at == "4":
        mean = torch.stack(scalars).mean(0)
        assert len(scalars) == 4 and float(row["loss/discriminator"]) == pytest.approx(mean[0])
