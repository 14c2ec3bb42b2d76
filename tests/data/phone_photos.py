"""A folder as it comes from a phone, on a small scale, with drawn facades for what was taken."""

import random
from pathlib import Path

import numpy as np
import zoo
from PIL import Image, ImageEnhance

from facade_gan.shape_grammar.facade import draw_facade

ORIENTATION = 0x0112
VIDEO = b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + bytes(500)


def make(
    folder: Path, count: int, profile: bytes | None = None, content: list[Path] | None = None
) -> None:
    """Fill ``folder`` with ``count`` photos, two screenshots, a video and a disk's thumbnails.

    Every second photo is HEIC (JPEG where nothing can make HEIC) and has ``profile``, every third
    is turned by EXIF, every eighth is the one before it in a burst, moved by a hand's shake.
    ``content`` are pictures to take instead of drawn facades.
    """
    folder.mkdir(parents=True)
    rng = random.Random(0)
    for i in range(count):
        seed = i - 1 if i % 8 == 7 else i
        if content:
            with Image.open(content[seed % len(content)]) as opened:
                picture = opened.convert("RGB")
        else:
            picture = Image.fromarray(draw_facade(seed, 256, 192))
        if seed != i:
            picture = picture.crop((1, 1, picture.width - 1, picture.height - 1))
            picture = ImageEnhance.Brightness(picture).enhance(1.02)
        exif = Image.Exif()
        if i % 3 == 2:
            exif[ORIENTATION] = rng.choice((3, 6, 8))
            picture = Image.fromarray(zoo.stored_for(exif[ORIENTATION], np.asarray(picture)))
        name, options = f"IMG_{i:04d}", {"exif": exif.tobytes()} if exif else {}
        if i % 2 == 0 and zoo.has_heic_encoder():
            if profile:
                options["icc_profile"] = profile
            (folder / f"{name}.HEIC").write_bytes(zoo.heic(picture, **options))
        else:
            picture.save(folder / f"{name}.JPG", quality=90, **options)
    for i in range(2):
        screen = Image.new("RGB", (180, 390), "white")
        screen.paste((40 + 90 * i, 90, 200), (10, 60 + 80 * i, 170, 160 + 80 * i))
        screen.save(folder / f"Screenshot 2026-11-0{i + 1}.png")
    (folder / f"IMG_{count:04d}.MOV").write_bytes(VIDEO)
    (folder / "@eaDir").mkdir()
    Image.new("RGB", (96, 96)).save(folder / "@eaDir" / "SYNOPHOTO_THUMB_SM.jpg")
