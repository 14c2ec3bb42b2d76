"""Whose turn it is at the end of an epoch."""

from lightning.pytorch import Trainer


def is_due(trainer: Trainer, every_n_epochs: int) -> bool:
    """Whether the epoch that ends is one of every n, or the last."""
    return (trainer.current_epoch + 1) % every_n_epochs == 0 or is_last_epoch(trainer)


def is_last_epoch(trainer: Trainer) -> bool:
    """Whether training stops after this epoch."""
    return trainer.current_epoch + 1 == trainer.max_epochs or is_last_step(trainer)


def is_last_step(trainer: Trainer) -> bool:
    """Whether training stops after this batch, be the epoch over or not."""
    return trainer.should_stop or trainer.global_step == trainer.max_steps
