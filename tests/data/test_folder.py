import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
import torch
import zoo
from PIL import Image
from three_photos import data, three_photos

from facade_gan.data.description import NAMES_SHOWN, what_is_left_out
from facade_gan.data.files import decode
from facade_gan.data.photoset import LeftOut
from facade_gan.errors import UserError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return three_photos(tmp_path / "photos")


def test_a_folder_becomes_one_tensor_with_names_in_order(root: Path) -> None:
    photos = data(root).load()
    assert photos.names == ["a.jpg", "b.png", "more/c.webp"]
    assert photos.photos.shape == (3, 3, 32, 32)
    assert photos.photos.dtype == torch.uint8
    assert photos.photos.is_contiguous()
    expected = torch.tensor([[200, 200, 200], [10, 20, 30], [0, 0, 255]], dtype=torch.uint8)
    assert torch.equal(photos.photos, expected[:, :, None, None].expand(3, 3, 32, 32))


def test_setup_serves_the_photos(root: Path) -> None:
    source = data(root, holdout=1)
    source.prepare_data()
    source.setup()
    assert len(source.train) == 2
    assert source.held_out is not None


def test_a_photo_that_vanishes_between_listing_and_reading_is_left_out(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = data(root)
    listed = source.list_files()
    (root / "a.jpg").unlink()
    monkeypatch.setattr(source, "list_files", lambda: listed)
    photos = source.load()
    assert photos.names == ["b.png", "more/c.webp"]
    assert photos.left_out == [LeftOut("a.jpg", "vanished, or a link to nothing")]
    assert data(root).load().left_out == []  # not believed by the next start


def test_one_line_says_what_is_left_out_and_why(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for i in range(7):
        (root / f"note{i}.txt").write_text("no photo")
    (root / "broken.jpg").symlink_to("nowhere")
    (root / "tiny.png").write_bytes(zoo.saved(Image.new("L", (1, 1)), "PNG"))
    with caplog.at_level(logging.WARNING):
        data(root).prepare_data()
    assert [" ".join(record.getMessage().split()) for record in caplog.records] == [
        f"Left out 9 of 12 files in {root}: "
        "7 text, not an image (note0.txt, note1.txt, note2.txt, note3.txt, note4.txt and 2 more); "
        "1 vanished, or a link to nothing (broken.jpg); 1 too small (tiny.png)"
    ]


def test_nothing_is_said_where_all_is_well(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    data(root).prepare_data()
    assert caplog.records == []


def test_strict_makes_a_file_left_out_an_error(root: Path) -> None:
    data(root, strict=True).load()
    (root / "note.txt").write_text("no photo")
    with pytest.raises(UserError, match=r"^Left out 1 of 4 files .*note\.txt.*strict=false"):
        data(root, strict=True).load()
    with pytest.raises(UserError):  # from the cache too
        data(root, strict=True).load()


def test_strict_minds_no_run_inside_the_folder(root: Path) -> None:
    (root / "outputs" / "train" / "now" / ".hydra").mkdir(parents=True)
    found = data(root, strict=True).load()
    assert len(found) == 3
    assert [entry.name for entry in found.left_out] == ["outputs/train/now/"]


def test_pieces_are_of_the_first_photos_by_name_and_as_strict(root: Path) -> None:
    source = data(root, limit=2, holdout=0)
    total, pieces = source.pieces()
    assert total == 2
    found = list(pieces)
    source.setup()
    assert sorted(name for piece in found for name in piece.names) == ["a.jpg", "b.png"]
    assert source.train.names == ["a.jpg", "b.png"]
    (root / "gone.png").symlink_to(root / "nowhere.png")
    with pytest.raises(UserError, match=r"Left out 1 of 4 files .*gone\.png"):
        list(data(root, strict=True).pieces()[1])


def test_no_file_to_hand_out_is_said_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "x.jpg").symlink_to("nowhere")
    with pytest.raises(UserError, match=r"no photo among its 1 files: 1 vanished.*\(x\.jpg\)"):
        data(tmp_path / "photos").pieces()


def mistakes(tmp_path: Path) -> dict[str, tuple[Path, dict[str, Any], str]]:
    (tmp_path / "empty" / "below").mkdir(parents=True)
    (tmp_path / "texts").mkdir()
    for i in range(3):
        (tmp_path / "texts" / f"{i}.txt").write_text("no photo")
    (tmp_path / "file").write_text("no folder")
    return {
        "no folder": (tmp_path / "absent", {}, r"^data\.root=.*absent: there is no such folder"),
        "a file": (tmp_path / "file", {}, r"^data\.root=.*file: there is no such folder"),
        "empty": (tmp_path / "empty", {}, r"^data\.root=.*empty is empty: put photos"),
        "no image": (tmp_path / "texts", {}, r"^data\.root=.*texts: no photo among its 3 files"),
        "unknown fit": (tmp_path / "empty", {"fit": "cropp"}, r"^data\.fit=cropp .*\(crop\?\)"),
    }


@pytest.mark.parametrize("name", ["no folder", "a file", "empty", "no image", "unknown fit"])
def test_a_mistake_is_one_line_that_says_what_and_where(tmp_path: Path, name: str) -> None:
    root, options, message = mistakes(tmp_path)[name]
    with pytest.raises(UserError, match=message) as error:
        data(root, **options).load()
    assert "\n" not in str(error.value)


def test_fewer_photos_than_a_batch_is_a_mistake(root: Path) -> None:
    with pytest.raises(UserError, match="fewer than a batch"):
        data(root, batch_size=4).setup()


def test_threads_keep_the_order_and_the_right_photo_under_each_name(tmp_path: Path) -> None:
    root = tmp_path / "photos"
    root.mkdir()
    for i in range(200):
        side = 300 if i % 7 == 0 else 40  # some take longer
        Image.new("RGB", (side, side), (i, 255 - i, 0)).save(root / f"{i:03}.png")
        if i % 5 == 0:
            (root / f"{i:03}.txt").write_text("no photo")
    photos = data(root).load()
    assert photos.names == [f"{i:03}.png" for i in range(200)]
    assert photos.photos[:, 0, 16, 16].tolist() == list(range(200))
    assert len(photos.left_out) == 40


def test_a_long_list_of_kinds_stays_one_line() -> None:
    left_out = [LeftOut(f"{i}.jpg", f"too small: {i} x {i} pixels") for i in range(1000)]
    line = what_is_left_out(left_out, 2000, Path("root"))
    assert line.startswith("Left out 1000 of 2000 files in root: 1000 too small (0.jpg, 1.jpg")
    assert line.endswith(f"and {1000 - NAMES_SHOWN} more)")
    assert len(line) < 200


READER = """
import os, sys
from pathlib import Path
from facade_gan.data.files.decode import decode
from facade_gan.data.files.fit import crop
from facade_gan.data.files.listing import files_below
from facade_gan.data.photoset import UnusablePhoto
root = Path(sys.argv[1])
decode(root / "open.png", 32, crop, rectify=False)  # all that Pillow imports late
os.setgroups([]); os.setgid(65534); os.setuid(65534)
files, left_out = files_below(root, root)
for file in files:
    try:
        decode(file.path, 32, crop, rectify=False)
        print(file.name, "used")
    except UnusablePhoto as reason:
        print(file.name, reason)
for entry in left_out:
    print(entry.name, entry.reason)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
def test_what_may_not_be_read_is_left_out_by_name() -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are closed to nobody
        root = Path(folder)
        root.chmod(0o755)
        (root / "closed").mkdir(mode=0o700)
        for name in ("open.png", "secret.png", "closed/photo.png"):
            Image.new("RGB", (40, 40)).save(root / name)
        (root / "secret.png").chmod(0o600)
        command = [sys.executable, "-c", READER, folder]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "open.png used",
        "secret.png no permission to read it",
        "closed/ no permission to read it",
    ]


def test_one_photo_that_fails_behind_its_decoding_is_left_out_and_the_rest_is_used(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(image: Any, profile: Any) -> None:
        if image.getpixel((20, 20)) == (10, 20, 30):
            raise TypeError("an odd tag")

    monkeypatch.setattr(decode, "to_srgb", failing)
    found = data(root).load()
    assert found.names == ["a.jpg", "more/c.webp"]
    assert found.left_out == [LeftOut("b.png", "damaged: an odd tag")]
