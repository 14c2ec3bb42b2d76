import subprocess
import sys

import pytest
import torch

from facade_gan.metrics.features import Extractor
from facade_gan.metrics.neighbours import (
    BLOCK,
    Closest,
    closest_in_features,
    closest_in_pixels,
    neighbours_figure,
)


class Corners(Extractor):
    name = "corners"

    def forward(self, images):
        return images[:, :, ::7, ::7].flatten(1).float()


def images(count, size=8, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (count, 3, size, size), generator=generator, dtype=torch.uint8)


@pytest.fixture(params=["pixels", "features"])
def closest(request, tmp_path):
    if request.param == "pixels":
        return closest_in_pixels
    return lambda fakes, photos, **options: closest_in_features(
        fakes, photos, Corners(), tmp_path, **options
    )


def test_a_copy_is_found_at_distance_zero(closest):
    photos = images(20)
    found = closest(photos[[7, 3]], photos)
    assert torch.equal(found.photos, photos[[7, 3]])
    assert found.distances.tolist() == pytest.approx([0, 0], abs=1e-3)


def test_a_mirrored_copy_counts_as_a_copy_and_is_shown_mirrored(closest):
    photos = images(20)
    mirrored = photos[[5]].flip(3)
    found = closest(mirrored, photos)
    assert torch.equal(found.photos, mirrored)
    assert found.distances.item() == pytest.approx(0, abs=1e-3)


def test_pixel_distance_is_the_root_mean_square_in_grey_levels():
    photos = images(6).clamp(20, 200)
    photos[4] = 100
    fake = torch.full((1, 3, 8, 8), 103, dtype=torch.uint8)
    assert closest_in_pixels(fake, photos).distances.item() == pytest.approx(3, abs=1e-3)


def test_the_usual_distance_is_the_median_over_photos_to_another_photo():
    photos = torch.stack([torch.full((3, 8, 8), level) for level in (0, 10, 30, 70)]).byte()
    # to their closest other photo: 10, 10, 20, 40; torch's median takes the lower middle one
    assert closest_in_pixels(photos[:1], photos).usual == pytest.approx(10, abs=1e-3)


def test_many_photos_are_compared_as_few_are():
    photos = images(2 * BLOCK + 50, size=4)
    fakes = images(BLOCK + 3, size=4, seed=1)
    found = closest_in_pixels(fakes, photos)
    both = torch.cat([photos, photos.flip(3)])
    apart = [
        ((rows[:, None].double() - both[None].double()) ** 2).mean((2, 3, 4)).sqrt()
        for rows in (fakes, photos)
    ]
    itself = torch.arange(len(photos))
    apart[1][itself, itself] = apart[1][itself, itself + len(photos)] = torch.inf
    assert torch.equal(found.photos, both[apart[0].argmin(1)])
    torch.testing.assert_close(found.distances.double(), apart[0].min(1).values)
    torch.testing.assert_close(found.among_photos.double(), apart[1].min(1).values)


def test_large_images_are_compared_at_64_pixels():
    photos = images(5, size=128)
    found = closest_in_pixels(photos[[2]], photos)
    assert torch.equal(found.photos, photos[[2]])


def test_the_figure_leads_with_the_copies_among_the_fakes(tmp_path):
    photos = images(20)
    fakes = images(30, seed=1)
    fakes[17] = photos[4]
    figure, verdict = neighbours_figure(fakes, photos, Corners(), tmp_path, columns=3)
    assert len(figure.axes) == 9
    first_of_each_row = [figure.axes[i].images[0].get_array() for i in (0, 3, 6)]
    for shown in first_of_each_row:
        assert torch.equal(torch.tensor(shown).permute(2, 0, 1), photos[4])
    assert figure.axes[3].get_xlabel() == figure.axes[6].get_xlabel() == "0.00"
    assert "3 of 30 generated images" in figure.get_suptitle()
    assert verdict in figure.get_suptitle()


def test_copies_are_called_copies_and_new_photos_of_the_same_kind_are_not(closest):
    photos, new = images(200, seed=1), images(100, seed=2)
    assert closest(new, photos).verdict().startswith("No sign of copies: ")
    copies = torch.cat([new[:70], photos[:30]])
    found = closest(copies, photos)
    assert found.verdict().startswith("Look for copies: ")
    assert found.suspects >= 30


@pytest.mark.parametrize(("photos", "fakes"), [(80, 1000), (80, 256), (500, 1000)])
def test_images_of_the_photos_own_kind_are_called_copies_once_in_a_hundred_sets(photos, fakes):
    generator, alarms = torch.Generator().manual_seed(0), 0
    for _ in range(1000):
        apart = torch.rand(photos + fakes, generator=generator)
        found = Closest(torch.empty(0), apart[photos:], apart[:photos])
        alarms += found.verdict().startswith("Look for copies: ")
    assert 2 <= alarms <= 22  # 10 are expected; the binomial spread is 3


@pytest.mark.parametrize("said", [True, False])
def test_a_set_with_bursts_and_duplicates_does_not_hide_that_it_was_memorised(
    closest, said, tmp_path
):
    photos = smooth(100)
    burst = (photos[:8].int() + 2).clamp(0, 255).byte()
    several = torch.cat([photos, burst, photos[8:12]])
    noise = torch.randn(40, 3, 32, 32, generator=torch.Generator().manual_seed(2))
    memorised = (photos[40:80] + noise).clamp(0, 255).byte()
    different = torch.arange(112) < 100 if said else None
    found = closest(memorised, several, different=different)
    assert found.verdict().startswith("Look for copies: 40 of 40 ")
    assert torch.equal(found.among_photos, closest(memorised, photos).among_photos)
    assert closest(smooth(60, seed=3), several).verdict().startswith("No sign of copies")
    copies = closest(burst, several, different=different)  # a copy is still a photo to be found
    assert torch.equal(copies.photos, burst)


def smooth(count, seed=0):
    """Photos that differ in their coarse shape, as real ones do."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(count, 3, 5, 5, generator=generator) * 255
    return torch.nn.functional.interpolate(coarse, (32, 32), mode="bilinear").byte()


def test_photos_that_are_all_copies_of_one_are_compared_all_the_same(closest):
    photos = smooth(1).repeat(3, 1, 1, 1)
    found = closest(photos[:1], photos)
    assert found.among_photos.tolist() == pytest.approx([0, 0, 0], abs=1e-3)


MEASURED = """
import re, sys, torch
from pathlib import Path
from facade_gan.metrics.neighbours import closest_in_pixels
def peak():  # not by getrusage, whose figure begins at the parent's
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
different = torch.ones(500, dtype=torch.bool)
photos = torch.zeros(500, 3, 256, 256, dtype=torch.uint8)
photos += torch.arange(500).remainder(256).view(-1, 1, 1, 1).byte()
closest_in_pixels(photos[:64], photos[:64], different[:64])  # what PyTorch needs anyway
before = peak()
closest_in_pixels(photos[:16], photos, different)
print((peak() - before) / photos.nbytes)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="read from /proc")
def test_large_photos_are_compared_in_about_the_memory_that_they_take():
    done = subprocess.run(
        [sys.executable, "-c", MEASURED], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 2  # it was 6.6
