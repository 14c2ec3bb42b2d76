"""Tells how far each step moves the card's random generator: noise.py "OVERRIDE ..." ..."""

import torch
from recipe import SMALL, autocast, black_photos, built, report


def offset() -> int:
    """Read the position of the Philox generator out of its state: a seed, then an offset."""
    return int(torch.cuda.get_rng_state()[8:].view(torch.int64))


def look(case: str) -> dict[str, object]:
    """Take more steps than a graph waits for."""
    cfg, _, step = built([*SMALL, *case.split()])
    torch.cuda.manual_seed(1)
    offsets = []
    with autocast(cfg):
        for _ in range(7):
            step(black_photos(cfg))
            offsets.append(offset())
    return {"offsets": offsets}


if __name__ == "__main__":
    report(look)
