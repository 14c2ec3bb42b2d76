"""What a run has cost so far: images seen and seconds of training, counted across resumes."""

import time
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor


class Tally(Callback):
    """Counts real images over all devices, and the time from the start of training to its end.

    Grids, metrics and checkpoints are part of the time; loading the photos is not.
    """

    def __init__(self) -> None:
        self.images_seen = 0
        self.images_before: int | None = 0  # that its start's networks had seen; None: unknown
        self._seconds_before = 0.0
        self._since: float | None = None
        self._steps = 0  # of the run when the block before had ended

    @property
    def seconds(self) -> float:
        """Seconds of training, those before a resume included."""
        now = 0.0 if self._since is None else time.perf_counter() - self._since
        return self._seconds_before + now

    def state_dict(self) -> dict[str, Any]:
        """The counts, for the checkpoint."""
        return {
            "images_seen": self.images_seen,
            "images_before": self.images_before,
            "seconds": self.seconds,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on counting from a checkpoint's counts."""
        self.images_seen = state_dict["images_seen"]
        self._seconds_before = state_dict["seconds"]
        if "images_before" in state_dict:  # else of an older version, see ``run/start.py``
            self.images_before = state_dict["images_before"]

    @classmethod
    def counts_of(cls, checkpoint: dict[str, Any]) -> dict[str, Any]:
        """Read the counts out of a run's checkpoint; an older one lacks some or all."""
        return checkpoint.get("callbacks", {}).get(cls.__qualname__, {})

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the clock."""
        self._since = time.perf_counter()
        self._steps = trainer.global_step

    def on_train_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Tensor,
        batch_idx: int,
    ) -> None:
        """Count the block, uint8 (M, 3, H, W) on each device, as far as it was trained on.

        ``trainer.max_steps`` may end a run within it.
        """
        module: Any = pl_module
        steps, self._steps = trainer.global_step - self._steps, trainer.global_step
        seen = min(len(batch), steps * module.batch_size)
        self.images_seen += seen * trainer.world_size

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Stop the clock."""
        self._seconds_before, self._since = self.seconds, None


def tally_of(trainer: Trainer) -> Tally:
    """Find the one that counts in this run."""
    return next(c for c in trainer.callbacks if isinstance(c, Tally))  # type: ignore[attr-defined]
