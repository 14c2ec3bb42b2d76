"""How the camera was held, by EXIF, and the picture turned as it was seen."""

from PIL import ExifTags, Image

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def orientation_of(image: Image.Image) -> int:
    """EXIF's number for how the camera was held; 1, upright, where there is none."""
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # Pillow raises nearly anything on a damaged EXIF block
        return 1  # the pixels are whole: take them as they are stored, as viewers do


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """The picture as it was seen."""
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image
