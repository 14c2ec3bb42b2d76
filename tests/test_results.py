import json

import pytest
from hydra import compose, initialize
from omegaconf import OmegaConf

from facade_gan.commandline.config import composed
from facade_gan.errors import UserError
from facade_gan.results import BEGIN, END, find_runs, replace_between_markers, results_table, write


def leave_run(
    root, name, *, kid=0.05, seed=0, seconds=600.0, splits=("held_out",), settings=(), **summary
):
    """Leave what a run leaves that was started with ``settings`` on the command line."""
    folder = root / name
    (folder / ".hydra").mkdir(parents=True)
    experiment = [f"experiment={summary['experiment']}"] if "experiment" in summary else []
    config = composed("train", "data=cmp", *experiment, *settings).copy()
    OmegaConf.set_struct(config, False)
    (folder / ".hydra" / "hydra.yaml").write_text(OmegaConf.to_yaml({"hydra": config.pop("hydra")}))
    (folder / ".hydra" / "config.yaml").write_text(OmegaConf.to_yaml(config))
    said = {
        "experiment": None,
        "seed": seed,
        "start": "scratch",
        "epochs": 100,
        "images_seen": 100_000,
        "seconds": seconds,
        "device": "2 CPU cores",
        "image_size": 64,
        "data": "cmp",
        "photos": 450,
        "start_images_seen": 0,
    }
    scores = [
        {
            "metric": metric,
            "split": split,
            "value": kid if metric == "kid" else 99.0,
            "features": "efficientnet-lite0",
            "fakes": 1000,
            "photos": 50,
            "draws": 5,
        }
        for metric in ("kid", "fid")
        for split in splits
    ]
    (folder / "summary.json").write_text(json.dumps({**said, **summary}))
    (folder / "evaluation.json").write_text(json.dumps({"scores": scores}))
    return folder


def rows(root, split="held_out"):
    lines = results_table(find_runs([root], "evaluation.json", split)).splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_runs_that_differ_in_their_seed_share_a_row_with_mean_spread_and_count(tmp_path):
    for seed, kid in enumerate([0.04, 0.05, 0.06]):
        leave_run(tmp_path, f"a/{seed}", seed=seed, kid=kid, seconds=600 + 60 * seed)
    (row,) = rows(tmp_path)
    assert row == [
        "the default",
        "scratch",
        "450 cmp, 64 px",
        "100",
        "100 k",
        "0.0500 ± 0.0100 (3 seeds)",
        "efficientnet-lite0, 5 x 1000 fakes, 50 held out photos",
        "11.0 min",
        "2 CPU cores",
    ]


def test_a_choice_is_named_as_it_is_spelled_today(tmp_path):
    leave_run(tmp_path, "a", data="procedural")
    assert rows(tmp_path)[0][2] == "450 drawn, 64 px"


def test_a_single_seed_claims_no_spread(tmp_path):
    leave_run(tmp_path, "a", kid=0.04)
    assert rows(tmp_path)[0][5] == "0.0400 (1 seed)"


def test_recipes_have_rows_of_their_own_that_name_their_experiment(tmp_path):
    leave_run(tmp_path, "a", kid=0.01, experiment="best", device="H100")
    leave_run(tmp_path, "b", kid=0.4, experiment="book")
    assert [row[0] for row in rows(tmp_path)] == ["`experiment=book`", "`experiment=best`"]


def test_a_row_names_the_settings_that_its_experiment_does_not_have(tmp_path):
    leave_run(tmp_path, "a", kid=0.03, settings=["loss=bce", "optimizer.lr=1e-3", "ema_decay=0.9"])
    leave_run(tmp_path, "b", kid=0.02, settings=["trainer.max_epochs=3", "data.limit=450"])
    leave_run(
        tmp_path, "c", kid=0.01, settings=["experiment=book", "batch_size=64"], experiment="book"
    )
    assert [row[0] for row in rows(tmp_path)] == [
        "the default `loss=bce` `ema_decay=0.9` `optimizer.lr=0.001`",
        "the default",
        "`experiment=book` `batch_size=64`",
    ]


