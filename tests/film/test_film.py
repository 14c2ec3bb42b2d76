"""Films, as a viewer gets them: read back picture by picture."""

import errno
import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageSequence
from torch import Tensor

from facade_gan.checkpoints.read import load_generator
from facade_gan.errors import UserError
from facade_gan.film.files import IMAGE_DESCRIPTION, save_film
from facade_gan.film.training import spread, write_grids, write_training
from facade_gan.film.walk import walk, write_walk
from facade_gan.sampling import noises, to_uint8

G = load_generator("drawn")


def noise(count: int) -> Tensor:
    return torch.stack(list(islice(noises(G.latent_dim, 7), count)))


def generated(z: Tensor) -> np.ndarray:
    with torch.inference_mode():
        return to_uint8(G(z)).permute(0, 2, 3, 1).numpy()


def read(film: Path) -> np.ndarray:
    """Decode all pictures of a film, uint8 (N, H, W, 3)."""
    if film.suffix != ".mp4":
        with Image.open(film) as image:
            pictures = [np.asarray(each.convert("RGB")) for each in ImageSequence.Iterator(image)]
        return np.stack(pictures)
    av = pytest.importorskip("av", reason="needs the extra `video`")
    with av.open(str(film)) as container:
        return np.stack([each.to_ndarray(format="rgb24") for each in container.decode(video=0)])


def film(path: Path, stations: Tensor, seconds: float = 0.4, enlarge: int = 1) -> str:
    return write_walk(
        G,
        stations,
        path,
        seconds=seconds,
        fps=25,
        enlarge=enlarge,
        resampling="nearest",
        texts={"seeds": "[7]"},
    )


@pytest.mark.parametrize("stations", [2, 4])
def test_the_last_picture_is_no_farther_from_the_first_than_others_are(stations: int) -> None:
    pictures = generated(walk(G, noise(stations), 50, 50)).reshape(50, -1).astype(float)
    steps = np.linalg.norm(np.roll(pictures, -1, 0) - pictures, axis=1)
    assert 0 < steps[-1] <= np.median(steps)
    assert stations == 2 or steps.max() < 1.3 * np.median(steps)  # an even pace


@pytest.mark.parametrize("ending", [".mp4", ".gif", ".webp"])
def test_a_film_holds_the_walk_and_begins_at_its_first_station(tmp_path: Path, ending: str) -> None:
    if ending == ".mp4":
        pytest.importorskip("av", reason="needs the extra `video`")
    said = film(tmp_path / f"walk{ending}", noise(2), enlarge=2)
    assert said == "10 pictures of 128x128 pixels, enlarged 2 times from 64x64 by nearest"
    pictures = read(tmp_path / f"walk{ending}").astype(float)
    expected = generated(walk(G, noise(2), 10, 50)).repeat(2, 1).repeat(2, 2)
    assert pictures.shape == expected.shape
    near = np.abs(pictures - expected).mean(axis=(1, 2, 3))
    others = np.abs(pictures - np.roll(expected, 5, 0)).mean(axis=(1, 2, 3))
    assert near.max() < 8 and (near < others / 2)[[0, 5]].all()
    assert [path.name for path in tmp_path.iterdir()] == [f"walk{ending}"]


def test_texts_and_times_are_inside(tmp_path: Path) -> None:
    pictures = [Image.new("RGB", (32, 16), (i * 60, 0, 0)) for i in range(4)]
    for ending in (".gif", ".webp"):
        save_film(pictures, tmp_path / f"x{ending}", 0.12, {"seed": "3"})
    with Image.open(tmp_path / "x.gif") as gif, Image.open(tmp_path / "x.webp") as webp:
        remarks = [gif.info["comment"].decode(), webp.getexif()[IMAGE_DESCRIPTION]]
        assert list(map(json.loads, remarks)) == [{"seed": "3"}] * 2
        assert gif.info["duration"] == 120 and gif.info["loop"] == webp.info["loop"] == 0
        webp.load()
        assert webp.info["duration"] == 120
    av = pytest.importorskip("av", reason="needs the extra `video`")
    save_film(pictures, tmp_path / "x.mp4", 0.12, {"seed": "3"})
    with av.open(str(tmp_path / "x.mp4")) as container:
        assert json.loads(container.metadata["comment"]) == {"seed": "3"}
        assert float(container.duration / av.time_base) == pytest.approx(4 * 0.12, abs=0.001)


