"""The stages of a generator that names them by ``stages_by_name``."""

from torch import nn

from facade_gan.networks.base import Generator


def coarse_maps(generator: Generator) -> dict[str, nn.Module]:
    """Name the layers whose outputs are the maps between the stages, the coarsest first.

    The finest map is not among them; none are where the generator names no stages.
    """
    stages = generator.stages_by_name() if hasattr(generator, "stages_by_name") else {}
    names = [name for name in stages if name == "base map" or name.startswith("map ")][:-1]
    return {name: last_layer(stages[name]) for name in names}


def last_layer(stage: nn.Module) -> nn.Module:
    """Find what makes a stage's map: a network may have put its layers together for the name."""
    while isinstance(stage, nn.Sequential):
        stage = stage[-1]
    return stage
