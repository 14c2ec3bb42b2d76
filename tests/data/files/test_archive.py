import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facade_gan.data.files import archive
from facade_gan.errors import UserError

GOOD = {"base/a.jpg": b"photo" * 1000, "base/ä.png": b"labels", "readme.txt": b""}


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as content:
        for name, data in files.items():
            content.writestr(name, data)
    return file.getvalue()


def entry(name: str, mode: int = 0, data: bytes = b"data") -> bytes:
    """A zip of one entry whose name and mode are written as they are."""
    file = io.BytesIO()
    info = zipfile.ZipInfo("x" * len(name.encode()))
    info.external_attr = mode << 16
    with zipfile.ZipFile(file, "w") as content:
        content.writestr(info, data)
    return file.getvalue().replace(info.filename.encode(), name.encode())


def below(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def refused(tmp_path: Path, data: bytes, message: str) -> None:
    """The archive is refused by name by `check` and `extract`, and nothing is written."""
    file = tmp_path / "a.zip"
    file.write_bytes(data)
    with pytest.raises(UserError, match=rf"^a\.zip .*{message}"):
        archive.check(file)
    with pytest.raises(UserError, match=rf"^a\.zip .*{message}"):
        archive.extract(file, tmp_path / "in" / "target")
    assert list(below(tmp_path)) == ["a.zip"]
    assert list((tmp_path / "in").iterdir()) == []


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_good_archive_is_unpacked_whole(tmp_path: Path, compression: int) -> None:
    (tmp_path / "a.zip").write_bytes(zipped(GOOD, compression))
    archive.check(tmp_path / "a.zip")
    archive.extract(tmp_path / "a.zip", tmp_path / "target")
    assert below(tmp_path / "target") == GOOD
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "target"]


@pytest.mark.parametrize(
    "name",
    ["../evil", "a/../../evil", "/etc/evil", "//evil", "..", "..\\evil", "C:/evil", "C:evil",
     "a/..", "\\evil"],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    refused(tmp_path, entry(name), "is refused: ")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_links_and_devices_are_refused(tmp_path: Path, kind: int) -> None:
    data = entry("innocent.jpg", kind | 0o777, b"/etc/passwd")
    refused(tmp_path, data, "'innocent.jpg' is a link or a device")


def test_a_nul_in_a_name_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, entry("a.jpg\0.txt"), "is refused: ")


def test_one_entry_that_unpacks_to_a_thousand_times_its_size_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, zipped({"bomb.jpg": bytes(50 * 2**20)}), "'bomb.jpg' unpacks to 50 MiB")


def test_too_much_in_total_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_BYTES", 2**20)
    files = {f"{i}": bytes(2**18) for i in range(5)}
    refused(tmp_path, zipped(files, zipfile.ZIP_STORED), "more than 1 MiB")


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_FILES", 10)
    refused(tmp_path, zipped({f"{i}": b"" for i in range(11)}), "it holds 11 files")


def test_a_lie_about_the_unpacked_size_writes_no_more_than_that(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": bytes(100_000)}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.index(signature) + offset, 10)
    refused(tmp_path, bytes(data), "is no whole zip archive")


@pytest.mark.parametrize("percent", [0, 1, 30, 60, 99])
def test_a_truncated_archive_is_refused(tmp_path: Path, percent: int) -> None:
    data = zipped(GOOD)
    refused(tmp_path, data[: len(data) * percent // 100], "is no whole zip archive")


def test_a_wrong_checksum_inside_is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped(GOOD, zipfile.ZIP_STORED))
    data[data.index(b"photo")] ^= 1
    refused(tmp_path, bytes(data), "is no whole zip archive .*CRC")


def test_an_html_page_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, b"<html>404</html>", "is no whole zip archive")


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": b"x"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    refused(tmp_path, bytes(data), "'a' is encrypted")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_that_collide_are_refused(tmp_path: Path) -> None:
    refused(tmp_path, zipped({"a.jpg": b"1", "A.JPG": b"2"}), "'A.JPG' is in it twice")
    refused(tmp_path, zipped({"a": b"1", "a/b": b"2"}), "both a file and a folder")
    refused(tmp_path, zipped({"a" * 300: b"1"}), "too long")


def test_an_unusual_packing_method_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, zipped({"a": b"x" * 999}, zipfile.ZIP_LZMA), "unusual method")


@settings(max_examples=200, deadline=None)
@given(
    changes=st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=6),
    length=st.integers(0, 100),
)
def test_any_damage_is_refused_in_words_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]], length: int
) -> None:
    folder = tmp_path_factory.mktemp("zip")
    data = bytearray(zipped({"base/a.jpg": bytes(range(100)), "readme": b"text"}))
    for position, byte in changes:
        data[position % len(data)] = byte
    (folder / "a.zip").write_bytes(data[: len(data) - length // 50])
    try:
        archive.extract(folder / "a.zip", folder / "in" / "target")
    except UserError as error:
        assert str(error).startswith("a.zip ")
        assert list((folder / "in").iterdir()) == []
    assert sorted(path.name for path in folder.iterdir()) == ["a.zip", "in"]
