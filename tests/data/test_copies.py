import io
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import TINY_DATA
from PIL import Image, ImageEnhance
from torch import Tensor

from facade_gan.data.copies import copies_among
from facade_gan.data.folder import FolderData
from facade_gan.data.module import FacadeData, split
from facade_gan.data.photoset import PhotoSet
from facade_gan.errors import UserError
from facade_gan.shape_grammar.facade import draw_facade

CMP = Path(__file__).parents[3] / "shared" / "cmp"


def as_tensor(pictures: list[Image.Image], size: int = 64) -> Tensor:
    arrays = [np.asarray(p.resize((size, size), Image.Resampling.BICUBIC)) for p in pictures]
    return torch.from_numpy(np.stack(arrays)).permute(0, 3, 1, 2).contiguous()


def saved_again(picture: Image.Image) -> Image.Image:
    file = io.BytesIO()
    picture.resize((picture.width // 2, picture.height // 2)).save(file, "JPEG", quality=50)
    return Image.open(file)


def next_of_burst(picture: Image.Image) -> Image.Image:
    moved = picture.crop((2, 1, picture.width - 2, picture.height - 1))
    return ImageEnhance.Brightness(moved).enhance(1.03)


@pytest.fixture(scope="module")
def facades() -> list[Image.Image]:
    return [Image.fromarray(draw_facade(seed, 256)) for seed in range(12)]


def test_copies_are_found_and_different_facades_are_not(facades: list[Image.Image]) -> None:
    pictures = [*facades, facades[3], saved_again(facades[5]), next_of_burst(facades[7])]
    names = [f"{i:02d}" for i in range(len(pictures))]
    found = copies_among(as_tensor(pictures), names)
    assert found == {"12": "03", "13": "05", "14": "07"}


def test_plain_pictures_of_different_colours_are_no_copies() -> None:
    plain = [Image.new("RGB", (64, 64), c) for c in ("red", "green", "blue", "red", "grey")]
    assert copies_among(as_tensor(plain), list("abcde")) == {"d": "a"}


def test_one_photo_or_none_has_no_copies() -> None:
    assert copies_among(torch.zeros(0, 3, 8, 8, dtype=torch.uint8), []) == {}
    assert copies_among(torch.zeros(1, 3, 8, 8, dtype=torch.uint8), ["a"]) == {}


def test_copies_of_a_single_photo_cannot_be_held_out_and_no_number_is_advised() -> None:
    all_alike = {f"{i:02d}": "00" for i in range(1, 10)}
    with pytest.raises(UserError, match=r"all 10 photos are copies of one.*data\.holdout=0"):
        split(photoset(10, all_alike), 5)


def photoset(count: int, copy_of: dict[str, str]) -> PhotoSet:
    photos = torch.arange(count, dtype=torch.uint8).view(-1, 1, 1, 1).expand(-1, 3, 2, 2)
    return PhotoSet(photos.contiguous(), [f"{i:02d}" for i in range(count)], copy_of=copy_of)


@pytest.mark.parametrize("holdout", [1, 3, 7, 20])
def test_without_copies_the_split_is_what_it_always_was(holdout: int) -> None:
    order = torch.randperm(40, generator=torch.Generator().manual_seed(0))
    train, held_out = split(photoset(40, {}), holdout)
    assert held_out is not None
    assert held_out.names == [f"{i:02d}" for i in sorted(order[:holdout].tolist())]
    assert train.names == [f"{i:02d}" for i in sorted(order[holdout:].tolist())]


@pytest.mark.parametrize("holdout", range(1, 30))
def test_copies_are_held_out_together_or_not_at_all(holdout: int) -> None:
    copy_of = {f"{i:02d}": f"{i % 5:02d}" for i in range(5, 20)}  # five photos, four times each
    train, held_out = split(photoset(40, copy_of), holdout)
    assert held_out is not None
    assert len(held_out) == holdout
    assert len(train) == 40 - holdout
    sides = [{copy_of.get(name, name) for name in part.names} for part in (train, held_out)]
    assert not sides[0] & sides[1]


def test_fewer_held_out_than_any_photo_has_copies_is_said() -> None:
    twice = {f"{i:02d}": f"{i - 5:02d}" for i in range(5, 10)}
    with pytest.raises(UserError, match=r"set data\.holdout=2 or more"):
        split(photoset(10, twice), 1)


@pytest.mark.skipif(not CMP.is_dir(), reason="the photos of CMP are not there")
def test_no_two_of_five_hundred_real_facades_are_taken_for_copies() -> None:
    paths = sorted(CMP.glob("*/*.jpg"))
    pictures = []
    for path in paths:
        with Image.open(path) as image:
            image.draft("RGB", (256, 256))
            pictures.append(image.convert("RGB").resize((32, 32), Image.Resampling.BICUBIC))
    assert len(pictures) >= 500
    assert copies_among(as_tensor(pictures), [path.name for path in paths]) == {}


class Sixteen(FacadeData):
    """Sixteen photos, of which 1, 5 and 9 are copies of 0 and 6 is one of 3."""

    def load(self) -> PhotoSet:
        return photoset(16, {"01": "00", "05": "00", "09": "00", "06": "03"})


@pytest.mark.parametrize(("limit", "copies"), [(None, {1, 5, 9, 6}), (6, {1, 5})])
def test_the_photos_to_train_on_say_which_of_them_are_different(
    limit: int | None, copies: set[int]
) -> None:
    data = Sixteen(**TINY_DATA | {"limit": limit})
    data.setup()
    assert {*(~data.different).nonzero().flatten().tolist()} == copies


def test_tall_photos_padded_to_squares_are_not_copies_by_their_bars(tmp_path: Path) -> None:
    root = tmp_path / "photos"
    root.mkdir()
    for seed in range(40):
        Image.fromarray(draw_facade(seed, 240, 60)).save(root / f"{seed:02d}.png")
    Image.fromarray(draw_facade(3, 240, 60)).save(root / "again.jpg", quality=80)
    settings = TINY_DATA | {"strict": False, "cache_dir": str(tmp_path / "cache"), "image_size": 64}
    for rectify in (False, True) if find_spec("cv2") else (False,):
        found = FolderData(root=str(root), fit="pad", rectify=rectify, **settings).load()
        assert found.copy_of == {"again.jpg": "03.png"}


def test_the_same_photos_are_held_out_at_every_size_and_fit(tmp_path: Path) -> None:
    root = tmp_path / "photos"
    root.mkdir()
    for seed in range(20):
        facade = Image.fromarray(draw_facade(seed, 120, 180))
        for i in range(4):  # frames that a walk moves so far that not all are taken for copies
            frame = facade.crop((9 * i, i, facade.width - i, facade.height - i))
            frame.save(root / f"{seed:02d}-{i}.png")
    found, held_out = [], []
    for size, fit in ((64, "crop"), (128, "crop"), (64, "pad"), ([96, 64], "squash")):
        settings = {"strict": False, "cache_dir": str(tmp_path), "image_size": size, "fit": fit}
        data = FolderData(root=str(root), **TINY_DATA | settings | {"holdout": 20})
        data.setup()
        assert data.held_out is not None
        found.append(data.load().copy_of)
        held_out.append(data.held_out.names)
    assert 10 < len(found[0]) < 60
    assert all(copies == found[0] for copies in found)
    assert all(names == held_out[0] for names in held_out)
