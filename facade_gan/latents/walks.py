"""Smooth ways through the noise."""

import numpy as np
import torch
from scipy.interpolate import CubicSpline
from torch import Tensor


def closed_walk(stations: Tensor, frames: int) -> Tensor:
    """Walk through all of ``stations`` and back to the first, without a corner anywhere.

    A periodic cubic spline, brought on its way to the length that noise has between two stations,
    as noise far shorter than what the generator was trained on gives no facades of its kind.

    Args:
        stations: noise (N, latent_dim, 1, 1), at least 2.
        frames: how many noises to return.

    Returns:
        Noise (frames, latent_dim, 1, 1); the one after the last would be the first.
    """
    closed = torch.cat([stations, stations[:1]]).flatten(1).double()
    length = closed.norm(dim=1, keepdim=True)
    knots, times = np.arange(len(closed)), np.arange(frames) * len(stations) / frames
    ways = CubicSpline(knots, torch.cat([closed / length, length], 1).numpy(), bc_type="periodic")
    way = torch.from_numpy(ways(times))
    points = torch.nn.functional.normalize(way[:, :-1], dim=1) * way[:, -1:]
    return points.float().reshape(frames, *stations.shape[1:])


def there_and_back(first: Tensor, last: Tensor, frames: int) -> Tensor:
    """Slide from one noise to another and back, slow at both ends.

    By spherical interpolation (White, "Sampling Generative Networks", 2016), at the pace of a
    cosine.

    Returns:
        Noise (frames, latent_dim, 1, 1); the one after the last would be the first.
    """
    share = (1 - torch.cos(2 * torch.pi * torch.arange(frames) / frames)) / 2
    return torch.stack([slerp(first, last, float(s)) for s in share])


def slerp(first: Tensor, last: Tensor, share: float) -> Tensor:
    """Interpolate on the great circle between two noises; their lengths linearly."""
    a, b = first.flatten().double(), last.flatten().double()
    cosine = torch.dot(a / a.norm(), b / b.norm()).clamp(-1, 1)
    angle = torch.arccos(cosine)
    if angle.sin() < 1e-6:  # one direction, or two opposite ones, which no circle tells apart
        return torch.lerp(first, last, share)
    way = torch.sin((1 - share) * angle) * a / a.norm() + torch.sin(share * angle) * b / b.norm()
    length = (1 - share) * a.norm() + share * b.norm()
    return (way / angle.sin() * length).to(first.dtype).reshape(first.shape)
