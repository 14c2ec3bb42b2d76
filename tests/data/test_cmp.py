import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import server
import torch
from conftest import TINY_DATA
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from PIL import Image
from server import Site

from facade_gan.data.cmp import CMPData
from facade_gan.data.files.download import Downloader
from facade_gan.errors import UserError
from facade_gan.shard import write_shards

REPOSITORY = Path(__file__).parents[2]
SHARED = REPOSITORY.parent / "shared" / "cmp"


def picture(kind: str, colour: tuple[int, int, int] = (1, 2, 3)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(file, kind)
    return file.getvalue()


def archive(part: str, letter: str, count: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as content:
        content.writestr("readme.txt", "about")
        for i in range(count):
            content.writestr(f"{part}/cmp_{letter}{i:04}.jpg", picture("JPEG", (20 * i, 0, 0)))
            content.writestr(f"{part}/cmp_{letter}{i:04}.png", picture("PNG"))
            content.writestr(f"{part}/cmp_{letter}{i:04}.xml", "<object/>")
    return file.getvalue()


BASE, EXTENDED = "/CMP_facade_DB_base.zip", "/CMP_facade_DB_extended.zip"


@pytest.fixture
def site() -> Iterator[Site]:
    files = {BASE: archive("base", "b", 3), EXTENDED: archive("extended", "x", 2)}
    with server.running(Site(files)) as site:
        yield site


def data(root: Path, url: str, **options: Any) -> CMPData:
    folder = {"fit": "crop", "strict": True, "cache_dir": str(root.parent / "cache")}
    downloader = Downloader(attempts=2, pause=0.01, timeout=1)
    return CMPData(url, downloader, root=str(root), **(TINY_DATA | folder | options))


NAMES = ["base/cmp_b0000.jpg", "base/cmp_b0001.jpg", "base/cmp_b0002.jpg",
         "extended/cmp_x0000.jpg", "extended/cmp_x0001.jpg"]  # fmt: skip


def visible(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir() if not path.name.startswith("."))


def test_a_root_that_is_not_there_is_downloaded_and_its_photos_used(
    tmp_path: Path, site: Site
) -> None:
    source = data(tmp_path / "cmp", site.url)
    source.prepare_data()
    source.setup()
    assert source.train.names == NAMES
    assert source.train.photos.shape == (5, 3, 32, 32)
    assert visible(tmp_path / "cmp") == ["base", "extended", "sha256.json"]
    data(tmp_path / "cmp", site.url).prepare_data()
    assert len(site.requests) == 2


def test_a_root_with_photos_is_used_as_it_is_and_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "cmp" / "base").mkdir(parents=True)
    (tmp_path / "cmp" / "base" / "cmp_b0001.jpg").write_bytes(picture("JPEG"))
    (tmp_path / "cmp" / "base" / "cmp_b0001.png").write_bytes(picture("PNG"))
    source = data(tmp_path / "cmp", "http://127.0.0.1:9")
    source.prepare_data()
    assert source.load().names == ["base/cmp_b0001.jpg"]
    assert [path.name for path in (tmp_path / "cmp").iterdir()] == ["base"]


def test_a_set_that_is_whole_is_not_written_to(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    data(tmp_path / "cmp", site.url).prepare_data()
    assert (tmp_path / "cmp" / "sha256.json").exists()

    def on_a_disk_to_read_only(path: Path) -> None:
        raise PermissionError("Permission denied")

    monkeypatch.setattr("facade_gan.data.cmp.FileLock", on_a_disk_to_read_only)
    again = data(tmp_path / "cmp", site.url)
    again.prepare_data()
    assert again.load().names == NAMES


@pytest.mark.parametrize("fails", [1, 2])
def test_a_run_that_died_between_the_archives_is_completed_by_the_next(
    tmp_path: Path, site: Site, fails: int
) -> None:
    site.troubles = [server.serve] * (fails - 1) + [server.status(404)]
    with pytest.raises(UserError, match="answers 404"):
        data(tmp_path / "cmp", site.url).prepare_data()
    source = data(tmp_path / "cmp", site.url)
    source.prepare_data()
    assert source.load().names == NAMES


@pytest.mark.parametrize("begun", [False, True])
def test_shards_are_made_of_the_whole_set_whatever_was_downloaded_before(
    tmp_path: Path, site: Site, begun: bool
) -> None:
    pytest.importorskip("litdata", reason="the extra shards is not installed")
    if begun:
        site.troubles = [server.serve, server.status(404)]
        with pytest.raises(UserError, match="answers 404"):
            data(tmp_path / "cmp", site.url).prepare_data()
    contents = write_shards(data(tmp_path / "cmp", site.url), tmp_path / "out", 2**20)
    assert contents["photos"] == len(NAMES)
    assert len(site.requests) == (3 if begun else 2)


def test_leftovers_of_a_killed_run_are_not_taken_for_photos(tmp_path: Path, site: Site) -> None:
    root = tmp_path / "cmp"
    (root / ".base" / "base").mkdir(parents=True)
    (root / ".base" / "base" / "half.jpg").write_bytes(b"half")
    (root / "CMP_facade_DB_base.zip.part").write_bytes(b"PK half")
    source = data(root, site.url)
    source.prepare_data()
    assert source.load().names == NAMES


def test_an_archive_brought_by_hand_is_unpacked(tmp_path: Path, site: Site) -> None:
    root = tmp_path / "cmp"
    root.mkdir()
    for name, content in site.files.items():
        (root / name.strip("/")).write_bytes(content)
    source = data(root, "http://127.0.0.1:9")
    source.prepare_data()
    assert source.load().names == NAMES


def test_a_truncated_archive_is_refused_by_name(tmp_path: Path, site: Site) -> None:
    site.files[BASE] = site.files[BASE][:-500]
    with pytest.raises(UserError, match=r"^CMP_facade_DB_base\.zip.* is no whole zip archive"):
        data(tmp_path / "cmp", site.url).prepare_data()
    assert visible(tmp_path / "cmp") == []


def test_an_archive_of_something_else_is_refused(tmp_path: Path, site: Site) -> None:
    site.files[BASE] = archive("elsewhere", "b", 3)
    with pytest.raises(UserError, match=r"holds no base/\*\.jpg"):
        data(tmp_path / "cmp", site.url).prepare_data()


def test_an_archive_that_differs_from_the_first_download_is_refused(
    tmp_path: Path, site: Site
) -> None:
    data(tmp_path / "cmp", site.url).prepare_data()
    (tmp_path / "cmp" / "base").rename(tmp_path / "gone")
    site.files[BASE] = archive("base", "b", 2)
    with pytest.raises(UserError, match="not the file of the first download"):
        data(tmp_path / "cmp", site.url).prepare_data()


def test_a_root_that_cannot_be_filled_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="can't be filled"):
        data(tmp_path / "file" / "cmp", "http://127.0.0.1:9").prepare_data()


@pytest.mark.parametrize("name", ["cmp", "folder"])
def test_the_configuration_builds_the_source(tmp_path: Path, name: str) -> None:
    given = ["+image_size=32", "+batch_size=4", "+seed=1", "+compute.steps_per_call=2"]
    with initialize_config_dir(str(REPOSITORY / "conf"), version_base=None):
        config = compose(f"data/{name}", overrides=[*given, f"data.root={tmp_path}"])
    source = instantiate(config.data)
    assert source.root == tmp_path
    assert (source.image_size, source.batch_size, source.steps_per_call) == (32, 4, 2)


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"no photos in {SHARED}")
def test_shared_photos_are_all_used(tmp_path: Path) -> None:
    for part in ("base", "extended"):
        (tmp_path / "cmp" / part).mkdir(parents=True)
        for path in sorted((SHARED / part).iterdir())[:40]:  # 20 photos and their label maps
            (tmp_path / "cmp" / part / path.name).symlink_to(path)
    source = data(tmp_path / "cmp", "http://127.0.0.1:9")
    source.prepare_data()
    source.setup()
    assert len(source.train) == 40
    assert source.train.photos.dtype == torch.uint8
    assert 60 < source.train.photos.float().mean() < 180
