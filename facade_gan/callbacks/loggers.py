"""What a run tells its loggers beside numbers, each in the way that the logger offers."""

import io
from collections.abc import Mapping
from functools import singledispatch
from typing import Any

import google_crc32c
from lightning.pytorch.loggers import Logger, MLFlowLogger, TensorBoardLogger, WandbLogger
from PIL import Image
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.compat.tensorflow_stub import pywrap_tensorflow
from torch.utils.tensorboard import writer as of_torch

from facade_gan.callbacks.event_file import EventFile

# TensorBoard takes the checksum of what it writes byte by byte in Python: a tenth of a second for a
# grid, in which no other thread runs Python and a GPU gets no work.
pywrap_tensorflow.crc32c = google_crc32c.value
of_torch.EventFileWriter = EventFile  # what a SummaryWriter writes to


@singledispatch
def log_image(logger: Logger, name: str, png: bytes, step: int) -> None:
    """Show the picture ``png`` under ``name``; a logger that keeps no pictures does not."""


@log_image.register
def _(logger: TensorBoardLogger, name: str, png: bytes, step: int) -> None:
    width, height = Image.open(io.BytesIO(png)).size
    image = Summary.Image(encoded_image_string=png, height=height, width=width)
    summary = Summary(value=[Summary.Value(tag=name, image=image)])
    logger.experiment.file_writer.add_summary(summary, step)


@log_image.register
def _(logger: WandbLogger, name: str, png: bytes, step: int) -> None:
    logger.log_image(name, [Image.open(io.BytesIO(png))], step)


@log_image.register
def _(logger: MLFlowLogger, name: str, png: bytes, step: int) -> None:
    file = f"{name}/step_{step:07d}.png"
    logger.experiment.log_image(logger.run_id, Image.open(io.BytesIO(png)), file)


@singledispatch
def log_settings(logger: Logger, settings: Mapping[str, Any]) -> None:
    """Hand over the settings of a run, by their dotted names."""
    logger.log_hyperparams(dict(settings))


@log_settings.register
def _(logger: TensorBoardLogger, settings: Mapping[str, Any]) -> None:
    """Leave them out: TensorBoard has a table for some of them, see ``hyperparameters.py``."""


@log_settings.register
def _(logger: MLFlowLogger, settings: Mapping[str, Any]) -> None:
    # MLflow lets no parameter change, as that of a run which goes on for more epochs does.
    if not logger.experiment.get_run(logger.run_id).data.params:
        logger.log_hyperparams(dict(settings))
