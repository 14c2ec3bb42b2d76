import runpy
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import run_command
from PIL import Image
from torch import Tensor

from facade_gan.checkpoints.read import load_generator
from facade_gan.checkpoints.rebuild import describe_network
from facade_gan.errors import UserError
from facade_gan.networks import LightweightGenerator
from facade_gan.sampling import (
    generate_images,
    grid,
    noises,
    save_images,
    save_png,
    to_uint8,
)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint with the parts that drawing needs, as training saves them."""
    torch.manual_seed(0)
    generator = LightweightGenerator(32, 10, [8, 8, 8, 8])
    path = tmp_path_factory.mktemp("checkpoint") / "last.ckpt"
    torch.save(
        {
            "networks": {"generator": describe_network(generator)},
            "state_dict": {f"ema.average.{k}": v for k, v in generator.state_dict().items()},
        },
        path,
    )
    return path


def drawn(checkpoint: Path, count: int, seed: int = 0, batch_size: int = 64) -> Tensor:
    return torch.cat(list(generate_images(load_generator(checkpoint), count, seed, batch_size)))


@pytest.mark.parametrize("batch_size", [1, 3, 10, 100])
def test_the_batch_size_changes_no_image(checkpoint: Path, batch_size: int) -> None:
    expected = drawn(checkpoint, 10).int()
    images = drawn(checkpoint, 10, batch_size=batch_size).int()
    assert images.shape == (10, 3, 32, 32)
    # The networks' float sums may round differently in batches of another size.
    assert (images - expected).abs().max() <= 1
    assert (images != expected).float().mean() < 0.001


def test_a_longer_set_begins_with_the_shorter_and_another_seed_shares_nothing(
    checkpoint: Path,
) -> None:
    assert (drawn(checkpoint, 9, batch_size=3)[:6] == drawn(checkpoint, 6, batch_size=3)).all()
    assert not (drawn(checkpoint, 6, seed=1) == drawn(checkpoint, 6)).flatten(1).all(1).any()


def test_the_images_are_the_averaged_generators(checkpoint: Path) -> None:
    z = noises(10, seed=4)
    noise = torch.stack([next(z) for _ in range(5)])
    with torch.no_grad():
        expected = to_uint8(load_generator(checkpoint)(noise))
    assert (drawn(checkpoint, 5, seed=4).int() - expected.int()).abs().max() <= 1


def test_noise_is_standard_normal() -> None:
    z = noises(100, seed=0)
    values = torch.stack([next(z) for _ in range(1000)])
    assert values.shape == (1000, 100, 1, 1)
    assert values.mean().item() == pytest.approx(0, abs=0.02)
    assert values.std().item() == pytest.approx(1, abs=0.02)


def batches(images: Tensor, size: int = 4) -> Iterator[Tensor]:
    return iter(images.split(size))


def some_images(count: int) -> Tensor:
    return torch.randint(0, 256, (count, 3, 8, 8), dtype=torch.uint8)


def test_a_png_is_one_grid(tmp_path: Path) -> None:
    images = some_images(10)
    save_images(batches(images), 10, tmp_path / "new" / "grid.png")
    picture = torch.from_numpy(np.array(Image.open(tmp_path / "new" / "grid.png")))
    assert torch.equal(picture.permute(2, 0, 1), grid(images))


def test_an_npz_is_one_array_of_images(tmp_path: Path) -> None:
    images = some_images(10)
    save_images(batches(images), 10, tmp_path / "x.npz")
    with np.load(tmp_path / "x.npz", allow_pickle=False) as archive:
        assert archive.files == ["images"]
        assert archive["images"].dtype == np.uint8
        assert np.array_equal(archive["images"], images.permute(0, 2, 3, 1).numpy())
    assert [p.name for p in tmp_path.iterdir()] == ["x.npz"]


@pytest.mark.parametrize("name", ["singly", "with.a.dot"])
def test_a_folder_gets_a_png_an_image(tmp_path: Path, name: str) -> None:
    images, folder = some_images(10), tmp_path / name
    if "." in name:
        folder.mkdir()
    save_images(batches(images), 10, folder)
    paths = sorted(folder.iterdir())
    assert [p.name for p in paths] == [f"{i:06d}.png" for i in range(10)]
    for path, image in zip(paths, images, strict=True):
        assert np.array_equal(np.array(Image.open(path)), image.permute(1, 2, 0).numpy())


def test_a_folder_never_mixes_two_sets(tmp_path: Path) -> None:
    save_images(batches(some_images(10)), 10, tmp_path)
    with pytest.raises(UserError, match=r"holds 000004\.png of more images: name a new folder"):
        save_images(batches(some_images(4)), 4, tmp_path)
    save_images(batches(some_images(12)), 12, tmp_path)
    assert len(list(tmp_path.iterdir())) == 12


def test_a_folder_with_images_that_facade_gan_did_not_write_is_left_alone(tmp_path: Path) -> None:
    for _ in range(2):  # the very same command again is no mistake
        save_images(batches(some_images(4)), 4, tmp_path)
    for number, texts in ((2, None), (2, {"index": "1"}), (7, None)):
        mine = tmp_path / f"{number:06d}.png"
        save_png(some_images(1)[0], mine, texts)
        before = mine.read_bytes()
        with pytest.raises(UserError, match=f"holds {mine.name}, which facade-gan didn't"):
            save_images(batches(some_images(4)), 4, tmp_path)
        assert mine.read_bytes() == before
        mine.unlink()
    save_png(some_images(1)[0], tmp_path / "00000a.png")  # no name of an image of a set
    save_images(batches(some_images(4)), 4, tmp_path)


@pytest.mark.parametrize("out", ["folder", "x.npz"])
def test_any_number_is_written_batch_by_batch(tmp_path: Path, out: str) -> None:
    alive = []

    def counted() -> Iterator[Tensor]:
        for _ in range(20):
            batch = some_images(4)
            alive.append(weakref.ref(batch))
            yield batch
            del batch
            assert sum(ref() is not None for ref in alive) <= 2

    save_images(counted(), 80, tmp_path / out)
    assert len(alive) == 20


@pytest.mark.parametrize("out", ["x.jpg", "x.npy", "file/x.png", "file/folder", "file/x.npz"])
def test_where_nothing_can_be_written_the_message_names_it(tmp_path: Path, out: str) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match=f"^out=.*{out}: "):
        save_images(batches(some_images(4)), 4, tmp_path / out)


def test_the_command_draws_and_leaves_nothing_else(checkpoint: Path, tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "sys.argv = ['generate', 'checkpoint=%s', 'count=5', 'seed=2', 'out=facades.npz']\n"
        "import runpy\n"
        "runpy.run_module('facade_gan.generate', run_name='__main__', alter_sys=True)\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "assert not loaded & {'lightning', 'torchvision', 'tensorboard', 'matplotlib'}, loaded\n"
    )
    done = run_command("-c", code % checkpoint, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "5 facades generated: facades.npz\n"
    assert [p.name for p in tmp_path.iterdir()] == ["facades.npz"]
    images = torch.from_numpy(np.load(tmp_path / "facades.npz")["images"]).permute(0, 3, 1, 2)
    assert (images.int() - drawn(checkpoint, 5, seed=2).int()).abs().max() <= 1


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("count=0", "count=0: must be 1 or more"),
        ("count=many", "count=many: must be a whole number"),
        ("seed=-1", "seed=-1: must be a whole number from 0 on"),
        ("device=tpu", "device=tpu: must be auto, cpu, cuda or mps"),
        ("checkpoint=no/where.ckpt", "no/where.ckpt: no such checkpoint"),
        ("checkpoint=drawn65", "drawn65: no such checkpoint; these weights come with the project"),
    ],
)
def test_a_mistake_is_one_line(
    checkpoint: Path,
    override: str,
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["generate", f"checkpoint={checkpoint}", override])
    with pytest.raises(SystemExit) as exit_:
        runpy.run_module("facade_gan.generate", run_name="__main__", alter_sys=True)
    assert exit_.value.code == 2
    assert capsys.readouterr().err.startswith(f"error: {message}")
    assert not list(tmp_path.iterdir())


def test_without_a_checkpoint_the_shipped_weights_generate(tmp_path: Path) -> None:
    done = run_command("-m", "facade_gan.generate", "count=4", "out=x.png", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["x.png"]
    picture = np.array(Image.open(tmp_path / "x.png"))
    assert picture.shape == (2 * 64 + 6, 2 * 64 + 6, 3) and picture.std() > 20


def test_what_was_generated_can_be_had_again_from_its_latents(tmp_path: Path) -> None:
    command = ("-m", "facade_gan.generate", "variety=0.8", "best_of=2", "direction.3=2.0")
    done = run_command(*command, "count=3", "out=a.npz", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    again = ("-m", "facade_gan.generate", "latents=a.npz", "out=b")
    done = run_command(*again, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for i, image in enumerate(np.load(tmp_path / "a.npz")["images"]):
        with Image.open(tmp_path / "b" / f"{i:06d}.png") as png:
            assert np.abs(np.array(png).astype(int) - image).max() <= 1
            assert (png.text["seed"], png.text["index"]) == ("0", str(i))
            assert '"latents": "a.npz"' in png.text["settings"]
