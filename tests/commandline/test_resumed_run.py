"""A command that names a run and little else goes on with that run's settings."""

from pathlib import Path

import pytest
import yaml
from conftest import TINY, run_command
from omegaconf import OmegaConf

from facade_gan.commandline.config import composed, without_hydra
from facade_gan.commandline.resumed_run import complete
from facade_gan.errors import UserError


def a_run(folder: Path, overrides: list[str], **choices: str | None) -> Path:
    """Leave in ``folder`` what Hydra leaves there, as if today's defaults were the run's."""
    (folder / ".hydra").mkdir(parents=True)
    about = {
        "overrides": {"task": overrides},
        "runtime": {"choices": {"data": "drawn", **choices}, "config_sources": []},
    }
    (folder / ".hydra" / "hydra.yaml").write_text(yaml.safe_dump({"hydra": about}))
    own = [o for o in overrides if not o.startswith("ckpt_path")]
    today = OmegaConf.to_yaml(without_hydra(composed("train", *own)))
    (folder / ".hydra" / "config.yaml").write_text(today)
    (folder / ".hydra" / "overrides.yaml").write_text(yaml.safe_dump(overrides))
    return folder


def overrides(completed: list[str]) -> list[str]:
    return [o for o in completed if not o.startswith("hydra.")]


