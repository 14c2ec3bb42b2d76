"""A film as a file: .mp4 by PyAV, .gif and .webp by Pillow."""

import io
import json
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from facade_gan.atomic_files import replaced
from facade_gan.errors import UserError, to_install

IMAGE_DESCRIPTION = 0x010E  # EXIF's tag


def save_film(
    pictures: Iterable[Image.Image], out: Path, seconds: float, texts: Mapping[str, str]
) -> None:
    """Write pictures of one size as a film that is shown again and again; whole or not at all.

    Args:
        pictures: RGB, of even width and height, and at least one.
        out: an .mp4, .gif or .webp.
        seconds: how long each picture is shown; a .gif takes hundredths, a .webp thousandths:
            some pictures stay one longer than others, so that all together last as they should.
        texts: kept inside as JSON, under the name that the format has for remarks.

    Raises:
        UserError: for a file of another kind, and an .mp4 without PyAV.
        OSError: where it can't be written.
    """
    must_be_film(out)
    with replaced(out) as partial:
        FORMATS[out.suffix.lower()](pictures, partial, seconds, json.dumps(dict(texts)))


def must_be_film(out: Path) -> None:
    """Say before the work whether ``save_film`` takes ``out``, with the errors that it names."""
    if out.suffix.lower() not in FORMATS:
        raise UserError(f"out={out}: name an .mp4, a .gif or a .webp")
    if out.suffix.lower() == ".mp4":
        try:
            import av  # noqa: F401
        except ModuleNotFoundError as error:
            hint = f"{to_install('video')}, or name a .webp or a .gif"
            raise UserError(f"out={out}: an .mp4 needs PyAV: {hint}") from error


def save_mp4(pictures: Iterable[Image.Image], path: Path, seconds: float, remark: str) -> None:
    """Encode as H.264, with half the resolution of colours as all players ask for."""
    import av

    rate = 1 / Fraction(seconds).limit_denominator(1000)
    encoded = io.BytesIO()  # as PyAV wraps what a full disk raises in an error of its own
    with av.open(encoded, "w", format="mp4") as container:
        container.metadata["comment"] = remark
        stream: Any = None
        for picture in pictures:
            if stream is None:
                stream = container.add_stream("libx264", rate, options={"crf": "17"})
                stream.width, stream.height = picture.size
                stream.pix_fmt = "yuv420p"
            container.mux(stream.encode(av.VideoFrame.from_image(picture)))
        container.mux(stream.encode())
    path.write_bytes(encoded.getbuffer())


def save_gif(pictures: Iterable[Image.Image], path: Path, seconds: float, remark: str) -> None:
    """Encode with 256 colours for all pictures, as palettes that differ make a film flicker."""
    frames = list(pictures)
    some = [np.asarray(frame) for frame in frames[:: max(1, len(frames) // 16)]]
    palette = Image.fromarray(np.concatenate(some)).quantize(256, Image.Quantize.FASTOCTREE)
    no_dither = Image.Dither.NONE
    first, *others = [frame.quantize(palette=palette, dither=no_dither) for frame in frames]
    # Browsers show what lasts one hundredth for ten.
    duration = [10 * max(2, each) for each in whole_delays(len(frames), seconds * 100)]
    settings = {"save_all": True, "append_images": others, "duration": duration, "loop": 0}
    first.save(path, "GIF", comment=remark.encode(), **settings)


def save_webp(pictures: Iterable[Image.Image], path: Path, seconds: float, remark: str) -> None:
    """Encode with some loss, as JPEG does."""
    frames = list(pictures)
    exif = Image.Exif()
    exif[IMAGE_DESCRIPTION] = remark
    duration = whole_delays(len(frames), seconds * 1000)
    settings = {"save_all": True, "append_images": frames[1:], "duration": duration, "loop": 0}
    frames[0].save(path, "WEBP", quality=80, method=2, exif=exif, **settings)


def whole_delays(count: int, each: float) -> list[int]:
    """Give ``count`` pictures whole numbers of time, each within 1 of ``each``, and no drift."""
    ends = [round(i * each) for i in range(count + 1)]
    return [end - begin for begin, end in pairwise(ends)]


FORMATS = {".mp4": save_mp4, ".gif": save_gif, ".webp": save_webp}
