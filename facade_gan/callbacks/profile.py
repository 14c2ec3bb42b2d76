"""``profile=true``: where the time of a step goes, as a trace and as a table."""

import logging
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch.profiler import ProfilerActivity, profile, schedule, tensorboard_trace_handler

from facade_gan.atomic_files import write_text

log = logging.getLogger(__name__)


class Profile(Callback):
    """Records some blocks of steps with torch.profiler; on a CPU a block is one step.

    Leaves ``*.pt.trace.json``, which https://ui.perfetto.dev and TensorBoard's profiler plugin
    show, and ``operators.txt``, the operators by shape, the longest first.

    Args:
        enabled: whether to record at all.
        folder: where the files go.
        skip: blocks before the recording, that the run has settled.
        blocks: how many to record.
    """

    def __init__(self, enabled: bool, folder: str, skip: int, blocks: int) -> None:
        self.enabled, self.folder = enabled, Path(folder)
        self.skip, self.blocks = skip, blocks
        self.recording: profile | None = None

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Begin to count blocks."""
        if not self.enabled or not trainer.is_global_zero:
            return
        activities = [ProfilerActivity.CPU]
        if torch.cuda.is_available():
            activities.append(ProfilerActivity.CUDA)
        self.recording = profile(
            activities=activities,
            schedule=schedule(wait=self.skip, warmup=1, active=self.blocks, repeat=1),
            on_trace_ready=self.write,
            record_shapes=True,
        )
        self.recording.start()

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Move on by a block."""
        if self.recording is not None:
            self.recording.step()

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write what a shorter run has recorded."""
        if self.recording is not None:
            self.recording.stop()
            self.recording = None

    def write(self, recorded: profile) -> None:
        """Write trace and table."""
        tensorboard_trace_handler(str(self.folder))(recorded)
        operators = recorded.key_averages(group_by_input_shape=True)
        table = operators.table(sort_by="self_cpu_time_total", row_limit=100)
        write_text(self.folder / "operators.txt", table)
        log.info(f"Profile written: {self.folder}")
