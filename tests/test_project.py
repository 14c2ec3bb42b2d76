"""``facade-gan project`` as a user runs it."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import contrasty_generator, run_here
from PIL import Image

from facade_gan.checkpoints.rebuild import describe_network
from facade_gan.commandline.config import composed
from facade_gan.errors import UserError
from facade_gan.latents.projection import Projector
from facade_gan.networks import DCGANDiscriminator
from facade_gan.project import projector, read_photos, verdict

QUICK = ("own=4", "candidates=64", "steps=50")


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``whole.ckpt``, and ``half.ckpt`` that lacks the discriminator."""
    networks = {
        "generator": contrasty_generator(),
        "discriminator": DCGANDiscriminator(32, 8, "none", None),
    }
    named = {"generator": "ema.average.", "discriminator": "discriminator."}
    folder = tmp_path_factory.mktemp("checkpoints")
    for file, roles in (("whole", list(networks)), ("half", ["generator"])):
        weights = {
            f"{named[role]}{k}": v for role in roles for k, v in networks[role].state_dict().items()
        }
        described = {role: describe_network(networks[role]) for role in roles}
        torch.save({"networks": described, "state_dict": weights}, folder / f"{file}.ckpt")
    return folder


def test_own_images_of_a_folder_are_found_and_generated_again_from_the_file(
    checkpoints: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, folder = f"checkpoint={checkpoints}/whole.ckpt", tmp_path / "photos"
    run_here("generate", whole, "count=2", "seed=9", f"out={folder}")
    Image.effect_noise((50, 40), 90).convert("RGB").save(folder / "noise.png")
    (folder / "notes.txt").write_text("no photo")
    run_here("project", whole, f"photo={folder}", f"out={tmp_path}/out", "maps=true", *QUICK)
    assert "left out: notes.txt" in capsys.readouterr().out

    report = json.loads((tmp_path / "out" / "projection.json").read_text())
    photos = {row["photo"]: row for row in report["photos"]}
    assert photos["000000.png"]["verdict"].startswith("found")
    assert photos["000000.png"]["error"] < 0.1 * report["between_two_random_facades"]
    assert not photos["noise.png"]["verdict"].startswith("found")
    assert photos["noise.png"]["error_with_free_maps"] < photos["noise.png"]["error"]
    with Image.open(tmp_path / "out" / "projection.png") as shown:
        left, top = 2 * 196, 22 + 192 + 22  # result of the second photo, six times as large
        assert shown.size == (3 * 196 + 192, 22 + 3 * (192 + 22))
        result = shown.crop((left, top, left + 192, top + 192)).resize((32, 32), 0)

    latents = f"latents={tmp_path}/out/latents.npz"
    run_here("generate", whole, latents, "count=3", f"out={tmp_path}/again.npz")
    with Image.open(folder / "000000.png") as opened:
        first = np.asarray(opened).astype(int)
    images = np.load(tmp_path / "again.npz")["images"]
    assert np.array_equal(np.asarray(result), images[1])
    assert abs(images[0] - first).mean() == pytest.approx(photos["000000.png"]["error"])


def test_a_name_that_the_font_lacks_letters_of_is_the_number_of_its_row(
    checkpoints: Path, tmp_path: Path
) -> None:
    whole = f"checkpoint={checkpoints}/whole.ckpt"
    pages = {}
    for name in ("a.png", "фасад.png", "立面.png"):
        folder = tmp_path / f"photos {len(pages)}"
        run_here("generate", whole, "count=1", f"out='{folder}'")
        (folder / "000000.png").rename(folder / name)
        out = tmp_path / f"out {len(pages)}"
        run_here("project", whole, f"photo='{folder}'", f"out='{out}'", *QUICK[:2], "steps=1")
        (row,) = json.loads((out / "projection.json").read_text())["photos"]
        assert (row["row"], row["photo"]) == (1, name)
        with Image.open(out / "projection.png") as page:
            pages[name] = np.asarray(page.crop((0, page.height - 22, 192, page.height)))
    assert pages["a.png"].min() < 128  # there are letters
    assert np.array_equal(
        pages["фасад.png"], pages["立面.png"]
    )  # the same words, and not as many boxes
    assert not np.array_equal(pages["a.png"], pages["立面.png"])


def test_what_was_found_is_on_disk_before_the_maps_are_freed(
    checkpoints: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Projector, "with_free_maps", interrupted)
    whole, photo = f"checkpoint={checkpoints}/whole.ckpt", tmp_path / "photo" / "000000.png"
    run_here("generate", whole, "count=1", f"out={photo.parent}")
    with pytest.raises(KeyboardInterrupt):
        run_here("project", whole, f"photo={photo}", f"out={tmp_path}/out", "maps=true", *QUICK)
    names = {"projection.png", "projection.json", "latents.npz"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    assert np.load(tmp_path / "out" / "latents.npz")["latents"].shape == (1, 8)


def test_weights_without_a_discriminator_compare_pixels_and_say_so(
    checkpoints: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pixels = projector(composed("project", f"checkpoint={checkpoints}/half.ckpt"))
    assert len(pixels.maps(torch.zeros(1, 3, 32, 32))) == 1
    said = capsys.readouterr().out
    assert "by pixels alone" in said and "holds no discriminator" in said
    assert said.count("\n") == 1
    whole = projector(composed("project", f"checkpoint={checkpoints}/whole.ckpt"))
    assert len(whole.maps(torch.zeros(1, 3, 32, 32))) == 4


def test_what_is_no_photo_and_no_number_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.jpg").write_text("no photo")
    for path, said in {"empty": "an empty folder", "text.jpg": "not an image"}.items():
        with pytest.raises(UserError, match=f"photo=.*{path}: no photo .*{said}"):
            read_photos(tmp_path / path, 32)
    for setting, said in {
        f"photo={tmp_path}/none.jpg": "photo=.*none.jpg: there is no such file or folder",
        "steps=0": "steps=0: must be 1 or more",
        "starts=2001": "starts=2001: more than candidates=2000",
        "rate=-1": "rate=-1: must be a number above 0",
    }.items():
        with pytest.raises(UserError, match=said):
            run_here("project", f"photo={tmp_path}", setting)


def test_verdicts_set_an_error_beside_own_images_and_random_ones() -> None:
    own = torch.tensor([0.5, 1.0, 3.0])
    assert verdict(3.0, own, 20).startswith("found")
    assert verdict(3.1, own, 20).startswith("a look-alike")
    assert verdict(3.1, own, 40).startswith("found")  # below a tenth
    assert verdict(41, own, 40).startswith("not found")
    assert verdict(1.0, own, 9.9).startswith("unknown")  # the median is over a tenth
