"""The model summary: a line for each network before training starts."""

import logging

from lightning.pytorch import Callback, Trainer
from torch import nn

from facade_gan.gan import GAN

log = logging.getLogger(__name__)


class NetworkSummary(Callback):
    """Logs each network's name, number of parameters and device."""

    def on_fit_start(self, trainer: Trainer, pl_module: GAN) -> None:  # type: ignore[override]
        """Log the lines, on the first process alone."""
        if trainer.is_global_zero:
            for role in ("generator", "discriminator"):
                network = getattr(pl_module, role)
                log.info(f"{role + ':':15}{kind_and_size(network)}, on {pl_module.device}")


def kind_and_size(network: nn.Module) -> str:
    """Name a network with its size, such as "DCGANGenerator, 3.6 million parameters"."""
    count = sum(p.numel() for p in network.parameters())
    size = f"{count / 1e6:.1f} million" if count >= 1e6 else f"{count:,}"
    return f"{type(network).__name__}, {size} parameters"
