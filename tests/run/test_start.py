"""Where a run starts: the weights that come with the project, and those of other runs."""

import logging
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from conftest import TINY, run_command
from hydra.core.hydra_config import HydraConfig
from hydra.utils import instantiate
from omegaconf import DictConfig
from torch.nn import functional as F

from facade_gan.checkpoints import starting_weights
from facade_gan.data.batches import normalise
from facade_gan.errors import UserError
from facade_gan.gan import GAN
from facade_gan.run.init_from import images_seen, start_from
from facade_gan.run.start import must_be_the_same_source
from facade_gan.shape_grammar.facade import draw_facade

Compose = Callable[..., DictConfig]


@pytest.fixture(autouse=True)
def noise() -> None:
    """Have the fixed noises be the same whatever ran before."""
    torch.manual_seed(0)


def gan(composed: Compose, *overrides: str) -> GAN:
    return instantiate(composed(*overrides).gan, _convert_="all")


def test_the_shipped_weights_draw_facades_of_as_many_colours_as_photos_have(
    composed: Compose,
) -> None:
    module = gan(composed)
    start_from("drawn", module)
    with torch.no_grad():
        images = module.ema.average(module.fixed_noise)
    assert images.shape == (64, 3, 64, 64)
    # Contrast inside an image, and between the mean colours of images: noise has neither.
    assert 0.2 < images.std((1, 2, 3)).mean() < 0.8
    assert images.mean((2, 3)).std(0).min() > 0.1


def test_generator_and_average_start_alike_and_the_discriminator_tells_new_drawings_from_its(
    composed: Compose,
) -> None:
    module = gan(composed)
    start_from("drawn", module)
    own, average = module.generator.state_dict(), module.ema.average.state_dict()
    assert all(torch.equal(own[name], average[name]) for name in own)
    with torch.no_grad():
        unseen = torch.stack([torch.from_numpy(draw_facade(10**6 + i, 64)) for i in range(64)])
        real = module.discriminator(normalise(unseen.permute(0, 3, 1, 2)))
        fake = module.discriminator(module.ema.average(module.fixed_noise))
    assert real.mean() > fake.mean() + 0.5


def test_the_shipped_weights_are_small_and_say_how_they_were_made() -> None:
    path = starting_weights.shipped(64)
    assert path.stat().st_size < 11e6
    recipe = starting_weights.load(path)["recipe"]
    assert recipe["data"] == "drawn"
    assert recipe["images_seen"] >= 50_000


def test_the_images_that_a_start_of_weights_had_seen_are_counted_too() -> None:
    assert images_seen({"recipe": {"images_seen": 5, "start_images_seen": 7}}) == 12
    assert images_seen({"recipe": {"images_seen": 5, "start_images_seen": None}}) is None
    assert images_seen({"recipe": {}}) is None


@pytest.mark.parametrize(
    ("counts", "made_by", "seen"),
    [
        ({"images_seen": 5, "images_before": 7}, "drawn", 12),
        ({"images_seen": 5, "images_before": None}, "drawn", None),
        ({"images_seen": 5}, None, 5),  # of an older version, from noise
        ({"images_seen": 5}, "drawn", None),  # and from weights that may be others by now
    ],
)
def test_the_images_that_a_start_s_own_start_had_seen_are_counted_too(
    counts: dict[str, int | None], made_by: str | None, seen: int | None
) -> None:
    checkpoint = {"callbacks": {"Tally": counts}, "hyper_parameters": {"init_from": made_by}}
    assert images_seen(checkpoint) == seen


def test_another_architecture_gets_one_line_that_says_what_differs(composed: Compose) -> None:
    with pytest.raises(UserError, match=r"init_from=drawn: another generator .*DCGANGenerator"):
        start_from("drawn", gan(composed, "model=dcgan"))


def test_tall_facades_start_as_the_square_ones_stretched(composed: Compose) -> None:
    square, tall = gan(composed), gan(composed, "image_size=[96,64]")
    start_from("drawn", square)
    start_from("drawn", tall)
    z = square.fixed_noise[:32]
    with torch.no_grad():
        stretched = F.interpolate(tall.generator.eval()(z), (64, 64), mode="area")
        images = square.generator.eval()(z)
    both = torch.stack([images.flatten(1), stretched.flatten(1)])
    own = [torch.corrcoef(pair)[0, 1] for pair in both.transpose(0, 1)]
    others = [torch.corrcoef(pair)[0, 1] for pair in torch.stack([both[0], both[1].roll(1, 0)], 1)]
    assert torch.stack(own).mean() > 0.6
    assert torch.stack(own).mean() > torch.stack(others).mean() + 0.3


