"""``facade-gan shard`` as a user runs it; what the shards hold is in ``data/test_shards.py``."""

import json
import shlex
from pathlib import Path

import pytest
from conftest import run_here
from filelock import FileLock
from PIL import Image

from facade_gan.commandline.config import composed
from facade_gan.commandline.folder_lock import LOCK
from facade_gan.errors import UserError
from facade_gan.shard import BEGUN

pytest.importorskip(
    "litdata", reason="the extra is not installed: pip install 'facade_gan[shards]'"
)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Four photos of one colour each."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(4):
        Image.new("RGB", (50, 40), (40 * i, 0, 0)).save(folder / f"{i}.png")
    return folder


def shard(photos: Path, out: Path, *settings: str) -> None:
    of = f"data.root='{photos}'"
    run_here("shard", "data=folder", of, f"out='{out}'", *("image_size=32", *settings))


def test_what_is_left_out_is_said_with_its_reasons(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.jpg", "b.jpg"):
        (photos / name).write_text("no photo")
    shard(photos, tmp_path / "out")
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith("4 photos to train on, 0 held out")
    assert f"Left out 2 of 6 files in {photos}: 2 text, not an image (a.jpg, b.jpg)" in said
    assert f"all of them: {tmp_path}/out/contents.json" in said
    contents = json.loads((tmp_path / "out" / "contents.json").read_text())
    assert list(contents["left_out"]) == ["a.jpg", "b.jpg"]


def test_a_set_without_a_photo_to_train_on_is_refused_with_the_reason(
    photos: Path, tmp_path: Path
) -> None:
    for i in range(4, 10):
        (photos / f"{i}.png").write_text("no photo")
    taken = r"data\.holdout=5 takes all 4 photos that can be used, .* Left out 6 of 10 files"
    with pytest.raises(UserError, match=taken):
        shard(photos, tmp_path / "out", "data.holdout=5")
    for i in range(4):
        (photos / f"{i}.png").write_text("no photo")
    with pytest.raises(UserError, match=r"no photo among its 10 files: 10 text, not an image \("):
        shard(photos, tmp_path / "other")


def test_two_commands_never_write_into_one_folder(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    (out / "train").mkdir(parents=True)
    for file in (BEGUN, "train/chunk-0-0.bin"):  # as the other one has them at work
        (out / file).write_text("")
    with FileLock(out / LOCK), pytest.raises(SystemExit):
        shard(photos, out)
    assert f"another process writes shards into {out}: wait" in capsys.readouterr().err
    assert (out / "train" / "chunk-0-0.bin").exists()
    shard(photos, out)  # the other one was killed
    assert json.loads((out / "contents.json").read_text())["photos"] == 4


def test_a_folder_of_something_else_is_not_even_locked(photos: Path) -> None:
    before = sorted(photos.iterdir())
    with pytest.raises(UserError, match="holds other files: name a new folder"):
        shard(photos, photos)
    assert sorted(photos.iterdir()) == before


@pytest.mark.parametrize("mirror", [True, False])
def test_the_command_that_is_printed_trains_on_the_shards_as_on_the_photos(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], mirror: bool
) -> None:
    out = tmp_path / "my shards, of $HOME"
    size = "image_size=[32,48]"
    shard(photos, out, size, f"data.mirror={str(mirror).lower()}")
    said = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("train: "))
    overrides = [word for word in shlex.split(said) if "=" in word]
    config = composed("train", *overrides)
    assert (config.data.root, config.data.mirror) == (str(out), mirror)
    assert (config.data._target_, list(config.image_size)) == (
        "facade_gan.data.shards.ShardData",
        [32, 48],
    )


@pytest.mark.parametrize(("size", "warned"), [(100, True), (96, False)])
def test_a_size_that_no_network_of_the_project_has_is_warned_of_at_the_start(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], size: int, warned: bool
) -> None:
    shard(photos, tmp_path / "out", f"image_size={size}")
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith(f"warning: image_size={size}: the networks double") == warned
    assert ("Only networks of your own" in said) == warned
