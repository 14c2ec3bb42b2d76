import torch

from facade_gan.metrics.fakes import draw_fakes


def generator():
    network = torch.nn.Sequential(torch.nn.ConvTranspose2d(4, 3, 8), torch.nn.BatchNorm2d(3))
    network.latent_dim = 4
    return network


def test_the_seed_alone_decides_what_is_drawn():
    network = generator()
    torch.manual_seed(1)
    first = draw_fakes(network, 60, seed=3)
    torch.manual_seed(2)
    assert torch.equal(draw_fakes(network, 60, seed=3), first)
    assert not torch.equal(draw_fakes(network, 60, seed=4), first)
    assert first.shape == (60, 3, 8, 8)
    assert first.dtype == torch.uint8


def test_drawing_leaves_the_generator_and_the_global_rng_as_they_were():
    network = generator().train()
    before = {name: t.clone() for name, t in network.state_dict().items()}
    state = torch.get_rng_state()
    draw_fakes(network, 5, seed=0)
    assert network.training
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(before[name], t) for name, t in network.state_dict().items())
