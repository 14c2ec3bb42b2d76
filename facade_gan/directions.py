"""Find directions in which facades change, without labels, and show them on one sheet.

``facade-gan directions checkpoint=RUN out=directions.png`` also writes ``directions.npz`` beside
the sheet, which ``facade-gan generate directions=directions.npz direction.3=2.0`` takes.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from facade_gan.checkpoints.locate import locate
from facade_gan.commandline.command import command
from facade_gan.commandline.console import say_loading
from facade_gan.commandline.validation import check
from facade_gan.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

    from facade_gan.networks.base import Generator

ROWS, STEPS = 10, 7


def sheet(generator: Generator, directions: Tensor, seed: int, reach: float) -> Tensor:
    """Show one facade moved along each of the first directions, a row each, uint8 (3, H, W).

    Args:
        generator: in eval mode.
        directions: unit vectors (N, latent_dim).
        seed: of the facade, which stands in the middle of each row.
        reach: how far the first and the last image of a row are moved.
    """
    import torch

    from facade_gan.latents.directions import moved
    from facade_gan.sampling import grid, noises, to_uint8

    start = next(noises(generator.latent_dim, seed))
    steps = torch.linspace(-reach, reach, STEPS).tolist()
    rows = min(ROWS, len(directions))
    z = [moved(start, directions, {row + 1: step}) for row in range(rows) for step in steps]
    with torch.inference_mode():
        return grid(torch.cat([to_uint8(generator(b)) for b in torch.stack(z).split(50)]), STEPS)


def must_not_hold_others(path: Path) -> None:
    """Refuse to write directions over an ``.npz`` that holds something else.

    Raises:
        UserError: for one without an array ``directions``, as ``facade-gan generate`` leaves.
    """
    if not path.exists():
        return
    try:
        with zipfile.ZipFile(path) as archive:
            ours = "directions.npy" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        ours = False
    if not ours:
        raise UserError(
            f"out={path.with_suffix('.png')}: its directions would go into {path}, which is there "
            "and holds none; name another .png"
        )


@command("directions")
def main(config: DictConfig) -> None:
    """Run the command."""
    check(config)
    out = Path(config.out).expanduser()
    if out.suffix.lower() != ".png":
        raise UserError(f"out={out}: name a .png")
    found = out.with_suffix(".npz")
    must_not_hold_others(found)
    locate(config.checkpoint)  # before PyTorch loads, to say where there is none
    say_loading(f"checkpoint={config.checkpoint}")
    from facade_gan.checkpoints.read import load_generator
    from facade_gan.figures import FIGURE
    from facade_gan.latents.directions import METHODS, save_directions
    from facade_gan.sampling import save_png

    generator = load_generator(config.checkpoint, config.network_modules)
    directions = METHODS[config.method](generator)
    save_png(sheet(generator, directions, config.seed, config.reach), out, FIGURE)
    save_directions(directions, found)
    print(f"{out}: directions 1 to {min(ROWS, len(directions))}, a row each; all of them: {found}")


if __name__ == "__main__":
    main()
