"""A trained generator from Python: ``facade_gan.load``."""

import runpy
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import REPOSITORY, run_command
from PIL import Image

import facade_gan
from facade_gan.checkpoints.locate import locate
from facade_gan.errors import UserError


def test_importing_the_package_takes_less_than_a_tenth_of_a_second() -> None:
    code = (
        "import sys, time\n"
        "start = time.process_time()\n"
        "import facade_gan\n"
        "assert time.process_time() - start < 0.1\n"
        "assert not {'torch', 'numpy', 'hydra'} & set(sys.modules)\n"
    )
    done = run_command("-c", code)
    assert done.returncode == 0, done.stderr


def test_samples_are_pictures_that_count_and_seed_decide() -> None:
    generator = facade_gan.load("drawn", device="cpu")
    images = generator.sample(5, seed=3)
    assert images.shape == (5, 64, 64, 3) and images.dtype == np.uint8
    again = generator.sample(3, seed=3)
    assert np.abs(images[:3].astype(int) - again).max() <= 1
    assert not np.array_equal(images, generator.sample(5, seed=4))
    # Facades are neither one colour nor noise: neighbours are alike, a whole image is not.
    assert images.std((1, 2)).mean() > 10
    steps = np.abs(np.diff(images.astype(int), axis=2)).mean()
    assert steps < images.astype(int).std((1, 2, 3)).mean()


def test_calling_it_maps_noise_to_images_with_gradients() -> None:
    generator = facade_gan.load("drawn", device="cpu")
    z = generator.noise(2, seed=0).requires_grad_()
    images = generator(z)
    assert images.shape == (2, 3, 64, 64)
    assert images.min() >= -1 and images.max() <= 1
    images.mean().backward()
    assert z.grad is not None and z.grad.abs().sum() > 0
    flat = generator(z.flatten(1))
    torch.testing.assert_close(flat, images)
    pictures = generator.images(z).astype(int)
    assert np.abs(pictures - generator.sample(2, seed=0)).max() <= 1


def test_a_run_its_checkpoint_and_its_export_are_the_same_generator(
    tiny_run: tuple[Path, str], tmp_path: Path
) -> None:
    exported = tmp_path / "new" / "own.safetensors"
    done = run_command("-m", "facade_gan.export", f"checkpoint='{tiny_run[0]}'", f"out={exported}")
    assert done.returncode == 0, done.stderr
    checkpoint = tiny_run[0] / "checkpoints" / "last.ckpt"
    of_folder, of_file, of_export = (
        facade_gan.load(source, device="cpu").sample(4, seed=1).astype(int)
        for source in (tiny_run[0], str(checkpoint), exported)
    )
    assert np.array_equal(of_folder, of_file)
    assert np.abs(of_folder - of_export).max() <= 2  # float16 weights


def test_what_can_not_be_found_is_one_line(tmp_path: Path) -> None:
    there = r"no such checkpoint; these weights come .*: drawn64, drawn128"
    with pytest.raises(UserError, match=there):
        facade_gan.load("drawn65")
    with pytest.raises(UserError, match=r"no checkpoints/last\.ckpt; name a run's folder"):
        facade_gan.load(tmp_path)


def test_a_run_of_the_name_of_shipped_weights_is_the_one_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert locate("drawn") == locate("drawn64") == locate(str(locate("drawn")))
    (tmp_path / "drawn" / "checkpoints").mkdir(parents=True)
    shutil.copy(REPOSITORY / "train.py", tmp_path / "drawn" / "checkpoints" / "last.ckpt")
    assert locate("drawn") == Path("drawn/checkpoints/last.ckpt")


def test_the_example_runs_and_leaves_its_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = REPOSITORY / "docs" / "use_generator.py"
    assert len([line for line in script.read_text().splitlines() if line.strip()]) <= 15
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(script), run_name="__main__")
    facade, between = (
        np.array(Image.open(tmp_path / name)).astype(int) for name in ("facade.png", "between.png")
    )
    assert facade.shape == (64, 64, 3) and between.shape == (64, 8 * 64, 3)
    assert np.abs(between[:, :64] - facade).max() <= 1
