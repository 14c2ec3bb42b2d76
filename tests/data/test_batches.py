from collections.abc import Iterator

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from facade_gan.data.batches import HostBlocks, SampleBlocks, gather, normalise


def photos(count: int = 10, size: int = 4) -> Tensor:
    own = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (count, 3, size, size), dtype=torch.uint8, generator=own)


def epoch(blocks: SampleBlocks) -> list[Tensor]:
    return [block.clone() for block in blocks]


def test_gather_copies_photos_and_their_mirror_images() -> None:
    x = photos()
    chosen = gather(x, torch.tensor([3, 13, 0, 19]))
    assert torch.equal(chosen[0], x[3])
    assert torch.equal(chosen[1], x[3].flip(-1))  # sample 10 + 3: photo 3, left and right swapped
    assert torch.equal(chosen[2], x[0])
    assert torch.equal(chosen[3], x[9].flip(-1))


def test_normalise_maps_bytes_to_minus_one_to_one() -> None:
    bytes_ = torch.arange(256, dtype=torch.uint8)
    expected = bytes_.double() / 255 * 2 - 1
    assert normalise(bytes_).dtype == torch.float32
    torch.testing.assert_close(normalise(bytes_).double(), expected, rtol=0, atol=1e-6)
    assert normalise(bytes_).aminmax() == (-1, 1)


@settings(max_examples=200, deadline=None)
@given(
    count=st.integers(4, 60),
    batch=st.integers(1, 7),
    steps=st.integers(1, 4),
    seed=st.integers(0, 2**20),
    world=st.integers(1, 4),
)
def test_every_sample_comes_once_an_epoch_and_ranks_share_them_out(
    count: int, batch: int, steps: int, seed: int, world: int
) -> None:
    ranks = [SampleBlocks(count, batch, steps, seed, rank, world) for rank in range(world)]
    for _ in range(2):
        served = [epoch(blocks) for blocks in ranks]
        # Ranks run the same number of steps of the same sizes, else they would wait for ever.
        assert len({tuple(len(block) for block in own) for own in served}) == 1
        assert all(len(own) == len(blocks) for own, blocks in zip(served, ranks, strict=True))
        samples = torch.cat([block for own in served for block in own]).tolist()
        assert len(set(samples)) == len(samples) == count // world * world
        assert all(0 <= sample < count for sample in samples)


def test_the_order_is_a_function_of_seed_and_epoch_alone() -> None:
    first = SampleBlocks(20, 4, 1, seed=5)
    torch.manual_seed(1)
    epochs = [torch.cat(epoch(first)) for _ in range(3)]
    second = SampleBlocks(20, 3, 2, seed=5)  # other blocks, same order
    torch.manual_seed(2)
    assert all(torch.equal(torch.cat(epoch(second)), e) for e in epochs)
    assert not torch.equal(epochs[0], epochs[1])
    assert not torch.equal(torch.cat(epoch(SampleBlocks(20, 4, 1, seed=6))), epochs[0])


def test_serving_samples_leaves_the_global_generator_alone() -> None:
    torch.manual_seed(0)
    before = torch.get_rng_state()
    epoch(SampleBlocks(20, 4, 1, seed=5))
    assert torch.equal(torch.get_rng_state(), before)


def both_kinds() -> Iterator[SampleBlocks]:
    yield SampleBlocks(20, 3, 2, seed=5)
    yield HostBlocks(photos(), 20, 3, 2, 5)


def test_photos_from_the_host_are_those_gathered_on_the_device() -> None:
    on_device, from_host = both_kinds()
    for _ in range(3):
        expected = [gather(photos(), block) for block in epoch(on_device)]
        served = epoch(from_host)
        assert len(served) == len(expected) == len(from_host)
        assert all(torch.equal(a, b) for a, b in zip(served, expected, strict=True))


@pytest.mark.parametrize("kind", [0, 1], ids=["on the device", "from the host"])
@pytest.mark.parametrize("served", range(9))
def test_a_loader_goes_on_after_any_block(kind: int, served: int) -> None:
    def run(blocks: SampleBlocks, wanted: int) -> list[Tensor]:
        """Serve ``wanted`` blocks over as many epochs as it takes."""
        found: list[Tensor] = []
        while len(found) < wanted:
            for block in blocks:
                found.append(block.clone())
                if len(found) == wanted:
                    break
        return found

    straight = run(list(both_kinds())[kind], 12)
    interrupted, resumed = list(both_kinds())[kind], list(both_kinds())[kind]
    before = run(interrupted, served)
    resumed.load_state_dict(interrupted.state_dict())
    after = run(resumed, 12 - served)
    assert all(torch.equal(a, b) for a, b in zip(before + after, straight, strict=True))


def test_the_place_is_plain_values() -> None:
    for blocks in both_kinds():
        assert all(type(value) is int for value in blocks.state_dict().values())