def test_runs_of_one_seed_under_different_settings_are_two_recipes(tmp_path):
    leave_run(tmp_path, "a", settings=["augment=none"])
    leave_run(tmp_path, "b", settings=["model.generator.channels=[8,8,8,8,8]"])
    assert {row[0] for row in rows(tmp_path)} == {
        "the default `augment=none`",
        "the default `model.generator.channels=[8,8,8,8,8]`",
    }


def test_a_run_of_an_earlier_version_counts_with_the_defaults_it_had(tmp_path):
    folder = leave_run(tmp_path, "a")
    config = OmegaConf.load(folder / ".hydra" / "config.yaml")
    config.model.discriminator.spectral = 1.0
    OmegaConf.save(config, folder / ".hydra" / "config.yaml")
    assert rows(tmp_path)[0][0] == "the default `model.discriminator.spectral=1.0`"


def test_a_figure_without_its_settings_is_refused(tmp_path):
    (leave_run(tmp_path, "a") / ".hydra" / "config.yaml").unlink()
    with pytest.raises(UserError, match=r"a: no \.hydra/config\.yaml"):
        rows(tmp_path)


def names(root):
    return [row[0] for row in rows(root)]


def test_runs_of_other_precision_or_of_more_devices_have_rows_of_their_own(tmp_path):
    several = ["trainer=ddp", "trainer.devices=4", "trainer.precision=bf16-mixed"]
    leave_run(tmp_path, "several", kid=0.04, settings=several)
    leave_run(tmp_path, "nodes", kid=0.03, settings=["trainer=ddp", "trainer.num_nodes=2"])
    leave_run(tmp_path, "exact", kid=0.02, settings=["trainer.precision=32-true"])
    leave_run(tmp_path, "exact too", kid=0.02, seed=1, settings=["compute.precision=32-true"])
    leave_run(tmp_path, "default", kid=0.01)
    leave_run(tmp_path, "second card", kid=0.01, seed=1, settings=["trainer.devices=[1]"])
    assert names(tmp_path) == [
        "the default `trainer=ddp` `trainer.devices=4` `trainer.precision=bf16-mixed`",
        "the default `trainer=ddp` `trainer.devices=auto` `trainer.num_nodes=2`",
        "the default `trainer.precision=32-true`",
        "the default",
    ]


def test_a_precision_that_follows_from_the_device_is_one_whatever_the_device(tmp_path, monkeypatch):
    leave_run(tmp_path, "default")
    leave_run(tmp_path, "set", seed=1, settings=["trainer.precision=32-true"])
    # The machine that writes the table may be another than those that the runs were made on.
    for there in ("32-true", "bf16-mixed"):
        monkeypatch.setattr("facade_gan.compute.device.fastest_precision", lambda _, it=there: it)
        assert {*names(tmp_path)} == {"the default", "the default `trainer.precision=32-true`"}
    leave_run(tmp_path, "book", seed=2, experiment="book", settings=["compute=auto"])
    assert any("trainer.precision=${fastest_precision:" in name for name in names(tmp_path))


def of_the_users_own(folder, configs):
    """Let the run in ``folder`` say that it was made by ``experiment=mine`` in ``configs``."""
    about = OmegaConf.load(folder / ".hydra" / "hydra.yaml")
    source = {"path": str(configs), "schema": "file", "provider": "command-line"}
    about.hydra.runtime.config_sources = [source]
    OmegaConf.save(about, folder / ".hydra" / "hydra.yaml")
    add(folder / "summary.json", experiment="mine")


def test_a_run_by_configs_of_the_users_own_has_its_row(tmp_path):
    configs = tmp_path / "my configs"
    (configs / "experiment").mkdir(parents=True)
    mine = "# @package _global_\nbatch_size: 4\n"
    (configs / "experiment" / "mine.yaml").write_text(mine)
    folder = leave_run(tmp_path / "runs", "a", settings=["batch_size=4", "ema_decay=0.9"])
    of_the_users_own(folder, configs)
    assert names(tmp_path / "runs") == ["`experiment=mine` `ema_decay=0.9`"]


