"""Tells whether graphs outlive training, which would hang NCCL: teardown.py "OVERRIDE ..." ..."""

import weakref

from recipe import SMALL, autocast, black_photos, built, report


def look(case: str) -> dict[str, object]:
    """Train until a graph is replayed, then leave the card as Lightning does at the end."""
    cfg, gan, gan.run_step = built([*SMALL, *case.split()])
    with autocast(cfg):
        for _ in range(5):
            gan.run_step(black_photos(cfg))
    ((recorded, _, _),) = gan.compute.graphed.graphs.values()
    graph = weakref.ref(recorded)
    del recorded
    during = graph() is not None
    gan.cpu()
    return {"alive during training": during, "alive after it": graph() is not None}


if __name__ == "__main__":
    report(look)
