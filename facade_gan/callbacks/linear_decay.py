"""Learning rates that fall to 0 towards the end of a run.

A GAN's weights circle around where they should be, in circles as wide as the rate; over the last
part of a run they come to rest. Zhu et al., "Unpaired Image-to-Image Translation using
Cycle-Consistent Adversarial Networks", ICCV 2017, let the rates of both networks fall in this way.
"""

from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor


class LinearDecay(Callback):
    """Lets the learning rates of both networks fall linearly to 0.

    The rate is a function of the place in the run alone, so that a resumed run has the rates it
    would have had. A run that is made longer goes on with what its new length asks for.

    Args:
        starts_at: the part of the run, by epochs or by ``trainer.max_steps``, after which the rates
            fall; with 1 they never do.
    """

    def __init__(self, starts_at: float) -> None:
        self.starts_at = starts_at

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Tensor, batch_idx: int
    ) -> None:
        """Set the rates for the steps of this block."""
        if self.starts_at >= 1:
            return
        factor = min(1.0, (1 - done(trainer, batch_idx)) / (1 - self.starts_at))
        for optimizer in trainer.optimizers:
            rate = optimizer.defaults["lr"] * factor
            for group in optimizer.param_groups:
                if isinstance(group["lr"], Tensor):
                    group["lr"].fill_(rate)  # a CUDA graph reads it where it lies
                else:
                    group["lr"] = rate


def done(trainer: Trainer, batch_idx: int) -> float:
    """Tell which part of the run lies behind, from 0 to 1; 0 where the run has no known end."""
    parts = [0.0]
    if trainer.max_epochs is not None and trainer.max_epochs > 0:
        epochs = trainer.current_epoch + batch_idx / trainer.num_training_batches
        parts.append(epochs / trainer.max_epochs)
    if trainer.max_steps > 0:
        parts.append(trainer.global_step / trainer.max_steps)
    return max(parts)
