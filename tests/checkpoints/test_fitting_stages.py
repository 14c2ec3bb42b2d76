"""Networks of another size or width: what is taken over, and that it stays what it was."""

import pytest
import torch
from torch import nn

from facade_gan.checkpoints.fitting_stages import Staged, take
from facade_gan.image_size import ImageSize
from facade_gan.networks.dcgan import DCGANDiscriminator, DCGANGenerator
from facade_gan.networks.lightweight import LightweightGenerator


def light(size: ImageSize, *widths: int) -> LightweightGenerator:
    return LightweightGenerator(size, 10, list(widths))


def dcgan(size: ImageSize) -> DCGANGenerator:
    return DCGANGenerator(size, 10, 4)


def judge(size: ImageSize, channels: int = 4) -> DCGANDiscriminator:
    return DCGANDiscriminator(size, channels, "none", 2.0)


@pytest.mark.parametrize("network", [light(64, 8, 8, 8, 4, 4), dcgan(64), judge(64)])
def test_stages_are_all_of_a_network_and_each_part_once(network: nn.Module) -> None:
    stages = network.stages_by_name().values()  # type: ignore[operator]
    parts = [id(tensor) for stage in stages for tensor in stage.state_dict(keep_vars=True).values()]
    assert sorted(parts) == sorted(map(id, network.state_dict(keep_vars=True).values()))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (light([48, 32], 8, 8, 4, 4), light(32, 8, 8, 4, 4)),
        (light(64, 8, 8, 8, 4, 4), light(32, 8, 8, 8, 4)),
        (light(32, 8, 8, 8, 4), light(64, 8, 8, 8, 4, 4)),
        (light(32, 8, 8, 8, 6), light(32, 8, 8, 8, 4)),
        (dcgan([48, 32]), dcgan(32)),
        (judge([32, 48]), judge(32)),
        (judge(64, 4), judge(32, 8)),
    ],
    ids=["tall", "larger", "smaller", "wider", "dcgan", "wide judge", "larger judge"],
)
def test_what_is_taken_is_theirs_and_what_is_new_is_as_it_was(ours: Staged, theirs: Staged) -> None:
    before = {
        name: [tensor.clone() for tensor in stage.state_dict().values()]
        for name, stage in ours.stages_by_name().items()
    }
    taken = take(ours, theirs)
    assert taken.whole
    stages, others = ours.stages_by_name(), theirs.stages_by_name()
    assert sorted(taken.whole + taken.stretched + taken.new) == sorted(stages)
    for name in taken.whole:
        pairs = zip(stages[name].parameters(), others[name].parameters(), strict=True)
        assert all(map(torch.equal, *zip(*pairs, strict=True)))
    for name in taken.new:
        assert all(map(torch.equal, stages[name].state_dict().values(), before[name]))


def test_a_stretched_kernel_has_the_values_of_the_one_it_was_made_of() -> None:
    small, tall = dcgan(32), dcgan([48, 32])
    kernel = small.layers[0].weight
    with torch.no_grad():
        kernel.copy_(torch.arange(4.0).view(1, 1, 4, 1).expand_as(kernel))  # grows downwards
    assert take(tall, small).stretched == ["base map"]
    down = tall.layers[0].weight[0, 0, :, 0]
    assert down.tolist() == pytest.approx([0, 0.5, 7 / 6, 11 / 6, 2.5, 3])
    assert torch.equal(tall.layers[0].weight, down.view(1, 1, 6, 1).expand(10, 16, 6, 4))


def test_a_stretched_judge_is_normalised_again_at_its_first_step() -> None:
    torch.manual_seed(0)
    ours = judge([48, 32])
    assert take(ours, judge(32)).stretched == ["logit"]
    head = ours.layers[-1]
    exact = head.weight.detach().norm()  # of one output, so of one singular value
    ours(torch.randn(2, 3, 48, 32))
    torch.testing.assert_close(head.eval().sigma(), exact)