@pytest.mark.parametrize("ending", [".mp4", ".gif", ".webp"])
@pytest.mark.parametrize("fps", [24, 30, 50])
def test_a_film_lasts_as_long_as_it_should(tmp_path: Path, ending: str, fps: int) -> None:
    if ending == ".mp4":
        pytest.importorskip("av", reason="needs the extra `video`")
    stripes = np.tile(np.array([[[0] * 3, [255] * 3]], np.uint8), (16, 8, 1))
    pictures = [Image.fromarray(np.roll(stripes, i, 1)) for i in range(2 * fps)]
    save_film(pictures, tmp_path / f"x{ending}", 1 / fps, {})
    if ending == ".mp4":
        with pytest.importorskip("av").open(str(tmp_path / "x.mp4")) as container:
            shown = [float(container.duration / 1e6 / len(pictures))] * len(pictures)
    else:
        with Image.open(tmp_path / f"x{ending}") as opened:
            shown = []
            for each in ImageSequence.Iterator(opened):
                each.load()
                shown.append(each.info["duration"] / 1000)
    assert sum(shown) == pytest.approx(2, abs=1 / fps / 2)
    assert min(shown) >= 0.02 and max(shown) < 1 / fps + 0.01


def test_what_is_no_film_or_fits_no_memory_is_refused_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"walk\.avi: name an \.mp4, a \.gif or a \.webp"):
        film(tmp_path / "walk.avi", noise(2))
    with pytest.raises(UserError, match=r"1500 pictures of 2048x2048 pixels are too many"):
        film(tmp_path / "walk.gif", noise(2), seconds=60, enlarge=32)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", [".mp4", ".gif", ".webp"])
def test_a_disk_that_takes_no_more_leaves_the_film_before(tmp_path: Path, ending: str) -> None:
    if ending == ".mp4":
        pytest.importorskip("av", reason="needs the extra `video`")
    resource = pytest.importorskip("resource", reason="Windows limits no files")
    out = tmp_path / f"x{ending}"
    out.write_bytes(b"before")
    noisy = np.random.default_rng(0).integers(0, 256, (4, 64, 64, 3), np.uint8)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(OSError) as caught:
            save_film(map(Image.fromarray, noisy), out, 0.1, {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.errno == errno.EFBIG
    assert out.read_bytes() == b"before" and list(tmp_path.iterdir()) == [out]


def grids(folder: Path, epochs: list[int], width: int = 67) -> list[Path]:
    """Write a plain grid for each epoch, its brightness the epoch, to 255."""
    folder.mkdir()
    paths = [folder / f"epoch_{epoch:04d}.png" for epoch in epochs]
    for epoch, path in zip(epochs, paths, strict=True):
        Image.new("RGB", (width, 50), (min(epoch, 255),) * 3).save(path)
    return paths


@pytest.mark.parametrize("ending", [".mp4", ".gif"])
def test_a_training_is_shown_grid_by_grid_and_its_end_stays(tmp_path: Path, ending: str) -> None:
    if ending == ".mp4":
        pytest.importorskip("av", reason="needs the extra `video`")
    grids(tmp_path / "grids", [1, 90, 10000])
    out = tmp_path / f"x{ending}"
    assert write_training(tmp_path, out, 6).startswith("3 of 3 grids, to epoch 10000, of ")
    shown = read(out)[:, -10, 20].mean(axis=1)
    assert np.abs(shown[:3] - [1, 90, 255]).max() < 6
    if ending == ".gif":
        with Image.open(out) as film:
            film.seek(2)
            assert film.info["duration"] == 4000  # its own two seconds, and two more


def test_a_large_grid_is_reduced_and_many_are_thinned_out(tmp_path: Path) -> None:
    paths = grids(tmp_path / "grids", list(range(1, 30)), width=400)
    chosen = spread(paths, 10)
    assert len(chosen) == 10 and (chosen[0], chosen[-1]) == (paths[0], paths[-1])
    width, height = write_grids(chosen, tmp_path / "x.webp", 1, largest=200)
    assert (width, height) == (200, 32) and read(tmp_path / "x.webp").shape[1:3] == (32, 200)


def test_a_folder_without_grids_and_a_damaged_grid_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no grids/epoch_\*\.png in there"):
        write_training(tmp_path, tmp_path / "x.gif", 2)
    first, second = grids(tmp_path / "grids", [1, 5])
    for copy in ("epoch_0001 (copy).png", "epoch_.png", "epoch_0001.png.png"):
        (tmp_path / "grids" / copy).write_bytes(first.read_bytes())
    assert write_training(tmp_path, tmp_path / "x.gif", 2).startswith("2 of 2 grids, to epoch 5, ")
    (tmp_path / "x.gif").unlink()
    second.write_bytes(b"no picture")
    with pytest.raises(UserError, match=r"epoch_0005\.png: can't be read"):
        write_training(tmp_path, tmp_path / "x.gif", 2)
    assert not (tmp_path / "x.gif").exists()
