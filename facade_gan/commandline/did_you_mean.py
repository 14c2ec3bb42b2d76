"""The name that was probably meant."""

import difflib
from collections.abc import Iterable


def did_you_mean(name: str, names: Iterable[str], prefix: str = "") -> str:
    """Name the nearest of ``names``, or nothing if none is near: "; did you mean X?"."""
    names = list(names)
    last = name.rsplit(".", 1)[-1]
    same = sorted((n for n in names if n.rsplit(".", 1)[-1] == last and n != name), key=len)
    by_last = {n.rsplit(".", 1)[-1]: n for n in sorted(names, key=len, reverse=True)}
    near = (
        same
        or difflib.get_close_matches(name, names, 1)
        or [by_last[n] for n in difflib.get_close_matches(last, by_last, 1)]
    )
    return f"; did you mean {prefix}{near[0]}?" if near else ""
