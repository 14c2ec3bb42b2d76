import pytest
import torch
from torch import Tensor

from facade_gan import augment
from facade_gan.augment import POLICIES, DiffAugment, NoAugment, cutout, translation


def images(count: int = 6, size: int = 32) -> Tensor:
    return torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(1)) * 2 - 1


def draws(monkeypatch: pytest.MonkeyPatch, *values: float) -> None:
    """Let the policies draw ``values`` for every image instead of random numbers."""
    monkeypatch.setattr(
        augment,
        "_uniform",
        lambda images, count: tuple(torch.full((len(images), 1, 1, 1), v) for v in values[:count]),
    )


@pytest.mark.parametrize("down", [0.0, 0.3, 0.5, 0.99999994])
@pytest.mark.parametrize("right", [0.0, 0.7, 0.99999994])
def test_translation_moves_the_picture_and_shows_grey_beside_it(
    monkeypatch: pytest.MonkeyPatch, down: float, right: float
) -> None:
    x, reach = images(), 4
    draws(monkeypatch, down, right)

    moved = augment.translation(x)

    # row r shows row r + dy of the picture, dy from -4 to 4, each as likely
    dy, dx = int(down * 9) - reach, int(right * 9) - reach
    for r in range(32):
        for c in (0, 3, 15, 28, 31):
            inside = 0 <= r + dy < 32 and 0 <= c + dx < 32
            expected = x[:, :, r + dy, c + dx] if inside else torch.zeros(len(x), 3)
            assert torch.equal(moved[:, :, r, c], expected)


@pytest.mark.parametrize("size", [4, 30, 32, 64])
def test_translation_never_indexes_out_of_range(size: int) -> None:
    torch.manual_seed(0)
    for _ in range(20):
        assert augment.translation(images(50, size)).shape == (50, 3, size, size)


def test_color_is_the_papers_brightness_saturation_and_contrast(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x = images()
    draws(monkeypatch, 0.8, 0.3, 0.1)  # brightness +0.3, saturation times 0.6, contrast times 0.6

    brighter = x.double() + 0.3
    grey = brighter.mean(dim=1, keepdim=True)
    paler = (brighter - grey) * 0.6 + grey
    mean = paler.mean(dim=(1, 2, 3), keepdim=True)
    expected = (paler - mean) * 0.6 + mean

    torch.testing.assert_close(augment.color(x).double(), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("centre", [0.0, 0.25, 0.5, 0.99])
def test_cutout_greys_a_square_of_half_the_side(
    monkeypatch: pytest.MonkeyPatch, centre: float
) -> None:
    x = images()
    draws(monkeypatch, centre, 0.5)

    kept = augment.cutout(x) == x

    rows = [r for r in range(32) if abs(r + 0.5 - 32 * centre) < 8]
    hidden = torch.zeros(32, 32, dtype=torch.bool)
    hidden[rows[0] : rows[-1] + 1, 8:24] = True
    assert torch.equal(kept, ~hidden.expand_as(x))


@pytest.mark.parametrize("name", POLICIES)
def test_gradients_flow_to_every_image(name: str) -> None:
    torch.manual_seed(0)
    x = images().requires_grad_()
    (DiffAugment([name])(x) * images()).sum().backward()
    assert x.grad.isfinite().all()
    assert (x.grad.flatten(1).abs().sum(1) > 0).all()


@pytest.mark.parametrize("name", ["translation", "cutout"])
def test_the_gradient_of_a_pixel_is_where_the_pixel_went(name: str) -> None:
    x = images().requires_grad_()
    torch.manual_seed(3)
    shown = DiffAugment([name])(x)
    shown.sum().backward()
    # These two copy or hide pixels: a pixel's gradient is 1 if it is in view, else 0.
    assert set(x.grad.unique().tolist()) <= {0.0, 1.0}
    torch.testing.assert_close((x.grad * x).sum(), shown.sum(), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("name", POLICIES)
def test_every_image_draws_its_own(name: str) -> None:
    torch.manual_seed(0)
    same = images(1).expand(16, -1, -1, -1)
    shown = DiffAugment([name])(same)
    assert len(shown.unique(dim=0)) > 8


def test_real_and_fake_go_through_the_same_draws_of_the_same_policies() -> None:
    real, fake, both = images(4), images(4).flip(0), DiffAugment(["color", "translation", "cutout"])
    torch.manual_seed(7)
    seen_real = both(real)
    torch.manual_seed(7)
    seen_fake = both(fake)
    torch.manual_seed(7)
    assert torch.equal(both(real), seen_real)
    # Under the same draws they differ only by what the images are, so in the same places.
    assert torch.equal(seen_real == 0, seen_fake == 0)


@pytest.mark.parametrize("name", POLICIES)
def test_bf16_images_stay_bf16_and_near_float32(name: str) -> None:
    policy = DiffAugment([name])
    x = images()
    torch.manual_seed(0)
    precise = policy(x)
    torch.manual_seed(0)
    coarse = policy(x.bfloat16())
    assert coarse.dtype == torch.bfloat16
    torch.testing.assert_close(coarse.float(), precise, rtol=0.05, atol=0.05)


@pytest.mark.parametrize("name", POLICIES)
def test_channels_last_images_give_the_same(name: str) -> None:
    x = images()
    torch.manual_seed(0)
    plain = DiffAugment([name])(x)
    torch.manual_seed(0)
    last = DiffAugment([name])(x.contiguous(memory_format=torch.channels_last))
    torch.testing.assert_close(last, plain, rtol=0, atol=1e-6)


def test_no_augment_hands_on_the_same_tensor() -> None:
    x = images()
    assert NoAugment()(x) is x


def test_tall_images_are_moved_and_cut_in_proportion_to_each_side() -> None:
    torch.manual_seed(0)
    hidden = cutout(torch.ones(400, 3, 48, 32)) == 0
    rows, columns = hidden.any((1, 3)).sum(1), hidden.any((1, 2)).sum(1)
    assert rows.max() == 24 and columns.max() == 16
    moved = translation(torch.ones(400, 3, 48, 32)) == 0
    assert moved.all((1, 3)).sum(1).max() == 6
    assert moved.all((1, 2)).sum(1).max() == 4
