"""Training that breaks down into NaN or infinity: stop it, or take it back."""

import logging
from pathlib import Path
from typing import Any, Literal

from lightning.pytorch import Callback, Trainer

from facade_gan.callbacks.background import background_of
from facade_gan.checkpoints.read import read_checkpoint
from facade_gan.commandline.resume_command import command_to_go_on
from facade_gan.errors import Diverged
from facade_gan.gan import GAN

log = logging.getLogger(__name__)


class Divergence(Callback):
    """Acts on losses and weights that are NaN or infinite, as the module noted them.

    It looks at losses when it logs them, which are read off the device then anyway, and at weights
    before they are saved.

    Args:
        on_nan: "stop" ends the run. "rollback" puts networks, average and optimizers back to the
            last checkpoint, while photos and noise move on, so that the same is not met again.
        rollbacks: how often in a run to go back before giving up.
        checkpoint: path of the last checkpoint.

    Raises:
        Diverged: naming the step, what broke, and the checkpoint that is left.
    """

    def __init__(
        self, on_nan: Literal["stop", "rollback"], rollbacks: int, checkpoint: str
    ) -> None:
        self.on_nan, self.rollbacks, self.checkpoint = on_nan, rollbacks, Path(checkpoint)
        self.done = 0  # rollbacks of this run

    def state_dict(self) -> dict[str, Any]:
        """What a resumed run needs to give up in time."""
        return {"done": self.done}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore what ``state_dict`` gave."""
        self.done = state_dict["done"]

    def on_train_batch_end(  # type: ignore[override]
        self, trainer: Trainer, pl_module: GAN, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Act, if the module noted something."""
        self.act(pl_module)

    def on_train_end(self, trainer: Trainer, pl_module: GAN) -> None:  # type: ignore[override]
        """Look at the weights once more, before they are saved."""
        pl_module.note_broken_weight()
        self.act(pl_module, "with which the run ends")

    def act(self, gan: GAN, then: str = "going on") -> None:
        """Do as ``on_nan`` says if something is NaN or infinite; ``then`` follows a rollback."""
        broken = gan.broken_at
        if broken is None:
            return
        background_of(gan.trainer).finish()
        gan.trainer.strategy.barrier()  # the first process writes what all of them read
        if not self.checkpoint.is_file():
            raise Diverged(f"{broken}; no checkpoint was saved before. {ADVICE}")
        state = read_checkpoint(self.checkpoint)
        if self.on_nan == "rollback" and self.done < self.rollbacks:
            self.done += 1
            roll_back(gan, state)
            log.warning(f"{broken}; back to the networks of step {state['global_step']}, {then}")
            return
        raise Diverged(
            f"{broken}; {self.checkpoint} of step {state['global_step']} is good. {ADVICE}, or let "
            f"it find another way: {command_to_go_on('on_nan=rollback')}"
        )


ADVICE = "Lower optimizer.lr and optimizer.discriminator_lr, to half say"


def roll_back(gan: GAN, state: dict[str, Any]) -> None:
    """Give ``gan`` the networks, average and optimizers of a checkpoint, and nothing else of it."""
    gan.load_state_dict(state["state_dict"])
    gan.keep_settings(state["optimizer_states"])
    for optimizer, own in zip(gan.trainer.optimizers, state["optimizer_states"], strict=True):
        optimizer.load_state_dict(own)
    gan.run_step = gan.compute.prepare(gan)  # a recorded graph would train the old states
    gan.unlogged, gan.broken_at = [], None
