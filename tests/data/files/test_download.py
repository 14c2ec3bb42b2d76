import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import server
from server import Site

from facade_gan.data.files.download import Downloader, is_loopback
from facade_gan.errors import UserError

BODY = bytes(range(256)) * 1200  # 300 kB: some chunks
SHA256 = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def site() -> Iterator[Site]:
    with server.running(Site({"/set.zip": BODY})) as site:
        yield site


def accept_all(path: Path) -> None:
    pass


def refuse_all(path: Path) -> None:
    raise UserError("set.zip is no zip")


class Target:
    """Where the file goes, and what lies there."""

    def __init__(self, folder: Path, url: str):
        self.folder, self.url = folder, url
        self.file, self.part = folder / "set.zip", folder / "set.zip.part"
        self.record = folder / "sha256.json"

    def fetch(self, check=accept_all, **options: float) -> None:
        downloader = Downloader(**({"attempts": 3, "pause": 0.01, "timeout": 0.3} | options))
        downloader.fetch(f"{self.url}/set.zip", self.file, check, self.record)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    def is_whole(self) -> bool:
        return self.file.read_bytes() == BODY and self.names() == ["set.zip", "sha256.json"]


@pytest.fixture
def target(tmp_path: Path, site: Site) -> Target:
    return Target(tmp_path, site.url)


def test_a_file_arrives_whole_and_its_checksum_is_noted(target: Target, site: Site) -> None:
    target.fetch()
    assert target.is_whole()
    assert json.loads(target.record.read_text()) == {"set.zip": SHA256}
    target.fetch()
    assert len(site.requests) == 1  # what is there isn't fetched again


@pytest.mark.parametrize(
    "trouble",
    [
        server.cut_after(0),
        server.cut_after(100_000),
        server.status(500),
        server.status(503),
        server.status(429),
        server.claim_length(len(BODY) + 5),
        server.no_length,
        server.stall,
        server.trickle,
        server.hang_up,
    ],
    ids=["cut at once", "cut", "500", "503", "429", "claims more", "no length", "stalls",
         "trickles", "hangs up"],
)  # fmt: skip
def test_one_trouble_costs_one_more_try(target: Target, site: Site, trouble) -> None:
    site.troubles = [trouble]
    target.fetch(slowest=10_000)
    assert target.is_whole()
    assert len(site.requests) == 2


def test_after_a_cut_only_the_rest_is_asked_for(target: Target, site: Site) -> None:
    site.troubles = [server.cut_after(100_000)]
    target.fetch()
    assert site.requests[1]["Range"] == "bytes=100000-"
    assert site.requests[1]["If-Range"] == '"v1"'


def test_a_later_run_resumes_what_an_earlier_one_left(target: Target, site: Site) -> None:
    site.troubles = [server.cut_after(100_000)] + [server.hang_up] * 3
    with pytest.raises(UserError):
        target.fetch()
    assert not target.file.exists()
    assert target.part.stat().st_size == 100_000
    target.fetch()
    assert target.is_whole()
    assert site.requests[-1]["Range"] == "bytes=100000-"


def test_a_file_that_changed_on_the_server_is_started_anew(target: Target, site: Site) -> None:
    site.files["/set.zip"] = bytes(len(BODY))
    site.troubles = [server.cut_after(100_000)] + [server.hang_up] * 3
    with pytest.raises(UserError):
        target.fetch()
    site.files["/set.zip"], site.etag = BODY, '"v2"'
    target.fetch()
    assert target.is_whole()


def test_without_a_mark_of_the_version_nothing_is_resumed(target: Target, site: Site) -> None:
    site.etag = None
    site.troubles = [server.cut_after(100_000)]
    target.fetch()
    assert target.is_whole()
    assert "Range" not in site.requests[1]


@pytest.mark.parametrize("left", [b"", b"junk", BODY[:5000], BODY, BODY * 2])
@pytest.mark.parametrize("note", [None, "", "[]", '{"validator": null, "total": 9}'])
def test_a_part_of_unknown_origin_is_not_built_upon(
    target: Target, left: bytes, note: str | None
) -> None:
    target.part.write_bytes(left)
    if note is not None:
        target.part.with_name("set.zip.part.json").write_text(note)
    target.fetch()
    assert target.is_whole()


def test_a_server_that_sends_another_part_is_not_believed(target: Target, site: Site) -> None:
    site.troubles = [server.cut_after(100_000), server.wrong_range]
    target.fetch()
    assert target.is_whole()


def test_a_range_that_is_refused_starts_anew(target: Target, site: Site) -> None:
    site.troubles = [server.cut_after(100_000), server.status(416)]
    target.fetch()
    assert target.is_whole()
    assert "Range" not in site.requests[2]


