import pytest
import torch
from torch import nn

from facade_gan.image_size import ImageSize, sides
from facade_gan.networks import DCGANDiscriminator, DCGANGenerator


@pytest.mark.parametrize("size", [32, 64, 128, 256, [48, 32], [128, 192], 48])
def test_shapes_and_ranges_at_every_size(size: ImageSize) -> None:
    torch.manual_seed(0)
    images = DCGANGenerator(size, 10, 2)(torch.randn(2, 10, 1, 1))
    assert images.shape == (2, 3, *sides(size))
    assert images.abs().max() <= 1
    assert DCGANDiscriminator(size, 2, "batch", None)(images).shape == (2, 1, 1, 1)


def test_weights_are_drawn_as_dcgan_says() -> None:
    torch.manual_seed(0)
    generator = DCGANGenerator(64, 100, 64)
    for layer in generator.modules():
        if isinstance(layer, nn.ConvTranspose2d):
            assert layer.bias is None
            assert layer.weight.std().item() == pytest.approx(0.02, rel=0.05)
            assert abs(layer.weight.mean().item()) < 1e-3
        elif isinstance(layer, nn.BatchNorm2d):
            assert layer.weight.mean().item() == pytest.approx(1, abs=0.01)
            assert layer.bias.abs().max() == 0


@pytest.mark.parametrize(
    ("norm", "group", "together"), [("batch", None, None), ("none", None, 1), ("none", 2, 2)]
)
def test_a_logit_depends_on_as_many_neighbours_as_it_says(
    norm: str, group: int | None, together: int | None
) -> None:
    torch.manual_seed(0)
    judge = DCGANDiscriminator(32, 4, norm, None, group)
    if judge.deviation is not None:
        judge.deviation.weight.data.fill_(1.0)
    assert judge.judged_together == together
    images, other = torch.rand(2, 4, 3, 32, 32)
    logits = judge(images).flatten()
    for changed in range(4):
        some = images.clone()
        some[changed] = other[changed]
        moved = (judge(some).flatten() - logits).abs() > 1e-6
        size = together or 4
        assert moved.tolist() == [i // size == changed // size for i in range(4)]


def test_the_deviation_is_that_of_the_maps_and_begins_at_nothing() -> None:
    torch.manual_seed(0)
    judge = DCGANDiscriminator(32, 4, "none", None, 8)
    without = DCGANDiscriminator(32, 4, "none", None)
    without.layers.load_state_dict(judge.layers.state_dict())
    images = torch.rand(6, 3, 32, 32)  # no multiple of 8: one group
    assert torch.equal(judge(images), without(images))
    judge.deviation.weight.data.fill_(0.5)
    maps = judge.layers[:-1](images).detach().double().numpy()
    expected = 0.5 * 16 * ((maps.var(0) + 1e-8) ** 0.5).mean()
    assert (judge(images) - without(images)).detach().numpy() == pytest.approx(expected, rel=1e-3)
    judge(images[:1]).sum().backward()  # one image differs from none
    assert all(p.grad is not None and p.grad.isfinite().all() for p in judge.parameters())
    assert torch.equal(judge.eval()(images), without(images))
