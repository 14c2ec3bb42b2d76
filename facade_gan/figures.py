"""Figures: pictures that show photos or facades, and are none to train on.

They may well be written into the folder of the photos, so each says inside what it is.
"""

from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from facade_gan.atomic_files import replaced

FIGURE = {"facade_gan": "a figure"}  # the text in a PNG that `data/files/decode.py` leaves out


def save_figure(picture: Image.Image, path: Path) -> None:
    """Write a picture as a PNG that is known as a figure; the file is whole or not there."""
    inside = PngInfo()
    for key, text in FIGURE.items():
        inside.add_text(key, text)
    with replaced(path) as partial:
        picture.save(partial, "PNG", pnginfo=inside)
