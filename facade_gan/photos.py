"""Look at a set of photos before training on it.

``python -m facade_gan.photos data=folder data.root=DIR out=photos.png``; with
``data.rectify=true`` the sheet has each photo as it was taken and beside it rectified.
"""

import math
from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from facade_gan.commandline.command import command
from facade_gan.commandline.console import say_loading
from facade_gan.commandline.validation import check
from facade_gan.errors import UserError
from facade_gan.progress import Progress
from facade_gan.run.places import must_be_there

if TYPE_CHECKING:
    from facade_gan.data.folder import FolderData
    from facade_gan.data.photoset import PhotoSet

# From drawings at 64 pixels, KID to 500 photos of CMP, after 150 epochs of 80 of them and 100 of
# all: see the table of results.
FEW, MANY = 80, 500
KID_OF_FEW, KID_OF_MANY = 0.032, 0.017


@command("photos")
def main(cfg: DictConfig) -> None:
    """Write the sheet, and say what is used, what is left out, and what to do."""
    check(cfg)
    must_be_there(cfg)
    say_loading("photos")
    import torch
    from hydra.utils import instantiate

    from facade_gan.data.description import wrapped
    from facade_gan.data.folder import FolderData
    from facade_gan.data.module import first
    from facade_gan.figures import FIGURE
    from facade_gan.image_size import sides
    from facade_gan.sampling import grid, save_png

    data = instantiate(cfg.data)
    if not isinstance(data, FolderData):
        raise UserError("facade-gan photos looks at photos in a folder: data=folder or data=cmp")
    data.prepare_data()
    photos = first(data.load(), data.limit)
    for entry in photos.left_out:
        print(wrapped(f"  left out: {entry.name}: {entry.reason}"))
    print(sizes(data, photos, min(sides(cfg.image_size))))
    print(wrapped(advice(photos)))
    out = Path(cfg.out).expanduser()
    step = -(-len(photos) // cfg.count)
    sheet, pairs = photos.photos[::step], ""
    if data.rectify:
        as_taken = data.as_taken(photos.names[::step])
        sheet = torch.stack([as_taken, sheet], 1).flatten(0, 1)
        pairs = ", each as it was taken and beside it rectified"
    columns = 2 * math.ceil(math.sqrt(len(sheet)) / 2)  # pairs stay side by side
    try:
        save_png(grid(sheet, columns if data.rectify else None), out, FIGURE)
    except OSError as error:
        raise UserError(f"out={out}: can't be written ({error.strerror or error})") from error
    shown = f"{len(photos.photos[::step])} of {len(photos)}"
    print(wrapped(f"{shown} as the networks see them{pairs}: {out}"))


def sizes(data: "FolderData", photos: "PhotoSet", needed: int) -> str:
    """Say between which sizes the photos' files are, and how many have to be enlarged."""
    from facade_gan.data.files import decode

    paths = {file.name: file.path for file in data.list_files()[0]}
    found = []
    for name in Progress(photos.names, "Looking at sizes", announced=False, delay=1, leave=False):
        with decode.regular_file(paths[name]) as file:
            found.append(decode.opened(file).size)
    found.sort(key=lambda size: size[0] * size[1])
    small = sum(min(size) < needed for size in found)
    smallest, largest = ("{} x {}".format(*size) for size in (found[0], found[-1]))
    enlarged = f"; {small} are smaller than {needed} and are enlarged" if small else ""
    return f"Sizes from {smallest} to {largest} pixels{enlarged}"


def advice(photos: "PhotoSet") -> str:
    """Say how many more photos would help, and from what to start.

    From drawings the KID was the lower one with 80 photos and with 500.
    """
    different = sum(name not in photos.copy_of for name in photos.names)
    said = f"{different} different photos"
    if different < MANY:
        wanted = FEW if different < FEW else MANY
        said += f": {wanted - different} more to make {wanted} are advised"
    said += f" (of CMP, {MANY} gave a KID of {KID_OF_MANY:.3f} and {FEW} of {KID_OF_FEW:.3f})"
    return f"{said}. Start from drawings: init_from=drawn"


if __name__ == "__main__":
    main()