@pytest.mark.parametrize(
    ("size", "of_g", "of_d"),
    [
        (
            "[96,64]",
            "taken map 1, map 2, map 3, map 4, gate of map 3, gate of map 4, image from map 4; "
            "stretched base map",
            "taken map 3 from image, map 2, map 1, map 0; stretched logit",
        ),
        (
            "128",
            "taken base map, map 1, map 2, map 3, map 4, gate of map 3, gate of map 4; "
            "new map 5, gate of map 5, image from map 5",
            "taken map 2, map 1, map 0, logit; new map 4 from image, map 3",
        ),
    ],
)
def test_another_size_starts_from_the_stages_that_fit_and_says_which(
    composed: Compose, caplog: pytest.LogCaptureFixture, size: str, of_g: str, of_d: str
) -> None:
    with caplog.at_level(logging.INFO):
        start_from("drawn64", gan(composed, f"image_size={size}"))
    assert f"init_from=drawn64, generator: {of_g}" in caplog.messages
    assert f"init_from=drawn64, discriminator: {of_d}" in caplog.messages


@pytest.mark.parametrize("size", [64, 128, 256])
def test_drawn_is_the_start_of_the_run_s_own_size_where_there_is_one(
    composed: Compose, caplog: pytest.LogCaptureFixture, size: int
) -> None:
    with caplog.at_level(logging.INFO):
        start_from("drawn", gan(composed, f"image_size={size}"))
    assert caplog.messages == []  # whole networks, not stages of others


def test_a_discriminator_that_compares_images_starts_from_one_that_does_not(
    composed: Compose, caplog: pytest.LogCaptureFixture
) -> None:
    module = gan(composed, "image_size=64", "model.discriminator.deviation_group=8")
    with caplog.at_level(logging.INFO):
        start_from("drawn", module)
    (said,) = (m for m in caplog.messages if "init_from=drawn, discriminator: taken" in m)
    assert said.endswith("logit; new deviation")
    assert module.discriminator.deviation.weight == 0


def test_an_exported_run_is_a_start_for_another(tiny_run: tuple[Path, str], tmp_path: Path) -> None:
    checkpoint, out = tiny_run[0] / "checkpoints" / "last.ckpt", tmp_path / "start.safetensors"
    done = run_command("-m", "facade_gan.export", f"checkpoint='{checkpoint}'", f"out={out}")
    assert done.returncode == 0, done.stderr
    assert out.is_file() and str(out) in done.stdout
    run = tmp_path / "run"
    done = run_command(
        "train.py",
        *TINY,
        "data.count=16",
        f"data.cache_dir={tmp_path}/cache",
        "trainer.max_epochs=1",
        f"init_from={out}",
        f"hydra.run.dir={run}",
    )
    assert done.returncode == 0, done.stderr
    before = torch.load(checkpoint, weights_only=True)["state_dict"]
    after = torch.load(run / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]
    name = "generator.to_rgb.weight"
    start = before[f"ema.average.{name.removeprefix('generator.')}"]
    # Some steps further, and not somewhere else.
    assert 0 < (after[name] - start).abs().max() < 0.05


def test_photos_of_another_source_have_to_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"data._target_": "facade_gan.data.folder.FolderData", "data.root": "/photos"}
    here = {"data._target_": "facade_gan.data.procedural.ProceduralData"}
    command = SimpleNamespace(overrides=SimpleNamespace(task=["data.count=10"]))
    monkeypatch.setattr(HydraConfig, "get", lambda: command)
    with pytest.raises(UserError, match=r"FolderData of /photos, of which this command says"):
        must_be_the_same_source("ckpt_path=last", there, here)
    must_be_the_same_source("ckpt_path=last", there, there)
    command.overrides.task = ["data=drawn"]
    must_be_the_same_source("ckpt_path=last", there, here)
