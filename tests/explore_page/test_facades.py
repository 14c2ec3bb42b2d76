"""What the page shows, against the commands' own way to the same facades."""

import base64
import io
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import REPOSITORY, run_here
from omegaconf import DictConfig, OmegaConf
from PIL import Image
from torch import Tensor, nn

from facade_gan.checkpoints.locate import locate
from facade_gan.checkpoints.read import load_networks
from facade_gan.explore_page import markup
from facade_gan.explore_page.enlarge import enlarged, factor
from facade_gan.explore_page.facades import Facades
from facade_gan.explore_page.markup import texts
from facade_gan.explore_page.mixing import mixable_stages, mixing
from facade_gan.explore_page.settings import Settings, Wall
from facade_gan.exporting.provenance import is_relative
from facade_gan.latents.directions import moved, sefa
from facade_gan.latents.stages import last_layer
from facade_gan.latents.variety import shrunk
from facade_gan.networks.dcgan import DCGANDiscriminator, DCGANGenerator
from facade_gan.networks.lightweight import LightweightGenerator
from facade_gan.sampling import encode_png, generate_images, noises, to_uint8

G, D = load_networks("drawn")
FACADES = Facades(G, D, None, 8)


def close(a: Tensor, b: Tensor) -> bool:
    return bool((a.int() - b.int()).abs().max() <= 1)


def test_a_seed_is_the_first_facade_of_generate() -> None:
    expected = next(generate_images(G, 1, seed=17))[0]
    assert close(FACADES.picture(Settings(17)).image, expected)


def test_variety_and_directions_are_those_of_generate() -> None:
    settings = Settings(17, variety=0.6, steps=(0, 0, 2.0, 0, -1.5, 0, 0, 0))
    z = moved(next(noises(G.latent_dim, 17)), sefa(G), {3: 2.0, 5: -1.5})
    with torch.inference_mode():
        expected = to_uint8(shrunk(G, 0.6)(z[None]))[0]
    assert close(FACADES.picture(settings).image, expected)
    assert not close(FACADES.picture(Settings(17)).image, expected)


def test_the_slider_goes_from_one_to_the_other() -> None:
    a, b = FACADES.ends(Settings(3, 8))
    assert close(FACADES.picture(Settings(3, 8, 0.0)).image, a)
    assert close(FACADES.picture(Settings(3, 8, 1.0)).image, b)
    between = FACADES.picture(Settings(3, 8, 0.5)).image
    assert not close(between, a) and not close(between, b)


def test_the_wall_shows_its_seeds_by_what_d_says_of_them() -> None:
    wall = FACADES.wall(Wall(5), 1.0, 6)
    assert [seed for seed, _ in wall] == [5, 6, 7, 8, 9, 10]
    with torch.inference_mode():
        image = G(next(noises(G.latent_dim, 9))[None])
        assert wall[4][1].logit == pytest.approx(D(image).item(), abs=1e-3)
    best = FACADES.wall(Wall(5, "best"), 1.0, 6)
    assert [f.logit for _, f in best] == sorted((f.logit for _, f in wall), reverse=True)
    half, all_ = FACADES.wall(Wall(5, "half"), 1.0, 6), FACADES.wall(Wall(5), 1.0, 12)
    assert {seed for seed, _ in half} <= set(range(5, 17)) and len(half) == 6
    left_out = {s: f.logit for s, f in all_ if s not in dict(half)}
    assert min(f.logit for _, f in half) >= max(left_out.values()) - 1e-3


def test_the_wall_ends_with_the_last_seed_and_more_goes_no_further() -> None:
    last = 2**32 - 1
    assert [seed for seed, _ in FACADES.wall(Wall(last - 1), 1.0, 6)] == [last - 1, last]
    half = FACADES.wall(Wall(last - 3, "half"), 1.0, 6)
    assert len(half) == 2 and {seed for seed, _ in half} <= set(range(last - 3, last + 1))
    assert Wall(0).turned(1, 6) == Wall(6) and Wall(0, "half").turned(1, 6) == Wall(12, "half")
    assert Wall(4).turned(-1, 6) == Wall(0) and Wall(9).turned(-1, 6) == Wall(3)
    assert Wall(last - 6).turned(1, 6) == Wall(last)
    assert Wall(last - 5).turned(1, 6) == Wall(last - 5)


