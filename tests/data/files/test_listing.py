import os
import socket
import tempfile
from pathlib import Path

import pytest

from facade_gan.data.files.listing import A_RUN, THUMBNAILS, files_below, with_slashes
from facade_gan.data.photoset import LeftOut


def names(root: Path) -> list[str]:
    files, left_out = files_below(root, root)
    assert left_out == []
    return [file.name for file in files]


def touch(path: Path, data: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_files_are_found_at_every_depth_in_one_order(tmp_path: Path) -> None:
    for name in ("b.jpg", "a/z.jpg", "a/b/c/d.jpg", "ä/1.jpg", "A.jpg"):
        touch(tmp_path / name)
    assert names(tmp_path) == ["A.jpg", "a/b/c/d.jpg", "a/z.jpg", "b.jpg", "ä/1.jpg"]


def test_names_that_start_with_a_dot_are_passed_over(tmp_path: Path) -> None:
    for name in (".hidden.jpg", "._a.jpg", ".git/b.jpg", "c.jpg"):
        touch(tmp_path / name)
    assert names(tmp_path) == ["c.jpg"]


def test_what_systems_keep_beside_photos_is_passed_over(tmp_path: Path) -> None:
    for folder in ("@eaDir", "#recycle", "__MACOSX", "$RECYCLE.BIN"):
        touch(tmp_path / "album" / folder / "b.jpg")
    for name in ("Thumbs.db", "desktop.ini", "album/c.jpg"):
        touch(tmp_path / name)
    assert names(tmp_path) == ["album/c.jpg"]


def test_runs_inside_the_folder_are_left_out_by_name(tmp_path: Path) -> None:
    touch(tmp_path / "photo.jpg")
    for left in ("a/.hydra/config.yaml", "a/grids/0001.png", "a/progress.png",
                 "b/checkpoints/last.ckpt", "b/progress.png"):  # fmt: skip
        touch(tmp_path / "outputs" / "train" / left)
    touch(tmp_path / "checkpoints" / "gate.jpg")  # of a street, say
    files, left_out = files_below(tmp_path, tmp_path)
    assert [file.name for file in files] == ["checkpoints/gate.jpg", "photo.jpg"]
    assert left_out == [LeftOut(f"outputs/train/{run}/", A_RUN) for run in "ab"]
    run = tmp_path / "outputs" / "train" / "a"  # named itself, it is looked into
    assert names(run / "grids") == ["0001.png"]
    assert len(names(run)) == 2


def test_a_folder_of_thumbnails_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    touch(tmp_path / "photo.jpg")
    touch(tmp_path / "album" / "Thumbs" / "photo.jpg")
    files, left_out = files_below(tmp_path, tmp_path)
    assert [file.name for file in files] == ["photo.jpg"]
    assert left_out == [LeftOut("album/Thumbs/", THUMBNAILS)]


def test_links_that_lead_round_in_circles_end(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "photo.jpg")
    (tmp_path / "a" / "self").symlink_to(".")
    (tmp_path / "a" / "up").symlink_to("..")
    (tmp_path / "b").symlink_to("a")
    assert names(tmp_path) == ["a/photo.jpg"]


def test_a_folder_elsewhere_is_followed(tmp_path: Path) -> None:
    touch(tmp_path / "elsewhere" / "photo.jpg")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path / "elsewhere")
    assert names(tmp_path / "root") == ["link/photo.jpg"]


def test_broken_links_pipes_and_sockets_are_left_out_by_name(tmp_path: Path) -> None:
    touch(tmp_path / "good.jpg")
    (tmp_path / "dangling.jpg").symlink_to("nowhere")
    (tmp_path / "circle.jpg").symlink_to("circle.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as connection:
        connection.bind(f"{short}/s")  # a socket's path must be short
        (tmp_path / "socket.jpg").symlink_to(f"{short}/s")
        files, left_out = files_below(tmp_path, tmp_path)
    assert [file.name for file in files] == ["good.jpg"]
    assert sorted(left_out, key=lambda entry: entry.name) == [
        LeftOut("circle.jpg", "a link that leads back to itself"),
        LeftOut("dangling.jpg", "vanished, or a link to nothing"),
        LeftOut("pipe.jpg", "not a regular file"),
        LeftOut("socket.jpg", "not a regular file"),
    ]


def test_a_folder_that_cannot_be_opened_is_left_out_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path / "good.jpg")
    touch(tmp_path / "closed" / "photo.jpg")
    scandir = os.scandir

    def refuse(path: str):
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)  # chmod wouldn't stop root
    files, left_out = files_below(tmp_path, tmp_path)
    assert [file.name for file in files] == ["good.jpg"]
    assert left_out == [LeftOut("closed/", "no permission to read it")]


def test_a_path_longer_than_the_system_allows_is_left_out_and_the_rest_is_found(
    tmp_path: Path,
) -> None:
    touch(tmp_path / "good.jpg")
    here = os.open(tmp_path, os.O_RDONLY)
    try:
        for _ in range(25):  # 25 x 200 characters: over 4096
            os.mkdir("d" * 200, dir_fd=here)  # a path can't be that long
            below = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
    finally:
        os.close(here)
    files, left_out = files_below(tmp_path, tmp_path)
    assert [file.name for file in files] == ["good.jpg"]
    assert [entry.reason for entry in left_out] == ["its path is too long"]


def test_names_that_no_terminal_shows_are_escaped(tmp_path: Path) -> None:
    for name in (b"latin-\xe9.jpg", b"line\nbreak.jpg", b"\x1b[31m.jpg", "正面.jpg".encode()):
        Path(os.fsdecode(bytes(tmp_path) + b"/" + name)).write_bytes(b"x")
    assert sorted(names(tmp_path)) == sorted(
        ["latin-\\udce9.jpg", "line\\nbreak.jpg", "\\x1b[31m.jpg", "正面.jpg"]
    )


def test_windows_paths_have_the_order_of_the_others() -> None:
    paths = ["2023\\z.jpg", "2023Z.jpg", "2023-5\\a.jpg"]
    shown = [with_slashes(path, "\\") for path in paths]
    assert sorted(shown) == ["2023-5/a.jpg", "2023/z.jpg", "2023Z.jpg"]
    assert with_slashes("a\\b/c") == ("a\\b/c" if os.sep == "/" else "a/b/c")


def test_what_is_listed_of_a_file_changes_with_its_bytes(tmp_path: Path) -> None:
    path = touch(tmp_path / "a.jpg", b"one")
    before, _ = files_below(tmp_path, tmp_path)
    status = path.stat()
    path.write_bytes(b"two")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))  # same size, same time
    after, _ = files_below(tmp_path, tmp_path)
    assert before != after
