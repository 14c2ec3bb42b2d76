"""ONNX Runtime Web, which a page needs: taken from its npm package, which this project only names.

No Python package brings it. The package is downloaded when the first page is made, in the version
and with the SHA-256 that ``conf/export.yaml`` names, or given as a file.
"""

import tarfile
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from facade_gan.data.files.download import Downloader, sha256
from facade_gan.errors import UserError

PROGRAM = "package/dist/ort.wasm.bundle.min.mjs"
BINARY = "package/dist/ort-wasm-simd-threaded.wasm"


@dataclass(frozen=True)
class WebRuntime:
    """What of the package goes into a page."""

    program: bytes
    """A JavaScript module; its first lines are its licence."""
    binary: bytes
    """WebAssembly, for a CPU."""


def web_runtime(file: Path | None, url: str, expected: str, cache: Path) -> WebRuntime:
    """Read the runtime out of its npm package.

    Args:
        file: the package, an ``onnxruntime-web-*.tgz`` of any version; None downloads it.
        url: where to download it from, over https.
        expected: its SHA-256.
        cache: the folder where the downloaded one stays.

    Raises:
        UserError: where it can't be had, is another one, or lacks what a page needs.
        OSError: where it can't be written.
    """
    if file is None:
        file = _downloaded(url, expected, cache)
    try:
        with tarfile.open(file) as package:
            return WebRuntime(*(_member(package, name) for name in (PROGRAM, BINARY)))
    except (OSError, tarfile.TarError, KeyError, EOFError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"{file}: not onnxruntime-web's npm package ({reason})") from error


def _downloaded(url: str, expected: str, cache: Path) -> Path:
    def check(found: Path) -> None:
        if sha256(found) != expected:
            raise UserError(f"{url} gave another file than the one of SHA-256 {expected}")

    cache.mkdir(parents=True, exist_ok=True)
    target = cache / url.rsplit("/", 1)[-1]
    with FileLock(cache / f".{target.name}.lock"):  # two exports at once: the second waits
        Downloader().fetch(url, target, check, cache / "sha256.json")
    return target


def _member(package: tarfile.TarFile, name: str) -> bytes:
    member = package.extractfile(name)
    if member is None:
        raise KeyError(f"{name} is no file")
    return member.read()