@pytest.mark.parametrize("loss", ["relativistic", "r1", "hinge", "bce"])
def test_a_number_is_called_a_photo_only_where_it_says_so(
    tmp_path: Path, composed: Callable[..., DictConfig], loss: str
) -> None:
    run, relative = tmp_path / "run", loss == "relativistic"
    shutil.copytree(REPOSITORY / "tests" / "legacy" / "checkpoints", run / "checkpoints")
    shutil.copy(REPOSITORY / "tests" / "legacy" / "summary.json", run)
    (run / ".hydra").mkdir()
    settings = {"loss": composed(f"loss={loss}").loss}
    OmegaConf.save(settings, run / ".hydra" / "config.yaml")
    for name in ("start.safetensors", "hub"):
        run_here("export", f"checkpoint='{run}'", f"out='{tmp_path / name}'")
        assert is_relative(locate(tmp_path / name)) == relative
    assert is_relative(locate(run)) == relative and not is_relative(locate("drawn"))
    facades = Facades(G, D, None, 8, is_relative(locate(run)))
    shown = markup.wall(facades.wall(Wall(), 1.0, 2), Wall(), 1.0, "mine")
    assert ("more is more like a photo" in shown) == relative
    assert ("takes it for a photo" in shown or "is generated" in shown) == (not relative)


def test_a_strip_goes_through_the_facade_as_it_is() -> None:
    strip = FACADES.strip(Settings(4), 2)
    assert len(strip) == 5
    assert close(strip[2], FACADES.picture(Settings(4)).image)


def test_a_strip_is_not_made_anew_where_nothing_changed_but_the_step_along_it() -> None:
    made: list[int] = []
    hook = G.register_forward_hook(lambda module, given, images: made.append(len(images)))
    settings = Settings(99, steps=(0, 1.5, 0, 0, 0, 0, 0, 0))
    for _ in range(2):
        for direction in range(1, 9):
            FACADES.strip(settings, direction)
    assert sum(made) == 8 * 5
    moved_on = replace(settings, steps=(0, -2.0, 0, 0, 0, 0, 0, 0))
    FACADES.strip(moved_on, 2)
    assert sum(made) == 8 * 5
    assert not torch.equal(FACADES.strip(moved_on, 1), FACADES.strip(settings, 1))
    hook.remove()


def settled(generator: nn.Module) -> nn.Module:
    """Bring the batch norms' statistics to what the first weights make of noise."""
    z = torch.stack(list(islice(noises(12, 0), 32)))
    with torch.no_grad():
        for _ in range(60):
            generator.train()(z)
    return generator.eval()


SMALL: dict[str, Any] = {"image_size": [48, 32], "latent_dim": 12}
torch.manual_seed(0)
GENERATORS = [
    settled(DCGANGenerator(**SMALL, channels=8)),
    settled(LightweightGenerator(**SMALL, channels=[16, 16, 8])),
]


def map_of(network: Any, stage: str, z: Tensor) -> Tensor:
    """What a stage makes of noise, channels as rows of pixels."""
    maps: list[Tensor] = []
    layer = last_layer(network.stages_by_name()[stage])
    hook = layer.register_forward_hook(lambda module, given, made: maps.append(made.flatten(2)))
    with torch.inference_mode():
        network(z)
    hook.remove()
    return maps[0]


