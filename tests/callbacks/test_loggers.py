"""Weights & Biases, MLflow and CSV: pictures, settings, and one run after a break."""

import csv
import json
import random
import time
from pathlib import Path

import pytest
from conftest import TINY, run_command
from lightning.pytorch.loggers import CSVLogger
from omegaconf import OmegaConf
from tensorboard.compat.tensorflow_stub import pywrap_tensorflow

from facade_gan.callbacks.loggers import log_image, log_settings
from facade_gan.commandline.config import LOGGERS, register_resolvers


def test_a_logger_of_numbers_alone_takes_settings_and_no_pictures(tmp_path: Path) -> None:
    logger = CSVLogger(tmp_path, name="csv")
    log_image(logger, "fixed_noise", b"a picture", step=3)
    log_settings(logger, {"optimizer.lr": 0.5})
    logger.log_metrics({"loss": 2.0}, step=3)
    logger.save()
    folder = tmp_path / "csv" / "version_0"
    assert "optimizer.lr: 0.5" in (folder / "hparams.yaml").read_text()
    with (folder / "metrics.csv").open() as file:
        assert list(csv.DictReader(file)) == [{"loss": "2.0", "step": "3"}]


def test_tensorboards_checksums_are_its_own_and_hold_no_other_thread_up() -> None:
    grid = random.Random(0).randbytes(1_000_000)  # as long as two of them as PNG
    crc = pywrap_tensorflow.crc_update(0, grid)  # TensorBoard's loop over the bytes
    begin = time.thread_time()
    assert pywrap_tensorflow.crc32c(grid) == crc
    assert time.thread_time() - begin < 0.02  # the loop takes 0.2 s


def test_a_runs_folder_says_under_which_id_each_logger_keeps_it(tmp_path: Path) -> None:
    register_resolvers()
    config = OmegaConf.create({"id": f"${{logged_as:'{tmp_path}',WandbLogger}}"})
    assert config.id is None
    (tmp_path / LOGGERS).write_text(json.dumps({"CSVLogger": 0, "WandbLogger": "1"}))
    assert config.id == "1"


@pytest.mark.slow
def test_a_run_that_goes_on_is_one_run_in_weights_and_biases_and_mlflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("wandb", reason="extra wandb")
    tracking = pytest.importorskip("mlflow.tracking", reason="extra mlflow")
    pytest.importorskip("sqlalchemy", reason="extra mlflow")
    database, run = f"sqlite:///{tmp_path}/mlflow.db", tmp_path / "run"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", database)
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    ids = []
    for more in ([], ["ckpt_path=last"]):
        done = run_command(
            "-m", "facade_gan", "train", *TINY, "data.count=8", f"data.cache_dir={tmp_path}/cache",
            f"hydra.run.dir={run}", "logger=[csv,wandb,mlflow]", "trainer.log_every_n_steps=2",
            f"trainer.max_epochs={2 + len(more)}", *more, cwd=tmp_path,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        known = json.loads((run / LOGGERS).read_text())
        ids.append((known["WandbLogger"], known["MLFlowLogger"]))
    assert ids[0] == ids[1]

    wandb_runs = sorted((run / "wandb").glob(f"offline-run-*-{ids[0][0]}"))
    assert len(wandb_runs) == 2
    for folder in wandb_runs:
        assert list((folder / "files" / "media" / "images").glob("fixed_noise_*.png"))
        assert b"optimizer.lr" in next(folder.glob("*.wandb")).read_bytes()

    client = tracking.MlflowClient(database)
    (experiment,) = [e for e in client.search_experiments() if e.name == "facade_gan"]
    (only,) = client.search_runs([experiment.experiment_id])
    assert only.data.params["trainer.max_epochs"] == "2"  # as it began: MLflow changes none
    history = client.get_metric_history(ids[0][1], "loss/discriminator")
    assert [metric.step for metric in history] == [2, 4, 6]
    assert len(client.list_artifacts(ids[0][1], "fixed_noise")) >= 2
    assert len(list((run / "csv").glob("version_*/metrics.csv"))) == 2
