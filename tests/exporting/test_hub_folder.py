"""The folder for a model hub: loaded as a checkpoint, and what its card says."""

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

import facade_gan
from facade_gan.checkpoints.locate import locate
from facade_gan.checkpoints.read import load_networks, read_checkpoint
from facade_gan.errors import UserError
from facade_gan.exporting.hub_folder import write_hub_folder
from facade_gan.exporting.model_card import Provenance, model_card

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
