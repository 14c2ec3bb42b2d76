"""What to do when training breaks down into values that are no numbers."""

import torch
from lightning.pytorch import LightningModule


def non_finite(module: LightningModule) -> str | None:
    """Name a weight or statistic of ``module`` with a value that is no finite number."""
    tensors = {k: t for k, t in module.state_dict().items() if t.is_floating_point()}
    finite = torch.stack([t.isfinite().all() for t in tensors.values()])
    if finite.all():
        return None
    return list(tensors)[int(finite.int().argmin())]