def test_the_folder_is_enough_and_what_the_command_sets_comes_on_top(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = ["data=folder", "data.root=/photos", "trainer.max_epochs=2", "ckpt_path=last"]
    run = a_run(tmp_path / "my run", own, data="folder")
    command = ["ckpt_path=last", f"hydra.run.dir='{run}'", "trainer.max_epochs=13"]
    assert overrides(complete(command)) == [
        "data=folder",
        "data.root=/photos",
        "ckpt_path=last",
        "trainer.max_epochs=13",
    ]
    assert capsys.readouterr().out == f"{run}: its own settings, and trainer.max_epochs=13\n"
    # As the processes of several devices do, which are started with the whole command line.
    assert overrides(complete(complete(command))) == overrides(complete(command))


def test_the_run_may_be_named_by_its_folder_or_by_its_checkpoint(tmp_path: Path) -> None:
    run = a_run(tmp_path / "run", ["seed=3"])
    by_folder = complete([f"ckpt_path={run}"])
    assert by_folder[-3:] == ["seed=3", "ckpt_path=last", f"hydra.run.dir={run}"]
    (run / "checkpoints").mkdir()
    assert overrides(complete([f"ckpt_path={run}/checkpoints"])) == ["seed=3", "ckpt_path=last"]
    # From a checkpoint a new run goes on, in a folder of its own.
    command = [f"ckpt_path={run}/checkpoints/best.ckpt"]
    assert complete(command) == ["hydra.mode=RUN", "seed=3", *command]


def test_no_run_goes_on_in_the_folder_of_another_one(tmp_path: Path) -> None:
    one, other = a_run(tmp_path / "a", ["seed=3"]), a_run(tmp_path / "b", ["seed=4"])
    for run in (one, other):
        (run / "checkpoints").mkdir()
        (run / "checkpoints" / "last.ckpt").touch()
    for source in (one, one / "checkpoints", one / "checkpoints" / "last.ckpt"):
        with pytest.raises(UserError, match=f"{other} holds checkpoints, and ckpt_path={source} l"):
            complete([f"ckpt_path={source}", f"hydra.run.dir={other}"])
        complete([f"ckpt_path={source}", f"hydra.run.dir={one}"])
        complete([f"ckpt_path={source}", f"hydra.run.dir={tmp_path}/c"])


def test_another_choice_of_a_group_takes_the_settings_of_the_old_one_along(tmp_path: Path) -> None:
    run = a_run(tmp_path, ["data=folder", "data.root=/photos", "batch_size=8"], data="folder")
    command = [f"hydra.run.dir={run}", "ckpt_path=last"]
    assert overrides(complete([*command, "data=drawn"])) == [
        "batch_size=8",
        "ckpt_path=last",
        "data=drawn",
    ]
    assert "data.root=/photos" in complete([*command, "data=folder"])
    assert overrides(complete([*command, "data.root=/others"])) == [
        "data=folder",
        "batch_size=8",
        "ckpt_path=last",
        "data.root=/others",
    ]


def test_a_run_keeps_the_defaults_that_its_steps_were_made_by(tmp_path: Path) -> None:
    run = a_run(tmp_path, ["seed=3"])
    file = run / ".hydra" / "config.yaml"
    earlier = OmegaConf.load(file)
    earlier.batch_size, earlier.augment.policies = 16, ["cutout"]
    earlier.callbacks.grid.every_n_epochs = 7  # decides no weight: today's holds
    del earlier.optimizer.lr_decay_from  # of a version that let no rate fall
    file.write_text(OmegaConf.to_yaml(earlier))
    command = [f"hydra.run.dir={run}", "ckpt_path=last"]
    own = {"batch_size=16", "augment.policies=[cutout]", "optimizer.lr_decay_from=1", "seed=3"}
    assert set(overrides(complete(command))) == {*own, "ckpt_path=last"}
    for given, without in (("batch_size=4", "batch_size=16"), ("augment=none", "augment.pol")):
        completed = overrides(complete([*command, given]))
        assert given in completed and not [o for o in completed if o.startswith(without)]


def test_so_does_a_run_of_configs_of_the_users_own(tmp_path: Path) -> None:
    configs = tmp_path / "my configs"
    (configs / "loss").mkdir(parents=True)
    (configs / "loss" / "mine.yaml").write_text("_target_: facade_gan.losses.Hinge")
    run = a_run(tmp_path / "run", ["batch_size=16"])
    about = OmegaConf.load(run / ".hydra" / "hydra.yaml")
    about.hydra.overrides.task = ["loss=mine"]  # and batch_size=16 was the default
    source = {"path": str(configs), "schema": "file", "provider": "command-line"}
    about.hydra.runtime.config_sources = [source]
    OmegaConf.save(about, run / ".hydra" / "hydra.yaml")
    completed = complete([f"hydra.run.dir={run}", "ckpt_path=last"])
    assert f"--config-dir={configs}" in completed
    assert overrides(completed)[-3:] == ["batch_size=16", "loss=mine", "ckpt_path=last"]


@pytest.mark.parametrize(("before", "now"), [("procedural", "drawn"), ("drawn", "procedural")])
def test_the_old_spelling_of_a_choice_is_no_other_choice(
    tmp_path: Path, before: str, now: str
) -> None:
    run = a_run(tmp_path, [f"data={before}", "data.count=64"], data=before)
    command = [f"hydra.run.dir={run}", "ckpt_path=last", f"data={now}"]
    assert overrides(complete(command)) == ["data.count=64", "ckpt_path=last", f"data={now}"]


@pytest.mark.parametrize(
    "command",
    [
        ["seed=1"],
        ["-m", "ckpt_path=last"],
        ["ckpt_path=null", "hydra.run.dir=RUN"],
        ["ckpt_path=last", "hydra.run.dir=elsewhere"],
        ["-m", "ckpt_path=last", "hydra.run.dir=RUN"],
        ["ckpt_path=last", "hydra.run.dir=RUN", "seed=[1"],
    ],
)
def test_other_commands_stay_as_they_are(tmp_path: Path, command: list[str]) -> None:
    run = a_run(tmp_path, ["seed=3"])
    command = [argument.replace("RUN", str(run)) for argument in command]
    assert complete(command) == command


def test_a_resume_that_is_refused_leaves_the_settings_of_the_run(tmp_path: Path) -> None:
    run, cache = tmp_path / "run", f"data.cache_dir={tmp_path}/cache"
    done = run_command(
        "train.py", *TINY, "data.count=16", "trainer.max_epochs=1", cache, f"hydra.run.dir={run}"
    )
    assert done.returncode == 0, done.stderr
    settings = (run / ".hydra" / "overrides.yaml").read_text()

    go_on = ("train.py", "ckpt_path=last", f"hydra.run.dir={run}", "trainer.max_epochs=2")
    refused = run_command(*go_on, "data=folder", "data.root=/nowhere")
    assert refused.returncode == 2 and "/nowhere: there is no such folder" in refused.stderr
    assert (run / ".hydra" / "overrides.yaml").read_text() == settings

    done = run_command(*go_on)
    assert done.returncode == 0, done.stderr
    assert f"{run}: its own settings, and trainer.max_epochs=2" in done.stdout
    assert "Going on from" in done.stdout and "other settings" not in done.stdout
    assert '"steps": 8' in (run / "summary.json").read_text()


def test_the_last_checkpoint_of_no_run_is_asked_about() -> None:
    with pytest.raises(UserError, match=r"of which run\? Say hydra\.run\.dir=RUN"):
        complete(["ckpt_path=last", "seed=1"])


def test_a_number_of_epochs_replaces_the_number_of_steps_that_a_run_had(tmp_path: Path) -> None:
    run = a_run(tmp_path, ["seed=3", "trainer.max_steps=28"])
    command = ["ckpt_path=last", f"hydra.run.dir={run}"]
    assert "trainer.max_steps=28" in complete(command)
    assert "trainer.max_steps=28" not in complete([*command, "trainer.max_epochs=4"])
