"""Read what a run or a command left as JSON, or say in one line what is wrong with it."""

import json
from pathlib import Path
from typing import Any

from facade_gan.errors import UserError


def read_json(file: Path, advice: str, *keys: str) -> dict[str, Any]:
    """Read a JSON file that holds a dictionary with ``keys``.

    Raises:
        UserError: with ``advice``, where it is another, or half written.
    """
    try:
        values: dict[str, Any] = dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{file}: can't be read ({reason}); {advice}") from error
    must_say(file, values, advice, *keys)
    return values


def must_say(file: Path, values: dict[str, Any], advice: str, *keys: str) -> None:
    """Refuse values out of ``file`` that lack one of ``keys``.

    Raises:
        UserError: with ``advice``, and with what is missing.
    """
    if lacking := sorted(set(keys) - set(values)):
        raise UserError(f"{file}: says nothing of {' and '.join(lacking)}; {advice}")
