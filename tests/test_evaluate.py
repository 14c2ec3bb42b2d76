import json
import runpy
import shutil
import sys

import numpy as np
import pytest
import torch
from hydra import compose, initialize
from hydra.utils import instantiate
from omegaconf import OmegaConf
from PIL import Image

from facade_gan.checkpoints.locate import run_of
from facade_gan.data.files.decode import decode
from facade_gan.data.files.fit import squash
from facade_gan.data.photoset import UnusablePhoto
from facade_gan.errors import UserError
from facade_gan.evaluate import check_split, run
from facade_gan.metrics.estimates import estimate
from facade_gan.metrics.features import Extractor
from facade_gan.metrics.image_sets import sets_of_files
from facade_gan.metrics.quality import Score
from facade_gan.networks import DCGANGenerator
from facade_gan.run.trained_on import photos_of


class MeanColour(Extractor):
    name = "mean-colour"

    def forward(self, images):
        pixels = images.float().flatten(2) / 255
        return torch.cat([pixels.mean(2), pixels.std(2)], 1)


@pytest.fixture
def checkpoint(tmp_path):
    generator = DCGANGenerator(32, 4, 4)
    weights = {f"ema.average.{k}": v for k, v in generator.state_dict().items()}
    description = {"name": "DCGANGenerator", "arguments": generator.arguments}
    path = tmp_path / "run" / "checkpoints" / "last.ckpt"
    path.parent.mkdir(parents=True)
    torch.save({"networks": {"generator": description}, "state_dict": weights}, path)
    return path


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    generator = torch.Generator().manual_seed(0)
    for number in range(12):
        pixels = torch.randint(0, 256, (40, 40, 3), generator=generator, dtype=torch.uint8)
        Image.fromarray(pixels.numpy()).save(folder / f"{number:02}.png")
    return folder


@pytest.fixture
def configure(checkpoint, photos, tmp_path):
    def configured(*overrides):
        with initialize(config_path="../conf", version_base="1.3"):
            return compose(
                "evaluate",
                [
                    f"checkpoint={checkpoint}",
                    "data=folder",
                    f"data.root={photos}",
                    f"data.cache_dir={tmp_path}/cache",
                    f"cache_dir={tmp_path}/cache",
                    f"features._target_={__name__}.MeanColour",
                    "fakes=10",
                    "device=cpu",
                    *overrides,
                ],
            )

    return configured


def test_scores_land_on_screen_and_beside_the_checkpoint(configure, checkpoint, capsys):
    run(configure("data.holdout=4", "draws=3"))
    report = json.loads((checkpoint.parent.parent / "evaluation.json").read_text())
    scores = report["scores"]
    assert [(s["metric"], s["split"], s["photos"]) for s in scores] == [
        ("kid", "train", 8),
        ("kid", "held_out", 4),
        ("fid", "train", 8),
        ("fid", "held_out", 4),
    ]
    for score in scores:
        assert (score["features"], score["fakes"], score["draws"]) == ("mean-colour", 10, 3)
        assert score["low"] < score["value"] < score["high"]
    shown = capsys.readouterr().out
    assert f"{scores[1]['value']:.4f}" in shown
    assert "features: mean-colour; 3 sets of 10 generated images" in shown
    assert f"{report['kid_of_train_photos_against_held_out']:.4f}" in shown


def test_the_seed_decides_the_figures(configure, tmp_path):
    def figures(*overrides):
        run(configure(f"out={tmp_path}/x.json", "draws=2", *overrides))
        return [s["value"] for s in json.loads((tmp_path / "x.json").read_text())["scores"]]

    assert figures() == figures()
    assert figures() != figures("seed=7")


def test_without_held_out_photos_only_the_training_photos_judge(configure, tmp_path):
    run(configure(f"out={tmp_path}/x.json", "draws=1"))
    report = json.loads((tmp_path / "x.json").read_text())
    assert {s["split"] for s in report["scores"]} == {"train"}
    assert all(s["low"] is None for s in report["scores"])


def test_the_interval_is_students_over_the_draws():
    scores = tuple(Score("kid", value, "train", "f", 10, 8) for value in (0.1, 0.2, 0.3, 0.4, 0.5))
    found = estimate(scores)
    # t(0.975; 4) = 2.776 from a printed table; s = 0.15811, n = 5
    half = 2.776 * 0.15811 / 5**0.5
    assert found.value == pytest.approx(0.3)
    assert (found.low, found.high) == pytest.approx((0.3 - half, 0.3 + half), abs=1e-4)


