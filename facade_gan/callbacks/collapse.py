"""The two ways in which a GAN goes wrong without an error, put in words once each."""

import logging
from typing import Any

from lightning.pytorch import Callback, Trainer
from torch import Tensor

from facade_gan.callbacks.epochs import Turns
from facade_gan.data.batches import normalise
from facade_gan.gan import GAN

log = logging.getLogger(__name__)


class CollapseWarning(Callback):
    """Warns when D has won for good, and when G generates the same image for every noise.

    Args:
        loss_below: D's loss under which it tells photos from fakes without effort.
        for_steps: how long it must stay there, steps.
        every_n_epochs: epochs between two looks at the fakes.
        seconds_between: from one look to the next at least, where epochs are short.
        spread_below: how alike fakes must be: their standard deviation from one another, a
            pixel, as a share of the photos'.
        after_epochs: look at fakes that never differed only from here on, as all start alike.
    """

    def __init__(
        self,
        *,
        loss_below: float,
        for_steps: int,
        every_n_epochs: int,
        seconds_between: float,
        spread_below: float,
        after_epochs: int,
    ) -> None:
        self.loss_below, self.for_steps = loss_below, for_steps
        self.turns, self.spread_below = Turns(every_n_epochs, seconds_between), spread_below
        self.after_epochs = after_epochs
        self.low_since: int | None = None  # the step from which on D's loss has been low
        self.differed = False
        self.photos_spread: Tensor | None = None
        self.warned: list[str] = []

    def state_dict(self) -> dict[str, Any]:
        """What keeps a resumed run from warning again, or later."""
        return {"low_since": self.low_since, "differed": self.differed, "warned": self.warned}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore what ``state_dict`` gave."""
        self.__dict__.update(state_dict)

    def on_train_batch_end(  # type: ignore[override]
        self, trainer: Trainer, pl_module: GAN, outputs: Any, batch: Tensor, batch_idx: int
    ) -> None:
        """Look at D's loss as it was last logged."""
        loss, step = trainer.callback_metrics.get("loss/discriminator"), trainer.global_step
        if loss is None or loss >= self.loss_below:
            self.low_since = None
        elif self.low_since is None:
            self.low_since = step
        elif step - self.low_since >= self.for_steps:
            self.warn(
                f"The discriminator has won: its loss has stayed under {self.loss_below} for "
                f"{self.for_steps} steps, so it tells every fake from a photo and the generator "
                "hardly learns any more. Try augment=diffaugment, half the "
                "optimizer.discriminator_lr, a smaller model.discriminator.channels, more photos."
            )

    def on_train_epoch_end(self, trainer: Trainer, pl_module: GAN) -> None:  # type: ignore[override]
        """Look at the fakes of the fixed noises."""
        if len(pl_module.fixed_noise) < 2 or not self.turns.take(trainer):
            return
        pl_module.prepare_average()
        if not trainer.is_global_zero:
            return
        if self.photos_spread is None:
            photos = trainer.datamodule.examples(len(pl_module.fixed_noise))  # type: ignore[attr-defined]
            self.photos_spread = spread(normalise(photos)).clamp_min(1e-6)
        share = spread(pl_module.generate_fixed()).cpu() / self.photos_spread
        epoch = trainer.current_epoch + 1
        self.differed = self.differed or bool(share > 3 * self.spread_below)
        if share < self.spread_below and (self.differed or epoch >= self.after_epochs):
            self.warn(
                "The generator makes nearly the same image of every noise (mode collapse): after "
                f"epoch {epoch} its images differ from one another {share:.0%} as much as photos "
                "do. Start again from drawings (init_from=drawn), with a third of the "
                "optimizer.discriminator_lr, or with more augment.policies: docs/problems.md."
            )

    def warn(self, text: str) -> None:
        """Log ``text``, unless its first words were logged before."""
        kind = text.split(":")[0].split("(")[0]
        if kind not in self.warned:
            self.warned.append(kind)
            log.warning(text)


def spread(images: Tensor) -> Tensor:
    """Measure how much ``images`` (N, 3, H, W) differ: their standard deviation, over pixels."""
    return images.std(0).mean() if len(images) > 1 else images.new_zeros(())
