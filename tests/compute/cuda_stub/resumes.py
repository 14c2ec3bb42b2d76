"""Resumes a checkpoint of some overrides under others: resumes.py "OVERRIDE then OVERRIDE" ..."""

from typing import Any

from hydra.utils import instantiate
from lightning.fabric.utilities.optimizer import _optimizers_to_device
from recipe import SMALL, autocast, black_photos, built, checkpoint_of, composed, placed, report


def trained(overrides: list[str]) -> dict[str, Any]:
    """Take two steps, and read what a checkpoint of them holds."""
    cfg, gan, step = built([*SMALL, *overrides])
    with autocast(cfg):
        for _ in range(2):
            step(black_photos(cfg))
    return checkpoint_of(gan)


def look(case: str) -> dict[str, object]:
    """Resume in the order of Lightning, and train until a graph would be replayed."""
    before, after = (part.split() for part in case.split(" then "))
    checkpoint = trained(before)
    cfg = composed([*SMALL, *after])
    gan = instantiate(cfg.gan, _convert_="all")
    gan.load_state_dict(checkpoint["state_dict"])
    optimizers = placed(gan).optimizers(use_pl_optimizer=False)
    gan.keep_settings(checkpoint["optimizer_states"])
    for optimizer, state in zip(optimizers, checkpoint["optimizer_states"], strict=True):
        optimizer.load_state_dict(state)
    _optimizers_to_device(optimizers, gan.device)
    step = gan.compute.prepare(gan)
    with autocast(cfg):
        for _ in range(6):
            step(black_photos(cfg))
    moments = [
        state["exp_avg"].stride() == weight.stride()
        for optimizer in optimizers
        for weight, state in optimizer.state.items()
    ]
    return {"moments lie like their weights": all(moments), "moments": len(moments)}


if __name__ == "__main__":
    report(look)
