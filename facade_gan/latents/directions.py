"""Directions of the noise in which facades change most, found without labels.

Sources: Shen and Zhou, "Closed-Form Factorization of Latent Semantics in GANs", CVPR 2021 (SeFa);
Härkönen et al., "GANSpace: Discovering Interpretable GAN Controls", NeurIPS 2020.
"""

import zipfile
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from facade_gan.atomic_files import replaced
from facade_gan.errors import UserError
from facade_gan.networks.base import Generator
from facade_gan.sampling import noises

SAMPLED = 2000  # base maps that the components are taken from


def sefa(generator: Generator) -> Tensor:
    """Find the directions that move the first layer's normalised output most, in closed form.

    They are the eigenvectors of A A^T, where A is the first layer's weight as a matrix with a row
    an entry of the noise, and each column scaled as the batch norm behind scales it.

    Returns:
        Unit vectors (latent_dim, latent_dim) on the CPU, one a row, the strongest first.

    Raises:
        UserError: where the generator doesn't begin with a convolution of the noise.
    """
    layer, norm = _base_map(generator)[:2]
    if not isinstance(layer, nn.ConvTranspose2d) or not isinstance(norm, nn.BatchNorm2d):
        raise UserError(f"{type(generator).__name__}: no transposed convolution and batch norm")
    assert norm.running_var is not None
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    columns = (layer.weight * scale[:, None, None]).detach().flatten(1).cpu().double()
    return _signed(torch.linalg.eigh(columns @ columns.T).eigenvectors.flip(1).T).float()


def pca(generator: Generator) -> Tensor:
    """Find the noise that goes with the principal components of the base map.

    The components are those of ``SAMPLED`` base maps; by least squares a component's noise is what
    correlates with it, as GANSpace has it for BigGAN.

    Returns:
        Unit vectors (latent_dim, latent_dim), one a row, the component of most variance first.

    Raises:
        UserError: where the generator has no stage named "base map".
    """
    stage = _base_map(generator)
    device = next(stage.parameters()).device
    z = torch.stack(list(islice(noises(generator.latent_dim, 0), SAMPLED)))
    with torch.inference_mode():
        maps = torch.cat([stage(part.to(device)).flatten(1).cpu() for part in z.split(100)])
    with torch.random.fork_rng(devices=[]):  # the decomposition begins from random vectors
        torch.default_generator.manual_seed(0)
        strengths = torch.pca_lowrank(maps.float(), q=min(generator.latent_dim, *maps.shape))[0]
    fitted = strengths.T.double() @ z.flatten(1).double()
    return _signed(nn.functional.normalize(fitted, dim=1)).float()


METHODS = {"sefa": sefa, "pca": pca}


def moved(z: Tensor, directions: Tensor, steps: Mapping[int, float]) -> Tensor:
    """Move noise ``z``, (..., latent_dim, 1, 1), ``steps[i]`` far along the i-th direction.

    Directions are counted from 1. Noise has a length of about the root of latent_dim.

    Raises:
        UserError: for a direction that there isn't.
    """
    for number, step in steps.items():
        if not 1 <= number <= len(directions):
            raise UserError(f"direction.{number}: there are directions 1 to {len(directions)}")
        z = z + step * directions[number - 1, :, None, None]
    return z


def save_directions(directions: Tensor, path: Path) -> None:
    """Write an ``.npz`` with the float32 array ``directions`` (count, latent_dim)."""
    with replaced(path) as partial, partial.open("wb") as file:
        np.savez(file, directions=directions.numpy())


def load_directions(path: Path, latent_dim: int) -> Tensor:
    """Read what ``save_directions`` wrote: (count, latent_dim).

    Raises:
        UserError: where there is no such file, or it is of noise of another length.
    """
    return read_vectors(path, "directions", latent_dim)


def read_vectors(path: Path, name: str, latent_dim: int) -> Tensor:
    """Read the array ``name`` of an ``.npz``, float32 (N, latent_dim).

    Raises:
        UserError: where there is no such array, or none that fits.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            vectors = archive[name]
        found = torch.from_numpy(np.asarray(vectors, np.float32))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise UserError(f"{name}={path}: no .npz with an array `{name}` ({error})") from error
    if len(found) == 0 or found[0].numel() != latent_dim or not found.isfinite().all():
        raise UserError(
            f"{name}={path}: {tuple(found.shape)}, but this generator takes finite numbers of the "
            f"shape (N, {latent_dim})"
        )
    return found.reshape(-1, latent_dim)


def _base_map(generator: Generator) -> nn.Sequential:
    stages = generator.stages_by_name() if hasattr(generator, "stages_by_name") else {}
    if not isinstance(stages.get("base map"), nn.Sequential):
        raise UserError(f"{type(generator).__name__} names no stage `base map` to find directions")
    return stages["base map"]


def _signed(directions: Tensor) -> Tensor:
    """Choose of a direction and its opposite the one whose largest entry is positive."""
    largest = directions.gather(1, directions.abs().argmax(1, keepdim=True))
    return directions * largest.sign()
