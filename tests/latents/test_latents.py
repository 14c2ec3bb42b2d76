"""What is done with noise: directions, walks, less variety; on the weights that come along."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch._subclasses import FakeTensorMode

from facade_gan.checkpoints.read import load_networks
from facade_gan.errors import UserError
from facade_gan.latents.directions import METHODS, load_directions, moved, save_directions, sefa
from facade_gan.latents.variety import best_of, shrunk
from facade_gan.latents.walks import closed_walk, there_and_back
from facade_gan.networks import LightweightGenerator
from facade_gan.sampling import noises

G, D = load_networks("drawn")


def noise(count: int, seed: int = 0) -> Tensor:
    return torch.stack(list(islice(noises(G.latent_dim, seed), count)))


@torch.no_grad()
def test_the_first_direction_moves_the_first_layer_most() -> None:
    found, z = sefa(G), noise(1)
    layer = G.stages_by_name()["base map"][:2]
    change = [(layer(z + d[:, None, None]) - layer(z)).norm().item() for d in found]
    assert change == sorted(change, reverse=True)
    others = torch.nn.functional.normalize(noise(50, seed=1), dim=1)
    assert change[0] > max((layer(z + d) - layer(z)).norm().item() for d in others)


@pytest.mark.parametrize("method", METHODS)
def test_directions_are_unit_vectors_and_the_same_each_time(method: str) -> None:
    found = METHODS[method](G)
    torch.testing.assert_close(found.norm(dim=1), torch.ones(G.latent_dim))
    assert torch.equal(found, METHODS[method](G))


def test_directions_of_a_generator_on_a_gpu_are_where_the_noise_is() -> None:
    with FakeTensorMode():
        generator = LightweightGenerator(64, 8, [8] * 5)
        for module in generator.modules():
            for own in (module._parameters, module._buffers):
                own.update({n: t.to("cuda:0") for n, t in own.items() if t is not None})
        assert generator.first[0].weight.device.type == "cuda"
        assert sefa(generator).device.type == "cpu"


def test_directions_come_back_from_their_file_and_a_wrong_one_is_named(tmp_path: Path) -> None:
    found = sefa(G)
    save_directions(found, tmp_path / "d.npz")
    assert torch.equal(load_directions(tmp_path / "d.npz", G.latent_dim), found)
    with pytest.raises(UserError, match=r"directions=.*d\.npz: \(100, 100\), but"):
        load_directions(tmp_path / "d.npz", 7)
    with pytest.raises(UserError, match=r"direction\.0: there are directions 1 to 100"):
        moved(noise(1), found, {0: 1.0})


@pytest.mark.parametrize("frames", [60, 200])
def test_a_walk_passes_its_stations_evenly_and_its_end_is_no_larger_step(frames: int) -> None:
    stations = noise(4)
    walk = closed_walk(stations, frames)
    torch.testing.assert_close(walk[0], stations[0], rtol=0, atol=1e-4)
    steps = (walk.roll(-1, 0) - walk).flatten(1).norm(dim=1)
    assert 0.9 * steps.median() < steps[-1] <= steps.median()
    assert steps.max() < 1.01 * steps.median()
    apart = torch.cdist(stations.flatten(1), walk.flatten(1)).min(dim=1).values
    assert (apart <= steps.max() / 2 + 1e-3).all()
    assert walk.flatten(1).norm(dim=1).min() > 0.8 * stations.flatten(1).norm(dim=1).min()


@pytest.mark.parametrize("together", [1, 7, 300])
def test_a_walk_keeps_the_pace_of_what_is_seen(together: int) -> None:
    def seen(z: Tensor) -> Tensor:  # what changes quickly on one side, slowly on the other
        return torch.exp(z.flatten(1)[:, :1]) + 0.01 * z.flatten(1)

    walk = seen(closed_walk(noise(4), 300, lambda z: seen(z).split(together)))
    steps = (walk.roll(-1, 0) - walk).norm(dim=1)
    assert steps[-1] <= steps.median() and steps.max() < 1.5 * steps.median()


def test_there_and_back_begins_at_one_and_turns_at_the_other() -> None:
    first, last = noise(2)
    way = there_and_back(first, last, 40)
    torch.testing.assert_close(way[0], first)
    torch.testing.assert_close(way[20], last)
    steps = (way.roll(-1, 0) - way).flatten(1).norm(dim=1)
    assert steps[-1] <= np.median(steps)


@torch.no_grad()
def test_less_variety_brings_images_together_and_leaves_the_generator_alone() -> None:
    z = noise(64)
    before = G(z)
    less = shrunk(G, 0.5)(z)
    assert torch.equal(G(z), before) and shrunk(G, 1) is G
    assert torch.pdist(less.flatten(1)).mean() < torch.pdist(before.flatten(1)).mean()


@torch.no_grad()
def test_best_of_three_takes_what_the_discriminator_likes_most() -> None:
    z = noise(12)
    expected = z.view(4, 3, -1, 1, 1)[range(4), D(G(z)).view(4, 3).argmax(1)]
    assert torch.equal(torch.stack(list(best_of(iter(z), 3, G, D))), expected)
