"""What is looked at before the first step, so that no run ends in checkpoints of no use."""

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from facade_gan.checkpoints.rebuild import describe_network, must_be_rebuildable, rebuild, shapes
from facade_gan.errors import UserError
from facade_gan.networks import DCGANDiscriminator, classes


class Own(nn.Module):
    """A generator of one layer."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.latent_dim, self.image_size = 4, 32
        self.arguments: dict[str, Any] = {"width": width}
        self.layer = nn.ConvTranspose2d(4, width, 32)

    def forward(self, z: Tensor) -> Tensor:
        return self.layer(z)[:, :3].tanh()


Own.__module__ = "own_networks"


@pytest.fixture(autouse=True)
def own_networks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A module of the user's, with a network and a part of one."""
    module = ModuleType("own_networks")
    part = type("Part", (nn.Module,), {"__module__": "own_networks"})
    vars(module).update(Own=Own, Part=part)
    monkeypatch.setitem(sys.modules, "own_networks", module)
    yield
    classes.cache_clear()


def discriminator() -> DCGANDiscriminator:
    return DCGANDiscriminator(32, channels=8, norm="none", spectral=None)


def test_a_network_of_a_named_module_is_built_again_from_what_is_said_of_it() -> None:
    own, d = Own(6), discriminator()
    before = torch.get_rng_state()
    must_be_rebuildable(own, d, ["own_networks"])
    assert torch.equal(before, torch.get_rng_state()), "looking changed what training draws"
    twin = rebuild(describe_network(own), ["own_networks"])
    assert type(twin) is Own
    assert shapes(twin) == shapes(own)


@pytest.mark.parametrize("attribute", ["arguments", "latent_dim", "image_size"])
def test_an_attribute_that_is_missing_is_named(attribute: str) -> None:
    own = Own(6)
    delattr(own, attribute)
    with pytest.raises(
        UserError, match=rf"^model\.generator: own_networks\.Own lacks `{attribute}`"
    ):
        must_be_rebuildable(own, discriminator(), ["own_networks"])


def test_a_discriminator_has_to_say_how_many_images_it_judges_together() -> None:
    d = discriminator()
    del d.judged_together
    with pytest.raises(UserError, match=r"model\.discriminator: .* lacks `judged_together`"):
        must_be_rebuildable(Own(6), d, ["own_networks"])


@pytest.mark.parametrize("width", [torch.tensor(6), (6,), {6: 6}, nn.ReLU, [[6, {"a": object()}]]])
def test_arguments_that_no_file_gives_back_are_refused(width: Any) -> None:
    own = Own(6)
    own.arguments = {"width": width}
    with pytest.raises(UserError, match="`arguments` must be a dictionary of numbers, text"):
        must_be_rebuildable(own, discriminator(), ["own_networks"])


def test_a_class_elsewhere_is_refused_with_the_setting_that_allows_it() -> None:
    with pytest.raises(UserError, match=r"set network_modules=\[own_networks\]"):
        must_be_rebuildable(Own(6), discriminator(), [])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [({"width": 7}, "other weights than here"), ({"breadth": 6}, "can't be built")],
)
def test_arguments_that_make_another_network_are_refused(
    arguments: dict[str, int], words: str
) -> None:
    own = Own(6)
    own.arguments = arguments
    with pytest.raises(UserError, match=words):
        must_be_rebuildable(own, discriminator(), ["own_networks"])


def test_the_networks_listed_are_whole_ones() -> None:
    assert set(classes("own_networks")) == {
        "DCGANGenerator", "DCGANDiscriminator", "LightweightGenerator", "Own",
    }  # fmt: skip
    stranger = {"name": "Stranger", "module": "evil", "arguments": {}}
    with pytest.raises(UserError, match="one of DCGANDiscriminator, DCGANGenerator, Lightweight"):
        rebuild(stranger, [])
    assert "evil" not in sys.modules


def test_a_module_that_is_not_there_is_named() -> None:
    with pytest.raises(UserError, match=r"network_modules=\[no_such_module\]: No module named"):
        must_be_rebuildable(Own(6), discriminator(), ["no_such_module"])