def test_images_of_any_origin_are_judged(configure, tmp_path, photos, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    images = np.random.default_rng(0).integers(0, 256, (10, 32, 32, 3), dtype=np.uint8)
    np.savez(tmp_path / "images.npz", images=images)
    other = ("checkpoint=null", "draws=2", "fakes=4", "neighbours=true")
    run(configure(*other, f"images={tmp_path}/images.npz"))
    report = json.loads((tmp_path / "evaluation.json").read_text())
    assert (report["image_size"], report["scores"][0]["draws"]) == (32, 2)
    assert report["scores"][0]["fakes"] == 4
    with pytest.raises(UnusablePhoto, match="a figure of facade-gan"):  # where photos may be
        decode(tmp_path / "neighbours.png", 32, squash, rectify=False)
    assert report["copies"] in capsys.readouterr().out
    run(configure(*other, f"images={photos}", "image_size=32", "fakes=100"))
    report = json.loads((tmp_path / "evaluation.json").read_text())
    assert (report["scores"][0]["draws"], report["scores"][0]["fakes"]) == (1, 12)
    assert report["copies"].startswith("Look for copies: 12 of 12 ")  # they are the photos


def test_images_that_cannot_be_read_are_named(photos, caplog):
    (photos / "broken.png").write_bytes((photos / "00.png").read_bytes()[:100])
    (found,) = sets_of_files(photos, 32, draws=1, fakes=100)
    assert found.shape == (12, 3, 32, 32)
    said = " ".join(caplog.text.split())
    assert "Left out 1 of 13 files in" in said
    assert "broken.png" in said
    for file in photos.glob("[01]*.png"):
        file.unlink()
    with pytest.raises(UserError, match=r"images=.*photos: no photo among its 1 files: .*broken"):
        sets_of_files(photos, 32, draws=1, fakes=100)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["checkpoint=null"], "name checkpoint="),
        (["images=x"], "name checkpoint="),
        (["checkpoint=null", "images=nowhere"], "no such folder"),
        (["checkpoint=null", "images=nowhere.npz"], "no .npz with an array"),
        (["checkpoint=null", "images=array.npz"], "no .npz with an array.*as .npy files are"),
        (["checkpoint=null", "images=empty.npz"], "no .npz with an array"),
    ],
)
def test_what_cannot_be_judged_is_said(configure, overrides, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save(tmp_path / "array.npy", np.zeros((4, 32, 32, 3), np.uint8))
    (tmp_path / "array.npy").rename(tmp_path / "array.npz")
    (tmp_path / "empty.npz").touch()
    with pytest.raises(UserError, match=message):
        run(configure(*overrides))


def test_another_split_than_the_runs_is_refused(configure, checkpoint):
    kept = checkpoint.parent.parent / ".hydra" / "config.yaml"
    kept.parent.mkdir()
    config = configure("data.holdout=4", "draws=1")
    OmegaConf.save(OmegaConf.create({"data": {**config.data, "holdout": 2}}), kept)
    with pytest.raises(UserError, match=r"data\.holdout=4.*trained with 2"):
        run(config)
    OmegaConf.save(OmegaConf.create({"data": dict(config.data)}), kept)
    run(config)


def test_held_out_photos_are_only_called_so_among_those_of_the_training(
    configure, checkpoint, photos, capsys
):
    config = configure("data.holdout=4", "draws=1")
    data = instantiate(config.data, image_size=32)
    data.setup()
    state = {"photos": {"count": 8, "digest": data.digest, "mirror": True}}
    plain = torch.load(checkpoint) | {"loops": {}}
    torch.save(plain | {"ShardData": state}, checkpoint)
    with pytest.raises(UserError, match="trained on photos of another source"):
        run(config)
    torch.save(plain | {"FolderData": state}, checkpoint)
    run(config)
    assert "warning" not in capsys.readouterr().out
    shutil.copy(photos / "00.png", photos / "00b.png")
    Image.new("RGB", (40, 40), "red").save(photos / data.train.names[0])
    with pytest.raises(UserError, match="trained on 8 photos, and now 9 are not held out"):
        run(config)
    (photos / "00b.png").unlink()
    run(config)
    assert "called held out may be ones it has seen" in capsys.readouterr().out


def trained_on(checkpoint, data, **more):
    """Let the checkpoint say that it was trained on the photos of ``data``."""
    photos = {"count": data.photo_count, "digest": data.digest, "mirror": True}
    plain = torch.load(checkpoint) | {"loops": {}, type(data).__qualname__: {"photos": photos}}
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    torch.save(plain | more, checkpoint)


def judged_by(config):
    """The photos that ``config`` names, set up."""
    data = instantiate(config.data, image_size=32)
    data.setup()
    return data


def test_photos_that_it_was_not_trained_on_give_figures_and_no_verdict_on_copies(
    configure, checkpoint, photos, capsys
):
    report_file = checkpoint.parent.parent / "evaluation.json"
    trained_on(checkpoint, judged_by(configure("data.limit=8")), global_step=40)
    run(configure("draws=1", "neighbours=true", "data.limit=8"))
    report = json.loads(report_file.read_text())
    assert (report["step"], report["trained_on_these_photos"]) == (40, True)
    assert report["warnings"] == []
    assert "warning" not in capsys.readouterr().out
    run(configure("draws=1", "neighbours=true"))
    report = json.loads(report_file.read_text())
    assert report["trained_on_these_photos"] is False
    assert report["copies"].startswith("Of these photos, not those of the training: ")
    (said,) = [line for line in capsys.readouterr().out.splitlines() if "warning" in line]
    assert said == f"warning: {report['warnings'][0]}"
    assert f"{checkpoint} was trained on 8 photos, which are not the 12 to judge by in" in said
    Image.new("RGB", (40, 40), "red").save(photos / "03.png")  # as many, but others
    run(configure("draws=1", "data.limit=8"))
    assert "was trained on 8 photos, which are not the 8 to judge by" in capsys.readouterr().out


def test_an_exported_file_says_which_photos_it_was_trained_on_as_far_as_its_run_did():
    assert photos_of({"recipe": {"photos": 12, "photos_digest": "ab"}}) == (12, "ab")
    assert photos_of({"recipe": {"photos": 12}}) == (12, None)
    assert photos_of({"recipe": {}}) == photos_of({}) == (None, None)


def test_drawings_are_not_taken_for_the_photos_of_a_run(configure, checkpoint, capsys, tmp_path):
    trained_on(checkpoint, judged_by(configure()))
    with initialize(config_path="../conf", version_base="1.3"):
        drawn = compose("evaluate", ["data.count=12", f"data.cache_dir={tmp_path}/cache"]).data
    config = configure("draws=1", "neighbours=true")
    config.data = OmegaConf.to_container(drawn) | {"image_size": 32, "seed": 0}
    run(config)
    said = capsys.readouterr().out
    assert "trained on 12 photos, which are not the 12 drawn facades to judge by" in said
    assert "No sign of copies" not in said


def test_a_run_begun_from_one_that_saw_the_held_out_photos_is_said_to_be(
    configure, checkpoint, tmp_path, capsys
):
    config = configure("data.holdout=4", "draws=1")
    trained_on(checkpoint, judged_by(config))
    start = tmp_path / "start" / "checkpoints" / "last.ckpt"
    start.parent.mkdir(parents=True)
    shutil.copy(checkpoint, start)

    def began_from(init_from):
        kept = checkpoint.parent.parent / ".hydra" / "config.yaml"
        kept.parent.mkdir(exist_ok=True)
        data = OmegaConf.to_container(config.data)
        OmegaConf.save(OmegaConf.create({"data": data, "init_from": init_from}), kept)
        run(config)
        return "warning" in capsys.readouterr().out

    assert not began_from(None)
    assert not began_from("drawn")
    assert not began_from(str(start))  # the same photos were held out of it
    assert began_from(str(tmp_path / "gone"))
    trained_on(start, judged_by(configure()))  # of all 12 photos
    assert began_from(str(start))
    report = json.loads((checkpoint.parent.parent / "evaluation.json").read_text())
    assert f"init_from={start}, which may have been trained on" in report["warnings"][0]


def test_shards_say_themselves_which_photos_are_held_out(configure, checkpoint, tmp_path):
    kept = checkpoint.parent.parent / ".hydra" / "config.yaml"
    kept.parent.mkdir()
    with initialize(config_path="../conf", version_base="1.3"):
        shards = compose("evaluate", ["data=shards", f"data.root={tmp_path}"]).data
    OmegaConf.save(OmegaConf.create({"data": {"root": str(tmp_path)}}), kept)
    check_split(shards, kept.parent.parent)


def test_a_checkpoint_outside_a_run_keeps_its_report_beside_it(tmp_path):
    assert run_of(tmp_path / "run" / "checkpoints" / "last.ckpt") == tmp_path / "run"
    assert run_of(tmp_path / "loose" / "some.ckpt") == tmp_path / "loose"


@pytest.mark.filterwarnings("ignore:.*found in sys.modules")
def test_a_missing_checkpoint_ends_in_one_line_and_status_2(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["evaluate", "checkpoint=nowhere.ckpt"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("facade_gan.evaluate", run_name="__main__")
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("error: nowhere.ckpt: no such checkpoint; ") and said.count("\n") == 1
