"""Tells whether a step is recorded again after on_nan=rollback: rollback.py "OVERRIDE ..." ..."""

from unittest.mock import Mock

from recipe import SMALL, autocast, black_photos, built, checkpoint_of, report
from stub import Recorded

from facade_gan.callbacks.divergence import roll_back


def look(case: str) -> dict[str, object]:
    """Train until a graph is replayed, go back to a checkpoint, and train as long again."""
    cfg, gan, gan.run_step = built([*SMALL, *case.split()])
    photos = black_photos(cfg)
    with autocast(cfg):
        for _ in range(5):
            gan.run_step(photos)
        gan.ema.moved = False
        gan.run_step(photos)
        replay_moves_average = gan.ema.moved
        checkpoint = checkpoint_of(gan)
        trainer = gan.trainer = Mock(optimizers=gan.optimizers(use_pl_optimizer=False))
        places = [weight.data_ptr() for weight in gan.parameters()]
        roll_back(gan, checkpoint)
        kept = places == [weight.data_ptr() for weight in gan.parameters()]
        with Recorded() as seen:
            for _ in range(5):
                gan.run_step(photos)
    del trainer  # until here, as the module only refers to it
    return {
        "a replay moves the average": replay_moves_average,
        "weights stay in place": kept,
        "graph launches": seen.count()["cudaGraphLaunch"],
    }


if __name__ == "__main__":
    report(look)
