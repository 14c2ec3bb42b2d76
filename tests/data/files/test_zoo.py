"""Every file of the zoo is read right, or left out with its reason; the same for random damage."""

from pathlib import Path

import numpy as np
import pytest
import zoo
import zoo_bad
import zoo_good
from hypothesis import example, given, settings
from hypothesis import strategies as st
from zoo import decode

from facade_gan.data.files.fit import FITS, crop
from facade_gan.data.files.listing import files_below
from facade_gan.data.folder import decode_all
from facade_gan.data.photoset import UnusablePhoto

FAMILIES = (zoo_good.jpegs, zoo_good.pngs, zoo_good.tiffs, zoo_good.others, zoo_good.names,
            zoo_bad.damaged, zoo_bad.no_images, zoo_bad.bad_shapes)  # fmt: skip
CASES = [case for family in FAMILIES for case in family()]
SIZE = 64

pytestmark = pytest.mark.filterwarnings("ignore")  # Pillow's remarks on odd files


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all: a fresh one for each of many hundred files takes longer than they do."""
    return tmp_path_factory.mktemp("zoo")


def result_of(path: str | Path) -> np.ndarray | str:
    try:
        return decode(path, SIZE, crop)
    except UnusablePhoto as reason:
        return str(reason)


def test_the_zoo_has_over_two_hundred_files_of_different_names() -> None:
    assert len({case.name for case in CASES}) == len(CASES) > 200


@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case.name))
def test_a_file_of_the_zoo_is_read_right_or_left_out(case: zoo.Case, folder: Path) -> None:
    result = result_of(zoo.write(case, folder))
    if case.quadrants is not None:
        assert not isinstance(result, str), result
        seen = result[SIZE // 4 :: SIZE // 2, SIZE // 4 :: SIZE // 2].astype(int)
        assert np.abs(seen - case.quadrants).max() <= case.tolerance
    elif case.reason is not None:
        assert isinstance(result, str)
        assert result.startswith(case.reason)
    elif not isinstance(result, str):  # the damage must have missed the picture
        (folder / "whole").write_bytes(case.like)
        assert np.array_equal(result, result_of(folder / "whole"))


def test_the_zoo_in_one_folder_is_accounted_for_to_the_last_file(tmp_path: Path) -> None:
    for case in CASES:
        zoo.write(case, tmp_path)
    files, unlisted = files_below(tmp_path, tmp_path)
    photoset = decode_all(files, SIZE, crop, rectify=False)
    left_out = [entry.name for entry in photoset.left_out]
    assert unlisted == []
    assert len(photoset) == len(photoset.names)
    assert sorted(photoset.names + left_out) == sorted(file.name for file in files)
    assert len(files) == len(CASES)
    to_be_used = sum(case.quadrants is not None for case in CASES)
    to_be_left_out = sum(case.reason is not None for case in CASES)
    assert len(photoset) >= to_be_used
    assert len(left_out) >= to_be_left_out


def fresh(path: Path) -> Path:
    """The path with nothing at it: some disks wait whenever a file is written over."""
    path.unlink(missing_ok=True)
    return path


ORIGINALS = zoo_bad.originals()


@st.composite
def damaged_files(draw: st.DrawFn) -> bytes:
    """A valid file with bytes changed (half of them in its header), cut out, put in or cut off."""
    data = bytearray(ORIGINALS[draw(st.sampled_from(sorted(ORIGINALS)))])
    position = st.one_of(st.integers(0, 63), st.integers(0, len(data) - 1))
    for where, byte in draw(st.lists(st.tuples(position, st.integers(0, 255)), max_size=8)):
        data[where] = byte
    start, length = draw(position), draw(st.integers(0, 40))
    data[start : start + length] = draw(st.binary(max_size=8)) if length else data[start:start]
    return bytes(data[: draw(st.one_of(st.just(len(data)), st.integers(0, len(data))))])


@settings(max_examples=1000, deadline=None)
@given(data=damaged_files(), fit=st.sampled_from(sorted(FITS)))
@example(data=b"", fit="crop")
def test_any_bytes_give_a_picture_of_the_right_size_or_a_reason(
    folder: Path, data: bytes, fit: str
) -> None:
    path = fresh(folder / "photo")
    path.write_bytes(data)
    try:
        picture = decode(path, 16, FITS[fit])
    except UnusablePhoto as reason:
        assert str(reason)
    else:
        assert picture.shape == (16, 16, 3)
        assert picture.dtype == np.uint8


@settings(max_examples=500, deadline=None)
@given(
    start=st.sampled_from(sorted({data[:16] for data in ORIGINALS.values()})),
    rest=st.binary(max_size=300),
)
def test_a_true_signature_with_anything_behind_it_gives_a_reason_or_a_picture(
    folder: Path, start: bytes, rest: bytes
) -> None:
    path = fresh(folder / "photo")
    path.write_bytes(start + rest)
    result = result_of(path)
    assert result if isinstance(result, str) else result.shape == (SIZE, SIZE, 3)
