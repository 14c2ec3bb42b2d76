"""One curve in each logger that can have one, however often a run was interrupted."""

import json
from pathlib import Path

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.loggers import TensorBoardLogger
from tensorboard.compat.proto.event_pb2 import Event, SessionLog

from facade_gan.atomic_files import write_text
from facade_gan.commandline.config import LOGGERS


class OneCurve(Callback):
    """Has a run that goes on logged as the same run, from the checkpoint on.

    The ids under which loggers keep the run are written into its folder, for ``conf/logger``.
    TensorBoard takes back what was logged after the checkpoint; Weights & Biases and MLflow then
    have both values of such a step.
    """

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Tell TensorBoard to forget all steps that are about to be logged again.

        This is what ``SummaryWriter(purge_step=...)`` writes; the logger is made before the step is
        known.
        """
        if trainer.is_global_zero:
            ids = {type(logger).__name__: logger.version for logger in trainer.loggers}
            write_text(Path(trainer.default_root_dir) / LOGGERS, json.dumps(ids, indent=2) + "\n")
        again = trainer.global_step + 1 if trainer.global_step else 0
        start = SessionLog(status=SessionLog.START)
        for logger in trainer.loggers:
            if isinstance(logger, TensorBoardLogger) and trainer.is_global_zero:
                writer = logger.experiment.file_writer
                writer.add_event(Event(step=again, session_log=start), step=again)
