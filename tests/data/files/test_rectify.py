"""Fronts seen from known sides come back facing the camera: drawn ones, as a phone sees them."""

import sys
from pathlib import Path
from random import Random

import numpy as np
import pytest
from conftest import TINY_DATA, run_command
from PIL import Image

from facade_gan.data.files.decode import decode
from facade_gan.data.files.fit import crop
from facade_gan.data.files.upright_rectangle import largest_rectangle, mapped, seen_part
from facade_gan.data.folder import FolderData
from facade_gan.errors import UserError

cv2 = pytest.importorskip("cv2", reason="not installed: pip install 'facade_gan[rectify]'")

import street  # noqa: E402

from facade_gan.data.files import rectify  # noqa: E402

FOCALS = (14, 24, 24, 26, 26, 28, 35, 52, 77)  # mm on full frame, the usual ones most often


def a_view(drawing: np.ndarray, beside: np.ndarray, r: Random, turned: bool) -> street.View:
    size = (800, 600) if r.random() < 0.5 else (600, 800)
    angles = (r.uniform(-40, 40), r.uniform(-20, 20), r.uniform(-4, 4)) if turned else (0, 0, 0)
    return street.seen(drawing, beside, r, angles, r.choice(FOCALS), size)


def residual(view: street.View) -> dict[str, float]:
    """How the front is still turned in what is kept, degrees; lines at their worst place.

    ``aspect`` is how much too wide or high the front has become, as a factor of 1 or more.
    """
    height, width = view.photo.shape[:2]
    camera = rectify.camera_of(Image.fromarray(view.photo))
    left = camera is None or camera.turn < rectify.LEAST_TURN
    diagonal = np.hypot(height, width)
    to_front = np.eye(3) if left else camera.to_front
    focal = view.focal / diagonal
    lens, true_lens = (np.diag([f, f, 1]) for f in (focal if left else camera.focal, focal))
    # Where the front's directions right, down and away vanish in what is kept.
    vanishing = to_front @ true_lens @ view.turn
    middle = mapped(np.zeros((1, 2)), to_front)[0]
    about_middle = np.array([[1, 0, -middle[0]], [0, 1, -middle[1]], [0, 0, 1]])
    right, down, _ = (np.linalg.inv(lens) @ about_middle @ vanishing).T
    away = np.cross(right, down)
    away *= np.sign(away[2])
    outline = seen_part(np.array([width, height]) / diagonal, to_front)
    shown = mapped(outline, to_front)
    tilts = []
    for axis, place in ((0, shown), (1, shown)):
        x = vanishing[0, axis] - vanishing[2, axis] * place[:, 0]
        y = vanishing[1, axis] - vanishing[2, axis] * place[:, 1]
        tilts.append(np.degrees(np.arctan2(*((y, x) if axis == 0 else (x, y)))))
    across, upright = (np.abs((tilt + 90) % 180 - 90).max() for tilt in tilts)
    front = to_front @ true_lens @ view.turn
    wide, high = (np.linalg.norm(front[:2, axis] - front[2, axis] * middle) for axis in (0, 1))
    return {
        "yaw": abs(np.degrees(np.arctan2(away[0], away[2]))),
        "pitch": abs(np.degrees(np.arctan2(away[1], away[2]))),
        "roll": abs(np.degrees(np.arctan2(right[1], abs(right[0])))),
        "horizontals": across,
        "verticals": upright,
        "aspect": max(wide / high, high / wide),
        "left as it is": float(camera is None),
    }


def must_face_the_camera(turned: list[dict[str, float]], upright: list[dict[str, float]]) -> None:
    """At least 90 of 100 within 2 degrees, of fronts that were not turned within half a degree."""
    for views, bound in ((turned, 2), (upright, 0.5)):
        worst = [max(v for k, v in each.items() if k != "aspect") for each in views]
        assert np.mean(np.array(worst) <= bound) >= 0.9


@pytest.fixture(scope="module")
def drawings() -> list[np.ndarray]:
    with pytest.MonkeyPatch.context() as patch:
        return [street.front(patch, seed, 400, 800) for seed in (3, 4)]


def test_fronts_come_back_upright_and_parallel(drawings: list[np.ndarray]) -> None:
    turned, upright = (
        [residual(a_view(*drawings, Random(seed), turns)) for seed in range(count)]
        for turns, count in ((True, 3), (False, 1))
    )
    must_face_the_camera(turned, upright)


