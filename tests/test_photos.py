"""``facade-gan photos`` and training on a folder as it comes from a phone."""

import csv
import shutil
from pathlib import Path

import numpy as np
import phone_photos
import pytest
import zoo
from conftest import TINY, run_command
from PIL import Image
from test_colour_profile import profile

from facade_gan.data.description import COLUMNS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phone") / "DCIM"
    phone_photos.make(folder, 16, profile("Display P3"))
    return folder


def must_describe(said: str) -> None:
    kinds = "8 HEIC, 8 JPEG" if zoo.has_heic_encoder() else "16 JPEG"
    assert all(len(line) <= COLUMNS or "/" in line for line in said.splitlines())
    said = " ".join(said.split())
    assert kinds in said
    assert "2 PNG" in said
    assert "2 of the photos are copies of others" in said
    assert "2 seem to be screenshots by their names" in said
    assert "1 a video, not an image (IMG_0016.MOV)" in said


def test_a_look_at_the_set_says_all_of_it_and_shows_it(folder: Path, tmp_path: Path) -> None:
    done = run_command(
        "-m",
        "facade_gan.photos",
        f"data.root='{folder}'",
        f"data.cache_dir={tmp_path}/cache",
        f"out={tmp_path}/sheet.png",
    )
    assert done.returncode == 0, done.stderr
    must_describe(done.stdout)
    assert "left out: IMG_0016.MOV: a video, not an image" in done.stdout
    assert "16 different photos: 64 more to make 80 are advised" in done.stdout
    assert "init_from=drawn" in done.stdout
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (5 * 66 + 2, 4 * 66 + 2)
        assert np.asarray(sheet).std() > 30


def test_the_sheet_of_a_folder_is_no_photo_of_it(folder: Path, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    shutil.copy(next(folder.glob("*.JPG")), photos)
    said = [
        run_command(
            "-m",
            "facade_gan.photos",
            f"data.root='{photos}'",
            f"data.cache_dir={tmp_path}/cache",
            f"out='{photos}/photos.png'",
        ).stdout
        for _ in range(2)
    ]
    assert "1 of 1 as the networks see them" in " ".join(said[1].split())
    assert "left out: photos.png: a figure of facade-gan, not a photo" in said[1]


def test_a_look_at_the_first_photos_alone(folder: Path, tmp_path: Path) -> None:
    done = run_command(
        "-m",
        "facade_gan.photos",
        f"data.root='{folder}'",
        f"data.cache_dir={tmp_path}/cache",
        "data.limit=4",
        f"out={tmp_path}/sheet.png",
    )
    assert done.returncode == 0, done.stderr
    assert "4 of 4 as the networks see them" in " ".join(done.stdout.split())


def test_a_phones_folder_trains_and_the_run_lists_what_was_left_out(
    folder: Path, tmp_path: Path
) -> None:
    done = run_command(
        "train.py",
        "data=folder",
        f"data.root='{folder}'",
        f"data.cache_dir={tmp_path}/cache",
        *TINY,
        "data.holdout=4",
        "trainer.max_epochs=1",
        f"hydra.run.dir='{tmp_path}/run'",
    )
    assert done.returncode == 0, done.stderr
    must_describe(done.stdout + done.stderr)
    printed = " ".join((done.stdout + done.stderr).split())
    assert f"all of them: {tmp_path}/run/left_out.csv" in printed
    with (tmp_path / "run" / "left_out.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["file", "reason"],
            ["IMG_0016.MOV", "a video, not an image"],
        ]
