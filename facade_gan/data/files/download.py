"""Download a file over https so that a half one is never mistaken for the whole.

The bytes go to NAME.part, which is resumed if the server can prove that it still serves the same
file, and restarted otherwise. Where nobody publishes a checksum, the SHA-256 of the first download
is recorded beside it and asked of every later one.

The library pooch has neither: it starts a download that was cut anew, as it sends no Range, wants a
checksum that is known before, and its timeout lets a connection trickle for ever.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from facade_gan.atomic_files import write_text
from facade_gan.errors import UserError
from facade_gan.progress import Progress

CHUNK = 2**16  # bytes
MAX_BYTES = 4 * 2**30
PASSING_TROUBLE = {408, 425, 429, 500, 502, 503, 504}  # statuses worth another try


class TransferError(Exception):
    """The file didn't come whole; trying again may help."""


class Downloader:
    """Fetches files with timeouts and retries.

    ``attempts``: how often in a row it may fail without getting further; ``pause``: seconds before
    the second attempt, doubled for each further one; ``timeout``: seconds without an answer or
    without data; ``slowest``: bytes a second, on average over ``timeout``, below which a
    connection counts as stalled.
    """

    def __init__(
        self,
        attempts: int = 5,
        pause: float = 1.0,
        timeout: float = 30.0,
        slowest: float = 1024.0,
    ):
        self.attempts = attempts
        self.pause = pause
        self.timeout = timeout
        self.slowest = slowest

    def fetch(self, url: str, target: Path, check: Callable[[Path], None], record: Path) -> None:
        """Bring ``url`` to ``target``, unless it is there; only one process at a time may.

        ``check`` raises UserError on a file that isn't what it should be; ``record`` is a JSON
        file of the SHA-256 of each name. Raises UserError where the download fails for good.
        """
        if target.exists():  # brought by hand, or by a run that ended before it was used
            accept(target, target.name, check, record)
            return
        part = target.with_name(target.name + ".part")
        self._fill(url, part)
        try:
            accept(part, target.name, check, record)
            part.replace(target)
        finally:
            discard(part)

    def _fill(self, url: str, part: Path) -> None:
        """Try until ``part`` is whole, or ``attempts`` times in a row got no further."""
        failures, furthest, pause = 0, -1, self.pause
        with session_for(url) as session:
            while True:
                try:
                    return self._continue(session, url, part)
                except (
                    requests.RequestException,
                    urllib3.exceptions.HTTPError,
                    TransferError,
                ) as error:
                    if isinstance(error, requests.exceptions.InvalidSchema):
                        raise UserError(f"{url} leads to an address without https") from error
                    trouble = explain(error)
                reached = part.stat().st_size if part.exists() else 0
                if reached > furthest:
                    failures, furthest, pause = 0, reached, self.pause
                failures += 1
                if failures >= self.attempts:
                    raise UserError(
                        f"The download of {url} failed {failures} times ({trouble}): try again "
                        f"later, or put the file into {part.parent} by hand"
                    )
                time.sleep(pause)
                pause = min(2 * pause, 30)

    def _continue(self, session: requests.Session, url: str, part: Path) -> None:
        """One connection: resume or restart ``part``; returns only where it is whole."""
        headers = resume_headers(part)
        with session.get(url, headers=headers, stream=True, timeout=self.timeout) as response:
            if response.status_code in PASSING_TROUBLE:
                raise TransferError(f"the server answers {response.status_code}")
            if response.status_code == 416:  # the range it was asked for isn't there
                discard(part)
                raise TransferError("the file on the server has changed")
            if not response.ok:
                raise UserError(f"{url}: the server answers {response.status_code}")
            start, total = extent(response, part)
            save_validator(response, part, total)
            self._receive(response, part, start, total)
        if part.stat().st_size != total:
            raise TransferError(f"it ended after {part.stat().st_size} of {total} bytes")

    def _receive(self, response: requests.Response, part: Path, start: int, total: int) -> None:
        watch = Watch(self.timeout, self.slowest)
        bar = Progress(initial=start, total=total, unit="B", unit_scale=True, desc=part.stem)
        with bar, part.open("ab" if start else "wb") as file:
            # read1: what has arrived; iter_content waits for a full chunk, and a cut loses it
            while chunk := response.raw.read1(CHUNK):
                file.write(chunk)
                bar.update(len(chunk))
                watch.saw(len(chunk))
            file.flush()
            os.fsync(file.fileno())