@pytest.mark.slow
@pytest.mark.timeout(1800)  # where several share the processor
def test_two_hundred_views_and_forty_upright_fronts(capsys: pytest.CaptureFixture[str]) -> None:
    turned, upright = [], []
    with pytest.MonkeyPatch.context() as patch:
        drawings = [street.front(patch, seed, 600, 1200) for seed in range(41)]
    for n in range(1, 41):
        for k in range(5):
            turned.append(residual(a_view(drawings[n], drawings[n - 1], Random(100 * n + k), True)))
        upright.append(residual(a_view(drawings[n], drawings[n - 1], Random(100 * n + 5), False)))
    with capsys.disabled():
        for name, views in (("turned", turned), ("upright", upright)):
            print(f"\n{name}: 50, 90, 95, 99, 100 % of {len(views)}")
            for key in views[0]:
                found = np.percentile([each[key] for each in views], [50, 90, 95, 99, 100])
                print(f"{key:15}", *(f"{value:6.2f}" for value in found))
    must_face_the_camera(turned, upright)


def test_what_no_line_crosses_stays_as_it_is() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    for pixels in (noise, np.full_like(noise, 90)):
        image = Image.fromarray(pixels)
        assert rectify.rectified(image) == (image, "unclear")


def test_the_rectangle_is_the_largest_in_its_outline() -> None:
    trapezium = np.array([(0.0, 0.0), (4.0, 0.0), (3.0, 2.0), (1.0, 2.0)])
    left, top, right, bottom = largest_rectangle(trapezium)
    # Of 4 - h by h the area is largest at h = 2, where both upper corners are met.
    assert np.allclose((left, top, right, bottom), (1, 0, 3, 2), atol=0.05)


def folder(root: Path, rectify: bool) -> FolderData:
    settings = TINY_DATA | {"fit": "crop", "strict": False, "cache_dir": f"{root.parent}/cache"}
    return FolderData(root=str(root), rectify=rectify, **settings)


def test_a_folder_is_rectified_kept_apart_and_described(
    tmp_path: Path, drawings: list[np.ndarray]
) -> None:
    (tmp_path / "photos").mkdir()
    for name, turned in (("front.png", False), ("side.png", True)):
        photo = a_view(*drawings, Random(1), turned).photo
        Image.fromarray(photo).save(tmp_path / "photos" / name)
    as_taken = folder(tmp_path / "photos", rectify=False).load()
    rectified = folder(tmp_path / "photos", rectify=True).load()
    assert as_taken.changes == {}
    assert rectified.changes == {"front.png": ["upright"], "side.png": ["rectified"]}
    assert (rectified.photos[0] == as_taken.photos[0]).all()
    assert (rectified.photos[1] != as_taken.photos[1]).any()


def test_the_sheet_shows_each_photo_as_taken_and_beside_it_rectified(
    tmp_path: Path, drawings: list[np.ndarray]
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for seed in (1, 2, 3):
        photo = a_view(*drawings, Random(seed), turned=seed != 3).photo
        Image.fromarray(photo).save(photos / f"{seed}.png")
    done = run_command(
        "-m",
        "facade_gan.photos",
        f"data.root='{photos}'",
        f"data.cache_dir='{tmp_path}'",
        "data.rectify=true",
        "image_size=32",
        f"out='{tmp_path}/sheet.png'",
    )
    assert done.returncode == 0, done.stderr
    assert "2 fronts rectified, 1 upright already, 0 left" in done.stdout
    assert "each as it was taken and beside it rectified" in done.stdout
    sheet = np.asarray(Image.open(tmp_path / "sheet.png"))
    assert sheet.shape == (2 * 34 + 2, 4 * 34 + 2, 3)
    before, after = [
        [sheet[y : y + 32, x : x + 32] for y, x in ((2, left), (2, left + 68), (36, left))]
        for left in (2, 36)
    ]
    for k, photo in enumerate(sorted(photos.iterdir())):
        assert (before[k] == decode(photo, 32, crop, rectify=False).pixels).all()
        assert (after[k] == decode(photo, 32, crop, rectify=True).pixels).all()
    assert (before[2] == after[2]).all()
    assert (before[0] != after[0]).any()


def test_a_missing_opencv_is_said_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    folder(tmp_path, rectify=False)
    with pytest.raises(UserError, match=r"OpenCV: pip install 'facade_gan\[rectify\]'"):
        folder(tmp_path, rectify=True)
