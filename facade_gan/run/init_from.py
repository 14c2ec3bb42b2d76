"""The networks that a run starts with: those of ``init_from``, and how they differ from its own."""

import logging
from typing import Any

import torch
from torch import nn

from facade_gan.callbacks.training_cost import Tally
from facade_gan.checkpoints import starting_weights
from facade_gan.checkpoints.fitting_stages import Taken, take
from facade_gan.checkpoints.locate import locate
from facade_gan.checkpoints.read import read_checkpoint
from facade_gan.checkpoints.rebuild import describe_network, rebuild
from facade_gan.errors import UserError
from facade_gan.gan import GAN
from facade_gan.image_size import ImageSize

log = logging.getLogger(__name__)

# Arguments of the networks by which those of another run may differ for some stages to fit.
SIZES = {"image_size", "channels", "latent_dim", "deviation_group"}


def start_from(init_from: str | None, gan: GAN) -> int | None:
    """Give ``gan`` the G, D and averaged G of other networks, and nothing else of their run.

    Of networks for another image size or of other widths these are the stages that fit; the log
    says which.

    Args:
        init_from: what ``locate`` finds, "drawn" for the weights of this image size that come with
            the project, or None to change nothing.
        gan: the module to fill.

    Returns:
        How many images they had seen; None where the file doesn't say.

    Raises:
        UserError: when there are none, or they are of another kind.
    """
    if init_from is None:
        return 0
    name = f"init_from={init_from}"
    source = read_starting_weights(init_from, gan.generator.image_size)
    if "networks" not in source:
        raise UserError(f"{name}: says nothing of its networks; made by another program?")
    differing = {key for differ in differences(source["networks"], gan).values() for key in differ}
    if not differing <= SIZES:
        must_be_the_same_networks(name, source["networks"], gan)
    for part in ("generator", "discriminator", "ema.average"):
        role = "generator" if part == "ema.average" else part
        network = gan.get_submodule(part)
        theirs = network
        if differing:
            with torch.random.fork_rng(devices=[]):
                theirs = rebuild(source["networks"][role], [type(network).__module__])
        prefix = f"{part}."
        own = {
            key.removeprefix(prefix): value
            for key, value in source["state_dict"].items()
            if key.startswith(prefix)
        }
        try:
            theirs.load_state_dict(own)
        except RuntimeError as error:
            reason = " ".join(str(error).split())
            raise UserError(f"{name}: {reason}") from error
        if differing:
            taken = take_what_fits(name, network, theirs)
            if part == role:
                log.info(f"{name}, {role}: {taken}")
    return images_seen(source)


def take_what_fits(name: str, ours: nn.Module, theirs: nn.Module) -> Taken:
    """Take the stages that fit, and say which they are.

    Raises:
        UserError: when none of a generator fits, or the network can't name its stages.
    """
    if not hasattr(ours, "stages_by_name"):
        raise UserError(
            f"{name}: of another size or width, and {type(ours).__name__} lacks `stages_by_name`, "
            "see facade_gan/checkpoints/fitting_stages.py"
        )
    taken = take(ours, theirs)  # type: ignore[arg-type]
    if not taken.whole and hasattr(ours, "latent_dim"):
        raise UserError(f"{name}: no stage of its generator fits this run's")
    return taken


def must_be_the_same_networks(name: str, networks: dict[str, Any], gan: GAN) -> None:
    """Compare what a checkpoint says of its networks with those of ``gan``.

    Raises:
        UserError: with what differs.
    """
    for part, differ in differences(networks, gan).items():
        if differ:
            raise UserError(f"{name}: another {part} than this run's: {'; '.join(differ.values())}")


def differences(networks: dict[str, Any], gan: GAN) -> dict[str, dict[str, str]]:
    """Put in words what differs in each network, by the argument's name."""
    found = {}
    for part, theirs in networks.items():
        ours = describe_network(getattr(gan, part))
        a = {"kind": theirs["name"], **theirs["arguments"]}
        b = {"kind": ours["name"], **ours["arguments"]}
        found[part] = {k: f"{k} {a.get(k)}, not {b.get(k)}" for k in a | b if a.get(k) != b.get(k)}
    return found


def images_behind(init_from: str | None, image_size: ImageSize) -> int | None:
    """Count, for a run of an older version, the images that the networks of its start had seen."""
    if init_from is None:
        return 0
    try:
        return images_seen(read_starting_weights(init_from, image_size))
    except UserError as error:
        log.warning(f"{error}; so summary.json won't say how many images they had seen")
        return None


def images_seen(source: dict[str, Any]) -> int | None:
    """Read how many images the networks of a file had seen; None where it doesn't say.

    Those that its own start had seen are counted, too.
    """
    if "recipe" in source:
        counts = source["recipe"]
        own, before = counts.get("images_seen"), counts.get("start_images_seen", 0)
    else:
        counts, made_by = Tally.counts_of(source), source.get("hyper_parameters", {})
        unsaid = None if made_by.get("init_from") else 0  # by older versions
        own, before = counts.get("images_seen"), counts.get("images_before", unsaid)
    return None if own is None or before is None else own + before


def read_starting_weights(init_from: str, image_size: ImageSize) -> dict[str, Any]:
    """Read what ``init_from`` names: a dictionary with ``networks`` and ``state_dict``."""
    drawn = init_from == "drawn"
    return read_checkpoint(starting_weights.shipped(image_size) if drawn else locate(init_from))