class Watch:
    """Notices a connection that trickles: each read succeeds, and it would take for ever."""

    def __init__(self, period: float, slowest: float):
        self.period = period
        self.slowest = slowest
        self.since = time.monotonic()
        self.received = 0

    def saw(self, count: int) -> None:
        """Count bytes received. Raises TransferError where they were too few over a period."""
        self.received += count
        passed = time.monotonic() - self.since
        if passed >= self.period:
            if self.received < self.slowest * passed:
                raise TransferError(f"it stalls: {self.received} bytes in {passed:.0f} s")
            self.since, self.received = time.monotonic(), 0


# -- https, or this very machine


class LoopbackAdapter(HTTPAdapter):
    """Plain http to this machine only, redirects included."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        """Raises InvalidSchema for any other host."""
        if not is_loopback(request.url or ""):
            raise requests.exceptions.InvalidSchema(f"{request.url} is not https")
        return super().send(request, *args, **kwargs)


def is_loopback(url: str) -> bool:
    """Whether the address names this machine by number, or as localhost."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def session_for(url: str) -> requests.Session:
    """A session that speaks https, and http with this machine only."""
    session = requests.Session()
    session.mount("http://", LoopbackAdapter())
    session.headers["Accept-Encoding"] = "identity"  # lengths and ranges are the file's own
    session.trust_env = not is_loopback(url)  # no proxy on the way to this machine
    return session


# -- NAME.part, and NAME.part.json that says what it is a part of


def validator_file(part: Path) -> Path:
    """Where the server's word for "still the same file" is kept."""
    return part.with_name(part.name + ".json")


def discard(part: Path) -> None:
    """Forget what was downloaded so far."""
    part.unlink(missing_ok=True)
    validator_file(part).unlink(missing_ok=True)


def save_validator(response: requests.Response, part: Path, total: int) -> None:
    """Keep the strong ETag or the date of the file, without which nothing is resumed."""
    tag = response.headers.get("ETag", "")
    validator = tag if tag.startswith('"') else response.headers.get("Last-Modified")
    text = json.dumps({"validator": validator, "total": total})
    validator_file(part).write_text(text, encoding="utf-8")


def resume_headers(part: Path) -> dict[str, str]:
    """Ask for the rest, if it is the rest of the same file; for all of it where that's unknown."""
    try:
        known = json.loads(validator_file(part).read_text(encoding="utf-8"))
        size = part.stat().st_size
        if known["validator"] and 0 < size < known["total"]:
            return {"Range": f"bytes={size}-", "If-Range": known["validator"]}
    except (OSError, ValueError, KeyError, TypeError):
        discard(part)  # not ours, or half written
    return {}


def extent(response: requests.Response, part: Path) -> tuple[int, int]:
    """Where in the file the response starts, and how long the file is."""
    said = response.headers.get("Content-Length", "")
    if not said.isdigit():
        raise TransferError("the server doesn't say how long the file is")
    length = int(said)
    if length > MAX_BYTES:
        raise UserError(f"{response.url} is of {length} bytes: more than {MAX_BYTES} are refused")
    if response.status_code != 206:
        return 0, length
    start = part.stat().st_size
    asked = f"bytes {start}-{start + length - 1}/{start + length}"
    if response.headers.get("Content-Range") != asked:
        discard(part)
        raise TransferError("the server sends another part than it was asked for")
    return start, start + length


def explain(error: Exception) -> str:
    """One line about the network's trouble."""
    if isinstance(error, TransferError):
        return str(error)
    if isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError)):
        return "no data within the time limit"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate can't be verified"
    return "no connection, or it was cut"


# -- the record of checksums


def accept(file: Path, name: str, check: Callable[[Path], None], record: Path) -> None:
    """Check the file and note its SHA-256 under ``name``, or compare it with the one noted."""
    compare_with_record(file, name, record)
    check(file)
    add_to_record(file, name, record)


def read_record(record: Path) -> dict[str, str]:
    """SHA-256 by name. Raises UserError where the record is damaged."""
    if not record.exists():
        return {}
    try:
        return json.loads(record.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(f"{record} is damaged: delete it, and the archives beside it") from error


def compare_with_record(file: Path, name: str, record: Path) -> None:
    """Raises UserError where ``file`` isn't the one that came under ``name`` the first time."""
    known = read_record(record).get(name)
    if known is not None and known != sha256(file):
        raise UserError(
            f"{name} is not the file of the first download, whose SHA-256 is in {record}: "
            f"delete {name} and try again; if the set itself was renewed, delete {record.name} too"
        )


def add_to_record(file: Path, name: str, record: Path) -> None:
    """Note the file's SHA-256, in one step."""
    text = json.dumps(read_record(record) | {name: sha256(file)}, indent=2)
    write_text(record, text + "\n")


def sha256(file: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
