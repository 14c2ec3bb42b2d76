import torch

from facade_gan.sampling import generate_images


def generator() -> torch.nn.Module:
    network = torch.nn.Sequential(torch.nn.ConvTranspose2d(4, 3, 8), torch.nn.BatchNorm2d(3))
    network.latent_dim = 4  # type: ignore[assignment]
    return network.eval()


def drawn(network: torch.nn.Module, count: int, seed: int) -> torch.Tensor:
    return torch.cat(list(generate_images(network, count, seed)))


def test_the_seed_alone_decides_what_is_drawn() -> None:
    network = generator()
    torch.manual_seed(1)
    first = drawn(network, 60, seed=3)
    torch.manual_seed(2)
    assert torch.equal(drawn(network, 60, seed=3), first)
    assert not torch.equal(drawn(network, 60, seed=4), first)
    assert first.shape == (60, 3, 8, 8)
    assert first.dtype == torch.uint8


def test_drawing_leaves_the_generator_and_the_global_rng_as_they_were() -> None:
    network = generator()
    before = {name: t.clone() for name, t in network.state_dict().items()}
    state = torch.get_rng_state()
    drawn(network, 5, seed=0)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(before[name], t) for name, t in network.state_dict().items())