@pytest.mark.parametrize("generator", GENERATORS, ids=lambda g: type(g).__name__)
def test_mixing_keeps_the_layout_and_takes_the_partners_statistics(generator: Any) -> None:
    z = torch.stack([next(noises(12, seed)) for seed in range(4)])
    assert mixable_stages(generator)
    for first in mixable_stages(generator):
        plain, mixed = map_of(generator, first, z), map_of(mixing(generator, first), first, z)
        partner = plain.roll(2, 0)
        torch.testing.assert_close(mixed.mean(2), partner.mean(2), atol=1e-4, rtol=1e-3)
        moving = (plain.std(2) > 1e-2) & (partner.std(2) > 1e-2)
        assert moving.any()
        torch.testing.assert_close(mixed.std(2)[moving], partner.std(2)[moving], atol=0, rtol=0.01)
        centred, layout = (maps - maps.mean(2, keepdim=True) for maps in (mixed, plain))
        same = nn.functional.cosine_similarity(centred, layout, dim=2)
        assert (same[moving] > 0.999).all()


def test_a_facade_mixed_with_itself_is_itself() -> None:
    mixed = FACADES.picture(Settings(3, 3, mix="map 1")).image
    assert (mixed.int() - FACADES.picture(Settings(3)).image.int()).abs().max() <= 3


def test_every_size_and_model_has_its_page() -> None:
    generator = GENERATORS[0]
    judge = DCGANDiscriminator([48, 32], channels=8, norm="batch", spectral=None).eval()
    facades = Facades(generator, judge, torch.eye(12)[:3], 4)  # type: ignore[arg-type]
    assert facades.limits.methods == {"file": 3, "sefa": 12, "pca": 12}
    assert facades.map_sizes() == {"base map": "6 x 4", "map 1": "12 x 8"}
    assert facades.picture(Settings(mix="map 1")).image.shape == (3, 48, 32)
    assert len(facades.wall(Wall(), 1.0, 5)) == 5


class Plain(nn.Module):
    latent_dim, image_size = 4, 32

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.ConvTranspose2d(4, 3, 32)

    def forward(self, z: Tensor) -> Tensor:
        return torch.tanh(self.layer(z))


def test_a_generator_that_names_no_stages_has_neither_mixing_nor_directions() -> None:
    facades = Facades(Plain(), D, None, 4)  # type: ignore[arg-type]
    assert facades.limits.stages == () and facades.limits.methods == {}
    assert "Plain names no stage" in facades.why_no_directions


def test_a_png_says_what_it_was_made_by() -> None:
    settings = Settings(3, 8, 0.25, variety=0.9)
    png = encode_png(FACADES.picture(settings).image, texts("mine", settings.query()))
    with Image.open(io.BytesIO(png)) as opened:
        assert opened.text["checkpoint"] == "mine"  # type: ignore[attr-defined]
        query = json.loads(opened.text["settings"])  # type: ignore[attr-defined]
    assert FACADES.limits.read(query)[0] == settings


def test_a_picture_of_the_wall_says_what_it_was_made_by() -> None:
    html = markup.wall(FACADES.wall(Wall(4), 0.7, 2), Wall(4), 0.7, "mine")
    pngs = re.findall(r"base64,([^\"]+)", html)
    assert len(pngs) == 2
    for seed, png in enumerate(pngs, 4):
        with Image.open(io.BytesIO(base64.b64decode(png))) as opened:
            query = json.loads(opened.text["settings"])  # type: ignore[attr-defined]
            image = torch.from_numpy(np.array(opened)).permute(2, 0, 1)
        settings = FACADES.limits.read(query)[0]
        assert settings == Settings(seed, variety=0.7)
        assert close(FACADES.picture(settings).image, image)


def test_the_two_ends_show_their_letters() -> None:
    html = markup.ends(*FACADES.ends(Settings(3, 8)))
    assert re.sub(r"<[^>]*>", "", html) == "AB"


def test_for_print_it_is_enlarged_by_a_whole_number() -> None:
    image = FACADES.picture(Settings(1)).image
    assert factor(64, 64) == 32 and factor(96, 64) == 22 and factor(4000, 3000) == 1
    large = enlarged(image)
    assert large.shape == (3, 2048, 2048)
    back = nn.functional.avg_pool2d(large.float(), 32)
    assert (back - image.float()).abs().mean() < 6
