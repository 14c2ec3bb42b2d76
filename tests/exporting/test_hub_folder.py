"""The folder for a model hub: loaded as a checkpoint, and what its card says."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from conftest import run_here
from omegaconf import OmegaConf
from PIL import Image

import facade_gan
from facade_gan.checkpoints.locate import locate
from facade_gan.checkpoints.read import load_networks, read_checkpoint
from facade_gan.errors import UserError
from facade_gan.exporting.hub_folder import write_hub_folder
from facade_gan.exporting.model_card import Provenance, model_card
from facade_gan.figures import FIGURE

NOTHING = Provenance({}, (), {})
SUMMARY = {"data": "cmp", "photos": 500, "epochs": 25, "images_seen": 12500, "start": "scratch"}
DRAWN = read_checkpoint(locate("drawn"))


def test_the_folder_is_a_checkpoint_and_its_picture_is_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "hub"
    write_hub_folder(DRAWN, folder, Provenance(SUMMARY, (), {}), [])
    names = {"model.safetensors", "config.json", "README.md", "grid.png"}
    assert {path.name for path in folder.iterdir()} == names
    again, before = facade_gan.load(folder, "cpu"), facade_gan.load("drawn", "cpu")
    assert np.array_equal(again.sample(4, seed=1), before.sample(4, seed=1))
    assert load_networks(folder)[1].image_size == 64
    config = json.loads((folder / "config.json").read_text())
    assert config["generator"]["arguments"]["latent_dim"] == 100
    assert read_checkpoint(locate(folder))["recipe"] == SUMMARY
    with Image.open(folder / "grid.png") as picture:
        assert FIGURE.items() <= picture.info.items()
        shown = np.asarray(picture)[2:66, 2:66]
    assert np.array_equal(shown, again.sample(1, seed=0)[0])


def test_a_card_that_may_have_been_filled_in_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("license: mine")
    with pytest.raises(UserError, match="there is something in this folder"):
        write_hub_folder(DRAWN, tmp_path, NOTHING, [])
    assert (tmp_path / "README.md").read_text() == "license: mine"


def test_a_network_that_is_not_found_leaves_nothing_behind(tmp_path: Path) -> None:
    generator = {"name": "Mine", "arguments": {}}
    strange = {**DRAWN, "networks": {**DRAWN["networks"], "generator": generator}}
    with pytest.raises(UserError, match="Mine"):
        write_hub_folder(strange, tmp_path / "hub", NOTHING, [])
    assert not (tmp_path / "hub").exists()


def test_the_card_says_what_the_run_wrote_down_and_leaves_the_licence_open() -> None:
    metrics = {"kid_train": 0.0789, "fid_held_out": 83.9, "kid": 0.0789, "loss/generator": 1.6}
    watched = {"features": "EfficientNetLite0", "fakes": 1000}
    card = model_card(DRAWN["networks"], Provenance({**SUMMARY, "metrics": metrics}, (), watched))
    _, front, text = card.split("---\n", 2)
    assert "license" not in yaml.safe_load(front) and "license" in front
    assert "| images seen | 12,500 |" in text and "| photos trained on | 500 |" in text
    by = "EfficientNetLite0 of 1000 generated images against the"
    assert f"| KID | 0.0789 | {by} 500 train photos" in text
    assert f"| FID | 83.9 | {by} held out photos" in text
    assert "1.6" not in text and "trained on 500 photos" in text


def test_an_evaluation_comes_before_the_figures_of_the_training() -> None:
    score = {
        "metric": "kid", "value": 0.031, "low": 0.029, "high": 0.033, "split": "train",
        "photos": 500, "features": "inception", "fakes": 5000, "draws": 5,
    }  # fmt: skip
    summary = {**SUMMARY, "metrics": {"kid_train": 0.5}}
    card = model_card(DRAWN["networks"], Provenance(summary, (score,), {}))
    assert "| KID | 0.031 (0.029 to 0.033, 95 %) | inception of 5 x 5000 generated images" in card
    assert "against 500 train photos" in card and "0.5 " not in card


def test_what_nobody_measured_or_wrote_down_is_not_said() -> None:
    card = model_card(DRAWN["networks"], NOTHING)
    assert "Nothing is known of it" in card and "None was measured" in card
    assert "drawings by a program" in model_card(
        DRAWN["networks"], Provenance({"data": "drawn", "photos": 20000}, (), {})
    )


TRAINED_ON = {
    "_target_": "facade_gan.data.folder.FolderData",
    "root": "photos/street",
    "holdout": 0,
}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run's folder as training and evaluate leave it, with two checkpoints that are told apart.

    ``best.ckpt`` is of 5,000 images, ``last.ckpt`` of the 12,500 that the summary counts.
    """
    folder = tmp_path / "run"
    (folder / "checkpoints").mkdir(parents=True)
    plain = {key: DRAWN[key] for key in ("networks", "state_dict")}
    for name, seen in {"best": 5000, "last": 12500}.items():
        counted = {"global_step": seen // 10, "callbacks": {"Tally": {"images_seen": seen}}}
        torch.save(plain | counted, folder / "checkpoints" / f"{name}.ckpt")
    summary = {**SUMMARY, "start": "/home/me/start.ckpt", "metrics": {"kid_train": 0.0789}}
    (folder / "summary.json").write_text(json.dumps(summary))
    (folder / ".hydra").mkdir()
    OmegaConf.save({"data": TRAINED_ON}, folder / ".hydra" / "config.yaml")
    return folder


def exported_card(checkpoint: Path) -> str:
    """Export a checkpoint for a hub as a user does, beside its run, and read the card."""
    out = checkpoint.parents[2] / f"hub of {checkpoint.stem}"
    shutil.rmtree(out, ignore_errors=True)
    run_here("export", f"checkpoint='{checkpoint}'", f"out='{out}'")
    return (out / "README.md").read_text()


def test_the_figures_of_the_end_of_a_training_are_those_of_its_last_checkpoint(run: Path) -> None:
    last = exported_card(run / "checkpoints" / "last.ckpt")
    assert "| images seen | 12,500 |" in last and "| epochs | 25 |" in last and "0.0789" in last
    best = exported_card(run / "checkpoints" / "best.ckpt")
    assert "| images seen | 5,000 |" in best and "| photos trained on | 500 |" in best
    assert "epochs |" not in best and "0.0789" not in best and "None was measured" in best


def test_where_the_training_started_is_said_without_the_path(run: Path) -> None:
    assert "| start | start.ckpt |" in exported_card(run / "checkpoints" / "last.ckpt")


@pytest.mark.parametrize(
    ("these", "data", "photos"),
    [
        (True, {}, "40 train photos"),
        (None, {}, "40 photos of street"),
        (False, {"root": "/elsewhere/castles"}, "40 photos of castles"),
        (False, {"_target_": "facade_gan.data.procedural.ProceduralData", "root": None},
         "40 photos of ProceduralData"),
    ],
)  # fmt: skip
def test_only_the_photos_of_the_training_are_called_train_photos(
    run: Path, these: bool | None, data: dict[str, object], photos: str
) -> None:
    score = {
        "metric": "kid", "value": 0.031, "low": None, "high": None, "split": "train",
        "photos": 40, "features": "inception", "fakes": 50, "draws": 1,
    }  # fmt: skip
    judged = {"judged": "x/last.ckpt", "trained_on_these_photos": these}
    report = {**judged, "data": TRAINED_ON | data, "scores": [score]}
    (run / "evaluation.json").write_text(json.dumps(report))
    card = exported_card(run / "checkpoints" / "last.ckpt")
    assert f"inception of 1 x 50 generated images against {photos} |" in card


@pytest.mark.parametrize(("step", "is_said"), [(1250, True), (1000, False)])
def test_an_evaluation_from_before_the_run_went_on_is_left_out(
    run: Path, step: int, is_said: bool
) -> None:
    score = {
        "metric": "kid", "value": 0.031, "low": None, "high": None, "split": "train",
        "photos": 40, "features": "inception", "fakes": 50, "draws": 1,
    }  # fmt: skip
    report = {"judged": "x/last.ckpt", "step": step, "data": TRAINED_ON, "scores": [score]}
    (run / "evaluation.json").write_text(json.dumps(report))
    assert ("0.031" in exported_card(run / "checkpoints" / "last.ckpt")) == is_said


@pytest.mark.parametrize("content", ['{"judged": "last.ck', "[]", '{"judged": "last.ckpt"}'])
def test_half_an_evaluation_is_named_in_one_line(run: Path, content: str) -> None:
    (run / "evaluation.json").write_text(content)
    with pytest.raises(UserError, match=r"evaluation\.json: .*; evaluate again, or delete") as said:
        exported_card(run / "checkpoints" / "last.ckpt")
    assert "\n" not in str(said.value)
