"""Smooth ways through the noise."""

from collections.abc import Callable, Iterable

import numpy as np
import torch
from scipy.interpolate import CubicSpline, PchipInterpolator
from torch import Tensor, nn

ROUNDS = 2
# Against the others: by less than anybody sees, and by more than two rounds leave steps apart.
LAST_STEP = 0.95


def closed_walk(
    stations: Tensor, frames: int, seen: Callable[[Tensor], Iterable[Tensor]] | None = None
) -> Tensor:
    """Walk from the first of ``stations`` past all others and back, at an even pace.

    A periodic cubic spline, brought on its way to the length that noise has between two stations,
    as noise far shorter than what the generator was trained on gives no facades of its kind. Steps
    of equal length on it need not change a picture equally: the pace is that of what is ``seen``.

    Args:
        stations: noise (N, latent_dim, 1, 1), at least 2.
        frames: how many noises to return.
        seen: maps noise (frames, latent_dim, 1, 1) to what is to change evenly, (frames, ...), by
            Euclidean distance: images, say, handed out some at a time, as all of a long film would
            fill the memory; None for the noise itself.

    Returns:
        Noise (frames, latent_dim, 1, 1); the one after the last would be the first. Steps are of
        one length to a few percent, but for the last one, back to the first, which is shorter.
    """
    at, end = _closed_spline(stations), len(stations)
    times = np.arange(frames) * end / frames
    for _ in range(ROUNDS):
        noise = at(times)
        steps = _steps([noise] if seen is None else seen(noise))
        way = np.concatenate([[0], steps.cumsum()])
        if way[-1] == 0:  # all stations are one
            break
        # A frame that stands still would be two times for one length of the way.
        way += np.linspace(0, 1e-6 * way[-1], frames + 1)
        even = np.arange(frames) * way[-1] / (frames - 1 + LAST_STEP)
        times = PchipInterpolator(way, np.append(times, end))(even)
    return at(times)


def _steps(parts: Iterable[Tensor]) -> np.ndarray:
    """Measure how far each point is from the next, and the last from the first: (frames,).

    Args:
        parts: the points, float32, in parts (n, ...) of at least one.
    """
    lengths: list[Tensor] = []
    ends: list[Tensor] = []  # the very first point, and the last one so far
    for part in parts:
        points = part.flatten(1)
        joined = torch.cat([*ends[1:], points])
        lengths.append((joined[1:] - joined[:-1]).double().norm(dim=1))
        ends = [*ends[:1], points[-1:]] if ends else [points[:1], points[-1:]]
    lengths.append((ends[0] - ends[1]).double().norm(dim=1))
    return torch.cat(lengths).numpy()


def _closed_spline(stations: Tensor) -> Callable[[np.ndarray], Tensor]:
    """Map times (N), 0 at the first station, 1 at the second and so on, to noise on the way."""
    closed = torch.cat([stations, stations[:1]]).flatten(1).double()
    length = closed.norm(dim=1, keepdim=True)
    turns = torch.cat([closed / length, length], 1).numpy()
    ways = CubicSpline(np.arange(len(closed)), turns, bc_type="periodic")

    def at(times: np.ndarray) -> Tensor:
        way = torch.from_numpy(ways(times))
        points = nn.functional.normalize(way[:, :-1], dim=1) * way[:, -1:]
        return points.float().reshape(len(times), *stations.shape[1:])

    return at


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
