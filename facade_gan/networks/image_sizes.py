"""How many stages an image size asks for."""

from facade_gan.errors import UserError

IMAGE_SIZES = (32, 64, 128, 256)


def doublings(image_size: int) -> int:
    """How often 4 pixels are doubled to reach ``image_size``: 3 for 32, 4 for 64, ...

    Raises:
        UserError: for a size that is not 32, 64, 128 or 256.
    """
    if image_size not in IMAGE_SIZES:
        sizes = ", ".join(map(str, IMAGE_SIZES))
        raise UserError(f"image_size={image_size}: the networks are built for {sizes}; choose one")
    return (image_size // 4).bit_length() - 1
