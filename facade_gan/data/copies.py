"""Which photos are copies: the same file twice, a burst's frames, a photo saved smaller.

Two photos are copies where their perceptual hashes (imagehash's ``phash``, 64 bits of the coarse
cosine transform of the grey picture) differ in few bits, and 8 x 8 pixels of each in little colour.
Neither alone is enough: facades of one street share their coarse shape, plain pictures their hash.
"""

import imagehash
import numpy as np
import torch
from PIL import Image
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from facade_gan.progress import Progress

BITS = 10  # of 64 that may differ
LEVELS = 8  # of 255, the mean difference; the two nearest of 500 different facades have 9
BLOCK = 1024  # photos compared at a time with all others


def copies_among(photos: Tensor, names: list[str]) -> dict[str, str]:
    """The name of each photo that is a copy, and that of the first photo it is a copy of.

    Copies of copies belong together. ``photos`` is uint8 (N, 3, H, W).
    """
    if len(photos) < 2:
        return {}
    bits, colours = signatures(photos)
    found = [pairs_from(begin, bits, colours) for begin in range(0, len(photos), BLOCK)]
    first, second = torch.cat(found).T.numpy()
    graph = coo_array((np.ones(len(first)), (first, second)), shape=(len(photos),) * 2)
    _, group = connected_components(graph, directed=False)
    _, leaders = np.unique(group, return_index=True)
    return {names[i]: names[leaders[g]] for i, g in enumerate(group) if leaders[g] != i}


def signatures(photos: Tensor) -> tuple[Tensor, Tensor]:
    """Hashes as float (N, 64) of -1 and 1, and colours as float (N, 192) in 0..255."""
    bar = Progress(photos, desc="Looking for copies", announced=False, delay=1, leave=False)
    bits = [
        imagehash.phash(Image.fromarray(photo.permute(1, 2, 0).numpy())).hash.ravel()
        for photo in bar
    ]
    colours = [adaptive_avg_pool2d(part.float(), 8).flatten(1) for part in photos.split(BLOCK)]
    return torch.from_numpy(np.stack(bits)).float() * 2 - 1, torch.cat(colours)


def pairs_from(begin: int, bits: Tensor, colours: Tensor) -> Tensor:
    """The pairs of copies whose first is in the block from ``begin``: int64 (P, 2)."""
    block = slice(begin, begin + BLOCK)
    differing = (bits.shape[1] - bits[block] @ bits[begin:].T) / 2
    near = (differing <= BITS).triu(1).nonzero() + begin
    distance = (colours[near[:, 0]] - colours[near[:, 1]]).abs().mean(1)
    return near[distance <= LEVELS]
