"""Networks as plain values, and networks from them: what a checkpoint says, and may ask for."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from facade_gan import networks
from facade_gan.errors import UserError
from facade_gan.networks.base import Discriminator, Generator, Network


def describe_network(network: Network) -> dict[str, Any]:
    """Name a network's class, its module and its arguments, as plain values for a checkpoint."""
    kind = type(network)
    return {"name": kind.__name__, "module": kind.__module__, "arguments": network.arguments}


def rebuild(description: dict[str, Any], own_modules: Sequence[str]) -> Any:
    """Build the network that ``describe_network`` named.

    A checkpoint may come from a stranger: it picks by its name from the classes of
    ``facade_gan.networks`` and of modules that the user named, and nothing else is imported.

    Args:
        description: from a checkpoint.
        own_modules: names of further modules, from the user.

    Raises:
        UserError: for a class that is none of them, or arguments that it doesn't take.
    """
    known, name = known_networks(own_modules), description["name"]
    if name not in known:
        module = description.get("module", "MODULE")
        raise UserError(
            f"network {name!r} is unknown here: one of {', '.join(sorted(known))}; if you trust "
            f"whoever wrote it, network_modules=[{module}] loads that module"
        )
    try:
        return known[name](**description["arguments"])
    except Exception as error:  # whatever a constructor makes of arguments that aren't its own
        reason = " ".join(str(error).split())
        raise UserError(f"{name} can't be built from its arguments ({reason})") from error


def known_networks(own_modules: Sequence[str]) -> dict[str, type[nn.Module]]:
    """Find the classes by name.

    Raises:
        UserError: where a module can't be imported, or two classes have one name.
    """
    try:
        return networks.classes(*own_modules)
    except (ImportError, ValueError) as error:
        raise UserError(f"network_modules=[{','.join(own_modules)}]: {error}") from error


def must_be_rebuildable(generator: Generator, discriminator: Discriminator, own: Any) -> None:
    """Look before the first step for all that would make the run's checkpoints useless.

    Args:
        generator: of the run.
        discriminator: of the run.
        own: names of modules beside ``facade_gan.networks`` whose classes are allowed.

    Raises:
        UserError: for the first thing that is missing or wrong.
    """
    for role, network, contract in (
        ("generator", generator, Generator),
        ("discriminator", discriminator, Discriminator),
    ):
        kind = type(network)
        name = f"model.{role}: {kind.__module__}.{kind.__name__}"
        for attribute in (*Network.__annotations__, *contract.__annotations__):
            if not hasattr(network, attribute):
                raise UserError(f"{name} lacks `{attribute}`, see facade_gan/networks/base.py")
        if not is_plain(network.arguments) or not isinstance(network.arguments, dict):
            raise UserError(
                f"{name}: `arguments` must be a dictionary of numbers, text, lists and "
                "dictionaries alone, as a checkpoint keeps them"
            )
        if known_networks(own).get(kind.__name__) is not kind:
            raise UserError(
                f"{name} is not in facade_gan.networks, so its checkpoints could not be used; move "
                f"it there, or set network_modules=[{kind.__module__}], here and in later commands"
            )
        with torch.random.fork_rng(devices=[]):
            twin = rebuild(describe_network(network), own)
        if shapes(twin) != shapes(network):
            raise UserError(f"{name}: built from its `arguments` it has other weights than here")


def is_plain(value: Any) -> bool:
    """Whether ``value`` comes back from any file as it is; a number of NumPy's does not."""
    if type(value) is dict:
        return all(type(key) is str and is_plain(inner) for key, inner in value.items())
    if type(value) is list:
        return all(map(is_plain, value))
    return type(value) in (int, float, str, bool, type(None))


def shapes(network: Any) -> dict[str, torch.Size]:
    """Give the shape of each weight and buffer by name."""
    return {name: tensor.shape for name, tensor in network.state_dict().items()}