def test_a_connection_cut_again_and_again_goes_on_while_it_gets_further(
    target: Target, site: Site
) -> None:
    site.troubles = [server.cut_after(40_000)] * 7
    target.fetch()
    assert target.is_whole()
    assert len(site.requests) == 8


def test_a_server_that_always_cuts_at_the_same_place_is_given_up(
    target: Target, site: Site
) -> None:
    site.etag = None
    site.troubles = [server.cut_after(40_000)] * 99
    with pytest.raises(UserError, match="failed 3 times"):
        target.fetch()
    assert not target.file.exists()


def test_a_file_that_is_not_there_fails_at_once_in_one_line(target: Target, site: Site) -> None:
    site.troubles = [server.status(404)]
    with pytest.raises(UserError, match=r"set\.zip: the server answers 404") as error:
        target.fetch()
    assert "\n" not in str(error.value)
    assert len(site.requests) == 1
    assert target.names() == []


def test_a_stalled_server_is_given_up_in_one_line(target: Target, site: Site) -> None:
    site.troubles = [server.stall] * 9
    with pytest.raises(UserError, match=r"failed 3 times \(no .*by hand") as error:
        target.fetch(timeout=0.1)
    assert "\n" not in str(error.value)


def test_a_server_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"http://127\.0\.0\.1:9/set\.zip failed 3 times"):
        Target(tmp_path, "http://127.0.0.1:9").fetch()


def test_a_length_that_is_too_short_is_caught_by_the_check(target: Target, site: Site) -> None:
    site.troubles = [server.claim_length(1000)]

    def check(path: Path) -> None:
        if path.stat().st_size != len(BODY):
            raise UserError("set.zip is not whole")

    with pytest.raises(UserError, match="not whole"):
        target.fetch(check)
    assert target.names() == []  # nothing is left that could be resumed or believed
    target.fetch(check)
    assert target.is_whole()


def test_a_monstrous_length_is_refused_before_a_byte_is_written(target: Target, site: Site) -> None:
    site.troubles = [server.claim_length(10**15)]
    with pytest.raises(UserError, match="are refused"):
        target.fetch()
    assert target.names() == []


def test_a_later_download_must_be_the_file_of_the_first(target: Target, site: Site) -> None:
    target.fetch()
    target.file.unlink()
    site.files["/set.zip"] = b"another" * 999
    with pytest.raises(UserError, match=r"set\.zip is not the file of the first download"):
        target.fetch()
    assert target.names() == ["sha256.json"]
    site.files["/set.zip"] = BODY
    target.fetch()
    assert target.is_whole()


def test_a_file_that_fails_the_check_is_not_kept_and_not_noted(target: Target) -> None:
    with pytest.raises(UserError, match="no zip"):
        target.fetch(refuse_all)
    assert target.names() == []


def test_a_file_brought_by_hand_is_checked_noted_and_kept(target: Target, site: Site) -> None:
    target.file.write_bytes(BODY)
    with pytest.raises(UserError, match="no zip"):
        target.fetch(refuse_all)
    assert target.names() == ["set.zip"]
    target.fetch()
    assert target.is_whole()
    target.file.write_bytes(BODY + b"1")
    with pytest.raises(UserError, match="not the file of the first download"):
        target.fetch()
    assert target.file.exists()
    assert site.requests == []


def test_a_damaged_record_is_named(target: Target) -> None:
    target.record.write_text("{")
    with pytest.raises(UserError, match=r"sha256\.json is damaged"):
        target.fetch()


@pytest.mark.parametrize(
    "url", ["http://example.org", "http://localhost.example.org", "http://127.0.0.1@example.org",
            "ftp://127.0.0.1", "file:///etc"],
)  # fmt: skip
def test_nothing_but_https_is_spoken_with_other_machines(tmp_path: Path, url: str) -> None:
    with pytest.raises(UserError, match="without https"):
        Target(tmp_path, url).fetch()
    assert list(tmp_path.iterdir()) == []


def test_a_redirect_to_plain_http_is_not_followed(target: Target, site: Site) -> None:
    site.troubles = [server.redirect("http://example.org/set.zip")]
    with pytest.raises(UserError, match="without https"):
        target.fetch()


def test_loopback_is_this_machine_only() -> None:
    assert is_loopback("http://127.0.0.1:80/a")
    assert is_loopback("http://[::1]/a")
    assert is_loopback("http://localhost/a")
    assert not is_loopback("http://10.0.0.1/a")
    assert not is_loopback("http://127.0.0.1.example.org/a")
    assert not is_loopback("http://127.0.0.1@example.org/a")
    assert not is_loopback("nonsense")
