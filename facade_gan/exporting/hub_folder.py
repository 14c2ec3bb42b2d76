"""A folder as model hubs expect it: weights, config, model card and a picture."""

import json
from pathlib import Path
from typing import Any

import torch

from facade_gan.atomic_files import write_text
from facade_gan.checkpoints import starting_weights
from facade_gan.checkpoints.locate import OF_A_HUB
from facade_gan.checkpoints.read import load_generator
from facade_gan.checkpoints.rebuild import rebuild
from facade_gan.errors import UserError
from facade_gan.exporting.model_card import Provenance, model_card
from facade_gan.figures import FIGURE
from facade_gan.sampling import generate_images, grid, save_png

SHOWN = 32  # facades on the card


def write_hub_folder(
    checkpoint: dict[str, Any], out: Path, known: Provenance, network_modules: list[str]
) -> None:
    """Write ``model.safetensors``, ``config.json``, ``README.md`` and ``grid.png`` into ``out``.

    The folder is a checkpoint for every command, and for ``facade_gan.load``. The picture is made
    from what was written, so it shows that the folder can be loaded.

    Args:
        checkpoint: as ``facade_gan.checkpoints.read.read_checkpoint`` returns it.
        out: the folder, which is new or empty.
        known: where the networks come from.
        network_modules: modules of the user's own that their classes may come from.

    Raises:
        UserError: where there is something in the folder, as its card may have been filled in.
        OSError: where it can't be written.
    """
    if out.is_dir() and any(out.iterdir()):
        raise UserError(f"out={out}: there is something in this folder; name a new one")
    networks = checkpoint["networks"]
    rebuild(networks["generator"], network_modules)  # before anything is written
    starting_weights.save(out / OF_A_HUB, checkpoint, dict(known.summary))
    config = {"library_name": "facade_gan", **networks}
    write_text(out / "config.json", json.dumps(config, indent=2) + "\n")
    write_text(out / "README.md", model_card(networks, known))
    generator = load_generator(out, network_modules)
    images = torch.cat(list(generate_images(generator, SHOWN, seed=0)))
    save_png(grid(images, columns=8), out / "grid.png", FIGURE)