def test_settings_that_can_no_longer_be_composed_name_their_run(tmp_path):
    folder = leave_run(tmp_path, "of long ago")
    of_the_users_own(folder, tmp_path / "deleted")
    with pytest.raises(UserError, match=r"of long ago: .*experiment=mine: no such choice"):
        rows(tmp_path)
    (folder / ".hydra" / "hydra.yaml").write_text("hydra: {")
    with pytest.raises(UserError, match=r"of long ago: .*can't be read"):
        rows(tmp_path)


def test_the_training_that_made_the_start_is_counted(tmp_path):
    leave_run(tmp_path, "a", start="drawn", start_images_seen=200_000, images_seen=50_000)
    assert rows(tmp_path)[0][1:5:3] == ["drawn", "200 k + 50 k"]


def test_two_runs_of_one_seed_are_refused(tmp_path):
    leave_run(tmp_path, "a")
    leave_run(tmp_path, "b")
    with pytest.raises(UserError, match="same seed: keep one"):
        rows(tmp_path)


def test_a_run_that_was_not_measured_is_left_out(tmp_path):
    leave_run(tmp_path, "a")
    (leave_run(tmp_path, "b", seed=1) / "evaluation.json").unlink()
    assert len(rows(tmp_path)) == 1


def add(file, **more):
    file.write_text(json.dumps(json.loads(file.read_text()) | more))


def test_a_figure_of_a_run_that_went_on_since_is_refused(tmp_path):
    folder = leave_run(tmp_path, "a", steps=2000)
    assert len(rows(tmp_path)) == 1  # a report of before says no step
    add(folder / "evaluation.json", step=2000)
    assert len(rows(tmp_path)) == 1
    add(folder / "evaluation.json", step=1000)
    with pytest.raises(UserError, match=r"a/evaluation\.json is of step 1000, .* ended at 2000"):
        rows(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"scores": [', r"can't be read"),
        ('{"scores": [], "judged": "Größe"}'.encode("latin-1"), r"can't be read"),
        (b'{"accuracy": 0.9}', r"says nothing of scores"),
        (b'{"scores": {"kid": 0.1}}', r"no KID against held out photos"),
        (b'{"scores": [{"metric": "kid", "split": "held_out"}]}', r"says nothing of draws and "),
    ],
)
def test_a_damaged_or_foreign_evaluation_names_its_run(tmp_path, content, message):
    (leave_run(tmp_path, "a") / "evaluation.json").write_bytes(content)
    with pytest.raises(UserError, match=rf"a/evaluation\.json: .*{message}"):
        rows(tmp_path)


def test_a_damaged_summary_names_its_run(tmp_path):
    (leave_run(tmp_path, "a") / "summary.json").write_text("{")
    with pytest.raises(UserError, match=r"a/summary\.json: can't be read"):
        rows(tmp_path)


def test_nothing_measured_is_said_in_one_line(tmp_path):
    with pytest.raises(UserError, match=r"facade_gan\.evaluate"):
        rows(tmp_path)


def test_a_figure_that_is_not_on_disk_is_not_made_up(tmp_path):
    folder = leave_run(tmp_path, "a")
    with pytest.raises(UserError, match="no KID against train photos"):
        rows(tmp_path, split="train")
    summary = json.loads((folder / "summary.json").read_text())
    del summary["images_seen"]
    (folder / "summary.json").write_text(json.dumps(summary))
    with pytest.raises(UserError, match="says nothing of images_seen"):
        rows(tmp_path)


def test_the_table_replaces_the_old_one_and_nothing_else():
    text = f"# Title\n{BEGIN}\nold\n{END}\nafter\n"
    new = replace_between_markers(text, "new", "results.md")
    assert new == f"# Title\n{BEGIN}\nnew\n{END}\nafter\n"
    assert replace_between_markers(new, "new", "results.md") == new


def test_a_page_without_markers_is_left_alone():
    with pytest.raises(UserError, match="add them"):
        replace_between_markers("# Title\n", "new", "results.md")


def test_the_command_writes_the_page(tmp_path):
    leave_run(tmp_path / "runs", "a", kid=0.0123)
    page = tmp_path / "results.md"
    page.write_text(f"{BEGIN}\n{END}\n")
    with initialize(config_path="../conf", version_base="1.3"):
        config = compose("results", [f"runs={tmp_path}/runs", f"page={page}"])
    write(config)
    assert "| 0.0123 (1 seed) |" in page.read_text()
