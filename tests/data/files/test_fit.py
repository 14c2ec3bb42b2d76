import numpy as np
import pytest
from PIL import Image

from facade_gan.data.files.fit import FITS, coarse, crop, pad, squash


def bicubic(x: np.ndarray) -> np.ndarray:
    """Keys' kernel with a = -0.5."""
    x = np.abs(x)
    near = 1.5 * x**3 - 2.5 * x**2 + 1
    far = -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0))


def weights(length: int, start: float, end: float, size: int) -> np.ndarray:
    """(size, length) float64: output pixels as weighted means of input pixels, antialiased."""
    scale = (end - start) / size
    centres = start + (np.arange(size) + 0.5) * scale
    pixels = np.arange(length) + 0.5
    kernel = bicubic((pixels[None] - centres[:, None]) / max(scale, 1))
    return kernel / kernel.sum(1, keepdims=True)


def reference(photo: np.ndarray, size: tuple[int, int], box: tuple[float, ...]) -> np.ndarray:
    """The photo's box (left, top, right, bottom) at (width, height) ``size``, in float64."""
    height, width = photo.shape[:2]
    across = weights(width, box[0], box[2], size[0])
    down = weights(height, box[1], box[3], size[1])
    return np.einsum("yh,hwc,xw->yxc", down, photo.astype(np.float64), across)


@pytest.fixture(params=[(100, 75), (75, 101), (300, 40), (20, 23), (64, 64)])
def photo(request: pytest.FixtureRequest) -> np.ndarray:
    width, height = request.param
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("size", [32, 64])
def test_crop_is_the_centre_square_resized(photo: np.ndarray, size: int) -> None:
    height, width = photo.shape[:2]
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    expected = reference(photo, (size, size), (left, top, left + side, top + side))
    assert np.allclose(crop(Image.fromarray(photo), size), expected, atol=2e-3)


@pytest.mark.parametrize("size", [32, 64])
def test_squash_is_the_whole_photo_resized(photo: np.ndarray, size: int) -> None:
    height, width = photo.shape[:2]
    expected = reference(photo, (size, size), (0, 0, width, height))
    assert np.allclose(squash(Image.fromarray(photo), size), expected, atol=2e-3)


@pytest.mark.parametrize("size", [32, 64])
def test_pad_is_the_whole_photo_in_proportion_in_the_middle_of_black(
    photo: np.ndarray, size: int
) -> None:
    height, width = photo.shape[:2]
    factor = size / max(width, height)
    w, h = round(width * factor), round(height * factor)
    expected = np.zeros((size, size, 3))
    left, top = (size - w) // 2, (size - h) // 2
    expected[top : top + h, left : left + w] = reference(photo, (w, h), (0, 0, width, height))
    assert np.allclose(pad(Image.fromarray(photo), size), expected, atol=2e-3)


@pytest.mark.parametrize("name", FITS)
def test_a_photo_of_the_right_size_is_not_touched(name: str) -> None:
    photo = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    assert np.array_equal(FITS[name](Image.fromarray(photo), 32), photo)


@pytest.mark.parametrize("name", FITS)
def test_one_channel_of_float_comes_out_as_three_equal_ones(name: str) -> None:
    grey = np.random.default_rng(0).uniform(0, 255, (50, 40)).astype(np.float32)
    result = FITS[name](Image.fromarray(grey), 16)
    assert result.shape == (16, 16, 3)
    assert (result == result[..., :1]).all()


def test_crop_shows_the_middle_of_a_wide_photo() -> None:
    photo = np.zeros((50, 150, 3), np.uint8)
    photo[:, 50:100] = (10, 200, 30)
    assert (np.rint(crop(Image.fromarray(photo), 16)[2:-2, 2:-2]) == (10, 200, 30)).all()


@pytest.mark.parametrize("size", [(96, 64), (32, 48), (24, 64)])
def test_other_shapes_crop_the_largest_centred_rectangle_and_pad_the_whole_photo(
    photo: np.ndarray, size: tuple[int, int]
) -> None:
    (height, width), (high, wide) = photo.shape[:2], size
    factor = min(height / high, width / wide)
    left, top = (width - wide * factor) / 2, (height - high * factor) / 2
    box = (left, top, width - left, height - top)
    image = Image.fromarray(photo)
    assert np.allclose(crop(image, size), reference(photo, (wide, high), box), atol=2e-3)
    whole = reference(photo, (wide, high), (0, 0, width, height))
    assert np.allclose(squash(image, size), whole, atol=2e-3)
    factor = min(high / height, wide / width)
    w, h = max(1, round(width * factor)), max(1, round(height * factor))
    expected = np.zeros((high, wide, 3))
    y, x = (high - h) // 2, (wide - w) // 2
    expected[y : y + h, x : x + w] = reference(photo, (w, h), (0, 0, width, height))
    assert np.allclose(pad(image, size), expected, atol=2e-3)


@pytest.mark.parametrize("size", [(1013, 777), (300, 90), (40, 30)])
@pytest.mark.parametrize("mode", ["RGB", "F"])
def test_what_copies_are_found_by_is_the_whole_photo_squashed(
    size: tuple[int, int], mode: str
) -> None:
    small = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    image = Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)
    image = image if mode == "RGB" else image.convert("L").convert("F")
    found = coarse(image)
    assert found.shape == (32, 32, 3) and found.dtype == np.uint8
    assert np.abs(found - squash(image, 32).clip(0, 255)).mean() < 1
