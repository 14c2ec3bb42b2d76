"""The name that was probably meant."""

import difflib
from collections.abc import Iterable

# What other programs call it.
ELSEWHERE = {
    "resume": "ckpt_path",
    "checkpoint": "ckpt_path",
    "device": "trainer.accelerator",
    "gpus": "trainer.devices",
}


def did_you_mean(name: str, names: Iterable[str], prefix: str = "") -> str:
    """Name the nearest of ``names``, or nothing if none is near: "; did you mean X?"."""
    near = nearest(name, names)
    return f"; did you mean {prefix}{near}?" if near else ""


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Find the name most like ``name``; what follows its last dot counts most."""
    names = list(names)
    if ELSEWHERE.get(name) in names:
        return ELSEWHERE[name]
    last = name.rsplit(".", 1)[-1]
    same = sorted((n for n in names if n.rsplit(".", 1)[-1] == last and n != name), key=len)
    by_last = {n.rsplit(".", 1)[-1]: n for n in sorted(names, key=len, reverse=True)}
    near = (
        same
        or [by_last[n] for n in difflib.get_close_matches(last, by_last, 1, cutoff=0.8)]
        or difflib.get_close_matches(name, names, 1)
        or [by_last[n] for n in difflib.get_close_matches(last, by_last, 1)]
    )
    return near[0] if near else None
