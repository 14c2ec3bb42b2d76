"""The noise behind an image: a generator's own images are found again."""

import math
from itertools import islice

import pytest
import torch
from conftest import contrasty_generator
from torch import Tensor

from facade_gan.checkpoints.read import load_networks
from facade_gan.latents.projection import Projector, Search, difference, free_maps
from facade_gan.networks import DCGANDiscriminator, DCGANGenerator
from facade_gan.sampling import noises

FEW = Search(candidates=64, starts=2, steps=60, rate=0.2, seed=0, batch_size=8)


def tiny(discriminator: bool = True) -> Projector:
    generator = contrasty_generator().eval().requires_grad_(False)
    d = DCGANDiscriminator(32, 8, "none", None).eval().requires_grad_(False)
    return Projector(generator, d if discriminator else None, FEW)


@pytest.mark.parametrize("discriminator", [True, False])
def test_own_images_are_found_again_and_each_step_leaves_the_first_find(
    discriminator: bool,
) -> None:
    projector = tiny(discriminator)
    own = projector.generated(projector.sampled(5, seed=1))
    found = projector.find(own)
    assert found.errors.median() < 0.1 * projector.between_two
    assert (found.errors < difference(found.first, own)).all()
    assert torch.equal(projector.generated(found.z), found.images)
    torch.testing.assert_close(difference(found.images, own), found.errors)


def test_the_first_find_is_the_nearest_of_the_candidates() -> None:
    projector = tiny(discriminator=False)
    candidates = projector.generated(projector.sampled(FEW.candidates, FEW.seed))
    own = projector.generated(projector.sampled(3, seed=1))
    z = projector.nearest(own / 127.5 - 1)
    expected = (candidates[None].float() - own[:, None]).abs().mean((2, 3, 4)).argmin(1)
    assert torch.equal(z[:, 0], projector.sampled(FEW.candidates, FEW.seed)[expected])


def test_noise_keeps_the_length_that_the_prior_gives_it() -> None:
    projector = tiny()
    black = torch.zeros(2, 3, 32, 32, dtype=torch.uint8)
    length = projector.find(black).z.flatten(1).norm(dim=1)
    assert ((length - math.sqrt(8)).abs() < 3 / math.sqrt(2) + 1e-4).all()


@torch.no_grad()
def test_free_maps_come_closer_and_leave_the_generator_as_it_was() -> None:
    projector = tiny()
    noise = torch.randint(0, 256, (3, 3, 32, 32), dtype=torch.uint8)
    with torch.enable_grad():
        found = projector.find(noise)
        freed = projector.with_free_maps(found.z, noise)
    assert (difference(freed, noise) < found.errors).all()
    assert torch.equal(projector.generated(found.z), found.images)
    z = projector.sampled(2, seed=3)
    before = projector.generator(z)
    with free_maps(projector.generator, z) as maps:
        assert [m.shape[-1] for m in maps] == [4, 8, 16]
        assert torch.equal(projector.generator(z), before)


@torch.no_grad()
def test_the_photos_beside_it_change_nothing_of_what_a_free_map_does() -> None:
    generator = contrasty_generator().eval().requires_grad_(False)

    def moved(z: Tensor) -> Tensor:
        with free_maps(generator, z) as maps:
            for each in maps:
                each.fill_(0.1)
            return generator(z)

    z = torch.stack(list(islice(noises(8, 2), 5))) * torch.arange(1, 6).view(5, 1, 1, 1)
    alone = torch.cat([moved(each) for each in z.split(1)])
    torch.testing.assert_close(moved(z), alone, rtol=0, atol=1e-4)
    assert (moved(z) - generator(z)).abs().mean() > 0.01


def test_no_more_images_are_computed_at_a_time_than_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    projector, largest = tiny(), 0
    maps = projector.maps

    def watched(images: Tensor) -> list[Tensor]:
        nonlocal largest
        largest = max(largest, len(images))
        return maps(images)

    monkeypatch.setattr(projector, "maps", watched)
    targets = projector.generated(projector.sampled(19, seed=1)) / 127.5 - 1
    near = projector.nearest(targets)
    assert largest == FEW.batch_size and near.shape == (19, FEW.starts, 8, 1, 1)
    assert torch.equal(near[16:], projector.nearest(targets[16:]))


def test_free_maps_move_what_dcgan_draws() -> None:
    generator = DCGANGenerator(32, 8, 8).eval().requires_grad_(False)
    z = torch.randn(2, 8, 1, 1)
    before = generator(z)
    with free_maps(generator, z) as maps:
        assert [m.shape[-1] for m in maps] == [4, 8]
        assert torch.equal(generator(z), before)
        for each in maps:
            with torch.no_grad():
                each.fill_(1.0)
            assert not torch.equal(generator(z), before)
            with torch.no_grad():
                each.fill_(0.0)
    assert torch.equal(generator(z), before)


def test_a_discriminator_that_compares_images_is_compared_by_its_maps_alone() -> None:
    generator = contrasty_generator().eval().requires_grad_(False)
    torch.manual_seed(0)
    comparing = DCGANDiscriminator(32, 8, "none", None, deviation_group=4).eval()
    projector = Projector(generator, comparing.requires_grad_(False), FEW)
    maps = projector.maps(torch.randn(4, 3, 32, 32))
    assert [m.shape[-1] for m in maps] == [32, 16, 8, 4]


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_own_images_of_the_shipped_weights_are_found_again() -> None:
    generator, discriminator = (n.requires_grad_(False) for n in load_networks("drawn"))
    search = Search(candidates=500, starts=1, steps=200, rate=0.2, seed=0, batch_size=16)
    projector = Projector(generator, discriminator, search)
    own: Tensor = projector.generated(projector.sampled(16, seed=1))
    assert projector.find(own).errors.median() < 0.1 * projector.between_two
