import pytest
import torch

from facade_gan.metrics.features import Extractor
from facade_gan.metrics.neighbours import (
    BLOCK,
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
    return lambda fakes, photos: closest_in_features(fakes, photos, Corners(), tmp_path)


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
