"""Callbacks that are left out: those nobody needs silently, the others by one line."""

from pathlib import Path

import pytest
from conftest import TINY, run_command
from test_validation import mistake


@pytest.mark.parametrize("name", ["background", "tally", "checkpoint", "stop"])
def test_what_training_needs_can_not_be_left_out(name: str) -> None:
    line = f"callbacks.{name} can't be left out: training needs it"
    assert mistake(f"~callbacks.{name}") == line
    assert mistake(f"callbacks.{name}=null") == line


def test_settings_of_a_callback_that_is_not_chosen_are_named() -> None:
    said = mistake("+callbacks.metrics.fakes=500", "metrics=none")
    assert said.startswith("callbacks.metrics has settings but no _target_: choose metrics=offline")
    assert mistake("callbacks.film=false").startswith("callbacks.film has settings but no _target_")
    said = mistake("+callbacks.mine.every=3")
    assert said.startswith("callbacks.mine has settings but no _target_: set callbacks.mine._targ")


@pytest.mark.parametrize("key", ["callbacks.checkpoint.monitor", "optimized_metric"])
def test_a_metric_that_nothing_measures_is_said_before_the_training(key: str) -> None:
    assert mistake(f"{key}=kid") == f"{key}=kid: nothing measures it; set metrics=offline"
    said = mistake(f"{key}=kid_heldout", "metrics=offline")
    assert said.startswith(f"{key}=kid_heldout: must be one of kid, kid_train, kid_held_out, fid")
    assert mistake(f"{key}=fid_held_out", "metrics=offline") == ""
    assert mistake(f"{key}=loss/generator") == ""
    assert mistake(f"{key}=kid_dino").startswith(f"{key}=kid_dino: must be one of")
    assert mistake(f"{key}=kid_dino", "+callbacks.own._target_=lightning.pytorch.Callback") == ""


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ("+trainer.limit_train_batches=50", "trainer.limit_train_batches=50: an epoch is one pass"),
        ("+trainer.accumulate_grad_batches=2", "trainer.accumulate_grad_batches=2: each batch is"),
        ("+trainer.gradient_clip_val=1", "trainer.gradient_clip_val=1: gradients are not clipped"),
        ("augment.policies=[colour]", "augment.policies=[colour]: must be a list, each color or"),
        ("model.discriminator.norm=layer", "model.discriminator.norm=layer: must be batch or none"),
    ],
)
def test_settings_of_other_trainings_are_refused(setting: str, line: str) -> None:
    assert mistake(setting).startswith(line)


@pytest.mark.parametrize("metrics", ["none", "offline", "inception", "long"])
def test_a_long_run_is_measured_as_one_chooses(metrics: str) -> None:
    assert mistake("experiment=best", f"metrics={metrics}") == ""


def test_a_run_without_film_and_event_files(tmp_path: Path) -> None:
    done = run_command(
        "train.py",
        *TINY,
        "data.count=8",
        "trainer.max_epochs=1",
        "callbacks.film=null",
        "logger=none",
        f"hydra.run.dir={tmp_path}",
    )
    assert done.returncode == 0, done.stderr
    assert "checkpoint:" in done.stdout and "TensorBoard" not in done.stdout
    left = {path.name.split(".")[0] for path in tmp_path.iterdir()}
    assert "progress" in left and "events" not in left
    assert not (tmp_path / "progress.webp").exists()


def test_a_group_that_is_null_is_named_with_its_choices() -> None:
    done = run_command("train.py", "batch_size=4", "logger=null")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "error: logger=null: no such choice; there are (csv, mlflow, none, tensorboard, wandb)"
    ]
