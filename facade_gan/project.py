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
from facade_gan.commandline.config import argument, for_shell, network_modules
from facade_gan.commandline.console import say_loading
from facade_gan.commandline.invocation import invocation
from facade_gan.commandline.validation import check
from facade_gan.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

    from facade_gan.data.photoset import PhotoSet
    from facade_gan.image_size import ImageSize
    from facade_gan.latents.projection import Projector

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
    else:
        files, unlisted = [as_file(str(path), path.parent, path.stat())], []
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


def save(out: Path, z: Tensor, columns: dict[str, Tensor], report: dict[str, Any]) -> None:
    """Write the latents, a picture with a row a photo, and the report.

    Args:
        out: the folder.
        z: noise (N, latent_dim, 1, 1).
        columns: by name, uint8 (N, 3, H, W) each: the photos, the first finds, the results, ...
        report: with a dictionary for each of the N ``photos``.
    """
    import numpy as np

    from facade_gan.figures import FIGURE
    from facade_gan.latents.comparison import can_be_written, comparison
    from facade_gan.latents.projection import difference
    from facade_gan.sampling import save_png

    rows, (photos, *found) = report["photos"], columns.values()
    names = [row["photo"] for row in rows]
    shown = [
        row["photo"] if can_be_written(row["photo"]) else f"row {row['row']}, see projection.json"
        for row in rows
    ]
    captions = [[f"error {e:.1f}" for e in difference(part, photos)] for part in found]
    short = [row["verdict"].partition(":")[0] for row in rows]
    captions[1] = [f"{error}, {said}" for error, said in zip(captions[1], short, strict=True)]
    save_png(comparison(columns, [shown, *captions]), out / "projection.png", FIGURE)
    with replaced(out / "latents.npz") as partial, partial.open("wb") as file:
        np.savez(file, latents=z.flatten(1).numpy(), names=np.array(names))
    write_text(out / "projection.json", json.dumps(report, indent=2) + "\n")


def check_settings(config: DictConfig) -> Path:
    """Find the photo, before PyTorch loads.

    Raises:
        UserError: where there is none, or for a setting that can't be.
    """
    check(config)
    if config.starts > config.candidates:
        raise UserError(f"starts={config.starts}: more than candidates={config.candidates}")
    locate(config.checkpoint)
    photo = Path(config.photo).expanduser()
    if not photo.exists():
        raise UserError(f"photo={photo}: there is no such file or folder")
    return photo


@command("project")
def main(config: DictConfig) -> None:
    """Look for the photos as ``conf/project.yaml`` says."""
    photo, out = check_settings(config), Path(config.out).expanduser()
    say_loading(f"checkpoint={config.checkpoint}")
    import torch

    from facade_gan.latents.projection import difference

    looking = projector(config)
    photos = read_photos(photo, looking.generator.image_size)
    out.mkdir(parents=True, exist_ok=True)
    count, apart = len(photos), float(looking.between_two)
    own = looking.generated(looking.sampled(config.own, config.seed + 1))
    found = looking.find(torch.cat([photos.photos, own]))
    of_own, z = found.errors[count:], found.z[:count]
    columns = {
        "photo": photos.photos,
        f"nearest of {config.candidates}": found.first[:count],
        "result": found.images[:count],
    }
    print("Errors are mean differences of pixels in grey levels, of 255:")
    print(f"  {apart:5.1f}  between two random facades")
    print(f"  {of_own.median():5.1f}  {config.own} own images, median; at worst {of_own.max():.1f}")
    rows: list[dict[str, Any]] = []
    for name, error in zip(photos.names, found.errors[:count].tolist(), strict=True):
        said = verdict(error, of_own, apart)
        rows.append({"row": len(rows) + 1, "photo": name, "error": error, "verdict": said})
        print(f"  {error:5.1f}  {name}: {said}")
    report = {
        "settings": OmegaConf.to_container(config),
        "error": "mean absolute difference of pixels, grey levels of 255",
        "between_two_random_facades": apart,
        "of_own_images": of_own.tolist(),
        "photos": rows,
    }
    save(out, z, columns, report)  # before the maps, which take as long again
    if config.maps:
        freed = columns["result, maps freed"] = looking.with_free_maps(z, photos.photos)
        for row, error in zip(rows, difference(freed, photos.photos).tolist(), strict=True):
            row["error_with_free_maps"] = error
        save(out, z, columns, report)
    again = [argument("checkpoint", config.checkpoint), argument("latents", f"{out}/latents.npz")]
    again += network_modules(config)
    command_line = [*invocation("generate"), *map(for_shell, again), f"count={count}"]
    print(f"photos beside what was found: {out}/projection.png")
    print(f"the results again: {' '.join(command_line)} out=again.png")


if __name__ == "__main__":
    main()
