"""One curve in TensorBoard, however often a run was interrupted."""

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.loggers import TensorBoardLogger
from tensorboard.compat.proto.event_pb2 import Event, SessionLog


class OneCurve(Callback):
    """Takes back what an interrupted run logged after the checkpoint that it goes on from."""

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Tell TensorBoard to forget all steps that are about to be logged again.

        This is what ``SummaryWriter(purge_step=...)`` writes; the logger is made before the step is
        known.
        """
        again = trainer.global_step + 1 if trainer.global_step else 0
        start = SessionLog(status=SessionLog.START)
        for logger in trainer.loggers:
            if isinstance(logger, TensorBoardLogger) and trainer.is_global_zero:
                writer = logger.experiment.file_writer
                writer.add_event(Event(step=again, session_log=start), step=again)
