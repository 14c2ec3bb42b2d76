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


@pytest.mark.parametrize(("norm", "alone"), [("batch", False), ("none", True)])
def test_judges_alone_says_whether_other_images_matter(norm: str, alone: bool) -> None:
    torch.manual_seed(0)
    judge = DCGANDiscriminator(32, 4, norm, None)
    a, b, c = torch.rand(3, 2, 3, 32, 32)
    beside_b, beside_c = judge(torch.cat([a, b]))[:2], judge(torch.cat([a, c]))[:2]
    assert judge.judges_alone is alone
    assert torch.allclose(beside_b, beside_c, rtol=0, atol=1e-6) is alone
