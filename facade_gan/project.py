"""Find the noise whose facade is closest to a photo of yours.

``facade-gan project checkpoint=RUN photo=FILE_OR_FOLDER out=DIR``

Any photo has a closest facade, which may be no more than one that looks like it. So the generator's
own images are looked for too, and the photo's error is set beside theirs and beside that between
two random facades.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig, OmegaConf

from facade_gan.atomic_files import replaced, write_text
from facade_gan.checkpoints.locate import locate
from facade_gan.commandline.command import command
from facade_gan.commandline.console import say_loading
from facade_gan.commandline.rules import is_number
from facade_gan.commandline.validation import check
from facade_gan.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

    from facade_gan.data.photoset import PhotoSet
    from facade_gan.image_size import ImageSize
    from facade_gan.latents.projection import Found, Projector

SURE = 0.1  # of the error between two random facades, below which an image counts as found


def read_photos(path: Path, size: ImageSize) -> PhotoSet:
    """Decode one photo or those of a folder, cropped to ``size``, as for training.

    Raises:
        UserError: where there are none.
    """
    from facade_gan.data.files.fit import FITS
    from facade_gan.data.files.listing import as_file, files_below
    from facade_gan.data.folder import decode_all

    if path.is_dir():
        files, unlisted = files_below(path, path)
    elif path.is_file():
        files, unlisted = [as_file(str(path), path.parent, path.stat())], []
    else:
        raise UserError(f"photo={path}: there is no such file or folder")
    photos = decode_all(files, size, FITS["crop"], rectify=False)
    left_out = unlisted + photos.left_out
    if not len(photos):
        reasons = "; ".join(sorted({entry.reason for entry in left_out})) or "an empty folder"
        raise UserError(f"photo={path}: no photo that can be used ({reasons})")
    for entry in left_out:
        print(f"  left out: {entry.name}: {entry.reason}")
    return photos


def verdict(error: float, own: Tensor, between_two: float) -> str:
    """Say what an error means, beside those of own images and that between two random facades."""
    if own.median() > SURE * between_two:
        return "unknown: own images are not found again either; raise steps or starts"
    if error <= max(float(own.max()), SURE * between_two):
        return "found: as close as the generator's own images"
    if error < between_two:
        return "a look-alike: the generator has no facade as close as its own images"
    return "not found: no closer than two random facades are"


def picture(columns: list[Tensor]) -> Tensor:
    """Lay images, uint8 (N, 3, H, W) a column, out in a row for each of the N."""
    import torch

    from facade_gan.sampling import grid

    return grid(torch.stack(columns, 1).flatten(0, 1), len(columns))


def check_settings(config: DictConfig) -> None:
    """Refuse numbers that can't be.

    Raises:
        UserError: for the first one.
    """
    least = {"own": 1, "candidates": 1, "starts": 1, "steps": 1, "seed": 0, "batch_size": 1}
    for key, lowest in least.items():
        if not isinstance(config[key], int) or config[key] < lowest:
            raise UserError(f"{key}={config[key]}: must be a whole number, {lowest} or more")
    if config.starts > config.candidates:
        raise UserError(f"starts={config.starts}: more than candidates={config.candidates}")
    if not is_number(config.rate) or config.rate <= 0:
        raise UserError(f"rate={config.rate}: must be a number above 0")
    if not isinstance(config.maps, bool):
        raise UserError(f"maps={config.maps}: must be true or false")


def projector(config: DictConfig) -> Projector:
    """Load the networks and get ready to look as the settings say."""
    from facade_gan.checkpoints.read import load_generator, load_networks
    from facade_gan.compute import device
    from facade_gan.latents.projection import Projector, Search

    on = device.pick(config.device)
    generator = load_generator(config.checkpoint, config.network_modules)
    discriminator = None
    try:
        discriminator = load_networks(config.checkpoint, config.network_modules)[1]
        discriminator = discriminator.to(on).requires_grad_(False)
    except UserError as error:
        print(f"Compared by pixels alone, without the discriminator's features: {error}")
    search = Search(**{key: config[key] for key in Search.__annotations__})
    return Projector(generator.to(on).requires_grad_(False), discriminator, search)


def save(config: DictConfig, names: list[str], found: Found, columns: list[Tensor]) -> None:
    """Write the picture and the latents."""
    import numpy as np

    from facade_gan.sampling import save_png

    out = Path(config.out)
    save_png(picture(columns), out / "projection.png")
    with replaced(out / "latents.npz") as partial, partial.open("wb") as file:
        np.savez(file, latents=found.z.flatten(1).numpy(), names=np.array(names))


@command("project")
def main(config: DictConfig) -> None:
    """Look for the photos as ``conf/project.yaml`` says."""
    check(config)
    check_settings(config)
    locate(config.checkpoint)  # before PyTorch loads, to say where there is none
    say_loading(f"checkpoint={config.checkpoint}")
    import torch

    from facade_gan.latents.projection import Found, difference

    out = Path(config.out)
    looking = projector(config)
    photos = read_photos(Path(config.photo).expanduser(), looking.generator.image_size)
    out.mkdir(parents=True, exist_ok=True)
    own = looking.generated(looking.sampled(config.own, config.seed + 1))
    count = len(photos)
    both = looking.find(torch.cat([photos.photos, own]))
    found = Found(both.z[:count], both.first[:count], both.images[:count], both.errors[:count])
    columns = [photos.photos, found.first, found.images]
    of_own, between_two = both.errors[count:], float(looking.between_two)
    report: dict[str, Any] = {
        "settings": OmegaConf.to_container(config),
        "error": "mean absolute difference of pixels, grey levels of 255",
        "between_two_random_facades": between_two,
        "of_own_images": of_own.tolist(),
        "photos": {},
    }
    print("Errors are mean differences of pixels in grey levels, of 255:")
    print(f"  {between_two:5.1f}  between two random facades")
    print(
        f"  {of_own.median():5.1f}  {config.own} images of the generator itself, looked for alike"
    )
    freed = looking.with_free_maps(found, photos.photos) if config.maps else None
    if freed is not None:
        columns.append(freed)
    for i, name in enumerate(photos.names):
        error = float(found.errors[i])
        said = verdict(error, of_own, between_two)
        report["photos"][name] = {"error": error, "verdict": said}
        print(f"  {error:5.1f}  {name}: {said}")
        if freed is not None:
            with_maps = float(difference(freed[i : i + 1], photos.photos[i : i + 1]))
            report["photos"][name]["error_with_free_maps"] = with_maps
    save(config, photos.names, found, columns)
    write_text(out / "projection.json", json.dumps(report, indent=2) + "\n")
    print(f"photo, first find, result{' and with free maps' * config.maps}: {out}/projection.png")
    print(
        f"facade-gan generate checkpoint={config.checkpoint} latents={out}/latents.npz "
        f"count={count} out=again.png"
    )


if __name__ == "__main__":
    main()
