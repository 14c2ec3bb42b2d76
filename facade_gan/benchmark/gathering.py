"""What a batch costs as the set grows: order of the samples, gathering, mirroring."""

import statistics
import time

import torch

from facade_gan.benchmark.photos import noise_photos
from facade_gan.benchmark.runners import synchronise
from facade_gan.data.batches import SampleBlocks, gather
from facade_gan.image_size import ImageSize

RESIDENT = 2000  # photos in memory; a larger set's sample numbers wrap round onto them


def seconds_an_image(
    samples: int, image_size: ImageSize, device: torch.device, repeats: int, batch: int = 128
) -> float:
    """Serve up to 40 batches out of ``samples``, with the share of ordering them; the median."""
    photos = noise_photos(min(samples, RESIDENT), image_size).to(device)
    times = []
    for _ in range(repeats):
        blocks = SampleBlocks(samples, batch, 1, 0)
        start = time.perf_counter()
        order = blocks.order(0)
        ordering = (time.perf_counter() - start) / samples
        chosen = order[: 40 * batch].split(batch)
        synchronise(device)
        start = time.perf_counter()
        for block in chosen:
            gather(photos, block.to(device) % (2 * len(photos)))
        synchronise(device)
        times.append(ordering + (time.perf_counter() - start) / min(samples, 40 * batch))
    return statistics.median(times)
