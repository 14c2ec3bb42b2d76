"""A run that had epochs to train and trained nothing: no success, whatever the reason."""

from lightning.pytorch import Callback, LightningModule, Trainer

from facade_gan.errors import UserError


class IdleRun(Callback):
    """Lets no run end well that began with epochs or steps left and took no step.

    Raises:
        UserError: at the end of training. A run that was complete already never comes here.
    """

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Remember where the run went on."""
        self.first_step = trainer.global_step

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Raise where the run is no step further."""
        if trainer.global_step == self.first_step:
            raise UserError(
                f"no step was taken behind step {self.first_step}, though epochs were left: the "
                "place in the checkpoint is behind all photos; init_from=CHECKPOINT in a new "
                "hydra.run.dir starts from its networks"
            )
