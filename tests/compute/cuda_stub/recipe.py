"""Builds what a run of train.py builds of a recipe, on the card that the stand-in plays."""

import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from omegaconf import DictConfig
from torch import Tensor

from facade_gan.commandline.config import register_resolvers
from facade_gan.compute.execution import Step
from facade_gan.gan import GAN

SMALL = ("image_size=32", "batch_size=4")
PRECISIONS = {"bf16-mixed": torch.bfloat16, "16-mixed": torch.float16}

register_resolvers()
torch.backends.cudnn.enabled = False  # its planner can't be played: torch's own convolutions run


def composed(overrides: Sequence[str]) -> DictConfig:
    """Compose conf/train.yaml under ``overrides``."""
    with initialize_config_dir(str(Path("conf").resolve()), version_base="1.3"):
        return compose("train", list(overrides))


def placed(gan: GAN) -> GAN:
    """Move ``gan`` to the card and give it optimizers, as Lightning does."""
    gan.to("cuda:0")
    optimizers = gan.configure_optimizers()
    gan.optimizers = lambda use_pl_optimizer: optimizers
    return gan


def built(overrides: Sequence[str]) -> tuple[DictConfig, GAN, Step]:
    """Build the config, the networks and the prepared step of a recipe."""
    cfg = composed(overrides)
    gan = placed(instantiate(cfg.gan, _convert_="all"))
    return cfg, gan, gan.compute.prepare(gan)


def black_photos(cfg: DictConfig) -> Tensor:
    """Make a batch of photos."""
    size = cfg.image_size
    return torch.zeros(cfg.batch_size, 3, size, size, dtype=torch.uint8, device="cuda")


def autocast(cfg: DictConfig) -> torch.autocast:
    """Set the recipe's precision, as Lightning does."""
    dtype = PRECISIONS.get(cfg.compute.precision)
    return torch.autocast("cuda", dtype, enabled=dtype is not None, cache_enabled=False)


def checkpoint_of(gan: GAN) -> dict[str, Any]:
    """Read what a checkpoint would hold of the networks and the optimizers."""
    gan.ema.moved = False  # no batch norms to measure: there are no numbers here
    optimizers = [optimizer.state_dict() for optimizer in gan.optimizers(use_pl_optimizer=False)]
    file = io.BytesIO()
    torch.save({"state_dict": gan.state_dict(), "optimizer_states": optimizers}, file)
    file.seek(0)
    return torch.load(file, map_location="cpu", weights_only=True)


def report(look: Callable[[str], dict[str, object]]) -> None:
    """Print what ``look`` finds in each case of the command line, a line of JSON each, and exit."""
    for case in sys.argv[1:]:
        try:
            print(json.dumps({"case": case, **look(case)}), flush=True)
        except Exception as error:
            error.add_note(f"case: {case}")
            raise
    # The usual exit was sometimes aborted on one core ("terminate called without an active
    # exception"), when all had been printed.
    os._exit(0)
