"""Several devices: one process each, all with the same networks, each with its part of every batch.

What they exchange inside a step is in ``collectives.py``. Here is what Lightning needs around it:
the strategy, how the other processes are started, and how all of them end when one does.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from itertools import chain
from typing import Any

import torch
from hydra.core.hydra_config import HydraConfig
from lightning.pytorch import Trainer
from lightning.pytorch.strategies import DDPStrategy
from lightning.pytorch.strategies.launchers import _SubprocessScriptLauncher
from omegaconf import OmegaConf
from torch import distributed

from facade_gan.commandline.config import argument
from facade_gan.errors import UserError

log = logging.getLogger(__name__)

CUT_OFF = 75  # exit status of a process that ends because another one did
GRACE = 5.0  # seconds for a process that died to be seen dead


class Replicas(DDPStrategy):
    """Lightning's DDP without its wrapper: the step averages the gradients itself.

    Networks, optimizers and averaged generator are the same on every device, bit by bit: they start
    the same and get the same gradients. Noise and augmentation differ by device.
    """

    def setup_distributed(self) -> None:
        """Join the others, and sample other noise than they do from here on."""
        super().setup_distributed()
        torch.manual_seed(torch.initial_seed() + 1_000_003 * self.global_rank)

    def configure_ddp(self) -> None:
        """Give every process the first one's weights; nothing is wrapped."""
        assert self.model is not None
        with torch.no_grad():
            for tensor in chain(self.model.parameters(), self.model.buffers()):
                distributed.broadcast(tensor, src=0)

    def _configure_launcher(self) -> None:
        assert self.cluster_environment is not None
        self._launcher = Launcher(self.cluster_environment, self.num_processes, self.num_nodes)

    def setup(self, trainer: Trainer) -> None:
        """Check that all processes write to one run folder, then set up as usual.

        Raises:
            UserError: when they do not.

        """
        folder = self.broadcast(trainer.default_root_dir)
        if trainer.default_root_dir != folder:
            raise UserError(
                f"process {self.global_rank} would write to {trainer.default_root_dir}, the first "
                f"one to {folder}: start all processes with the same hydra.run.dir=..."
            )
        super().setup(trainer)

    def on_exception(self, exception: BaseException) -> None:
        """End the processes on this machine with this one, and name the one that failed first.

        Raises:
            UserError: in the first process, when another one ended on its own.
            SystemExit: in the others, when the connection to the rest is lost: the first process
                says why, and if it has gone itself they do.

        """
        launcher = self._launcher
        lost = _is_lost_connection(exception)
        if not isinstance(launcher, Launcher) or not launcher.procs:
            if lost and isinstance(launcher, Launcher) and launcher.is_child:
                launcher.say_if_first_has_gone()
                raise SystemExit(CUT_OFF)
            return
        failed = launcher.wait_for_failure(GRACE) if lost else None
        launcher.kill(getattr(signal, "SIGKILL", signal.SIGTERM))  # Windows has no other
        if failed is not None:
            rank, status = failed
            raise UserError(
                f"process {rank} of {self.world_size} ended with {_in_words(status)}, so all have "
                "stopped: its own message, if it left one, is above; go on with ckpt_path=..."
            ) from exception

    def teardown(self) -> None:
        """Leave nothing behind that the next run in this process would take for its own."""
        super().teardown()
        if isinstance(self._launcher, Launcher):
            self._launcher.forget()
        if distributed.is_initialized():
            distributed.destroy_process_group()


class Launcher(_SubprocessScriptLauncher):
    """Starts the other processes of this machine: this job of Hydra's, in this job's folder.

    Lightning repeats the command line, which under ``-m`` would start the whole sweep in each
    process; here each gets the overrides of the one job.
    """

    VARIABLES = ("MASTER_ADDR", "MASTER_PORT", "NODE_RANK", "LOCAL_RANK", "WORLD_SIZE")
    PARENT = "FACADE_GAN_FIRST_PROCESS"
    is_done = False

    def launch(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        """Start the others, watch over them or over the first one, and run ``function``."""
        if self.is_child:
            threading.Thread(target=self._end_with_first, daemon=True).start()
        result = super().launch(function, *args, **kwargs)
        self.is_done = True
        for process in self.procs:
            process.wait()  # else the next run could start beside the end of this one
        return result

    @property
    def is_child(self) -> bool:
        """Whether a `Launcher` started this process."""
        return self.PARENT in os.environ

    def _end_with_first(self) -> None:
        """End this process when the first one has gone: a GPU would wait for it in vain."""
        while not self.is_done:
            if self.say_if_first_has_gone():
                os._exit(CUT_OFF)

    def say_if_first_has_gone(self) -> bool:
        """Print a line if the first process has gone, which can't say so itself."""
        time.sleep(0.5)  # its connections close a moment before it counts as gone
        first = int(os.environ[self.PARENT])
        if os.getppid() == first:
            return False
        print(
            f"error: the first process ({first}) was ended from outside, so all have stopped: "
            "go on with ckpt_path=...",
            file=sys.stderr,
            flush=True,
        )
        return True

    def _call_children_scripts(self) -> None:
        self._check_can_spawn_children()
        cluster = self.cluster_environment
        values = (
            cluster.main_address,
            cluster.main_port,
            cluster.node_rank(),
            0,
            self.num_processes * self.num_nodes,
        )
        os.environ.update(zip(self.VARIABLES, map(str, values), strict=True))
        # Put together before any of them starts: a mistake here leaves none running.
        commands = [child_command(rank) for rank in range(1, self.num_processes)]
        for rank, command in enumerate(commands, start=1):
            own = {
                "LOCAL_RANK": str(rank),
                self.PARENT: str(os.getpid()),
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),  # they import what this does
            }
            cwd = HydraConfig.get().runtime.cwd
            self.procs.append(subprocess.Popen(command, env=os.environ | own, cwd=cwd))

    def wait_for_failure(self, seconds: float) -> tuple[int, int] | None:
        """Wait for a process that ended on its own: its rank and exit status, None for none."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for rank, process in enumerate(self.procs, start=1):
                if process.poll() not in (None, 0, CUT_OFF):
                    return rank, process.returncode
            time.sleep(0.1)
        return None

    def forget(self) -> None:
        """Take back what starting the processes left in the environment."""
        if self.procs:
            for name in self.VARIABLES:
                os.environ.pop(name, None)


def child_command(local_rank: int) -> list[str]:
    """Build the command that runs the current job of Hydra again, in its folder.

    Its log goes to a file of its own there, and what is a progress bar or a warning for the screen
    is left to the first process.
    """
    hydra = HydraConfig.get()
    sources = [s.path for s in hydra.runtime.config_sources if s.provider == "command-line"]
    return [
        sys.executable,
        "-m",
        "facade_gan.train",
        *(f"--config-dir={path}" for path in sources),
        f"--config-name={hydra.job.config_name}",
        *OmegaConf.to_container(hydra.overrides.task),  # type: ignore[misc]
        argument("hydra.run.dir", hydra.runtime.output_dir),
        f"hydra.job.name={hydra.job.name}_process_{local_rank}",
        "hydra.job_logging.root.handlers=[file]",
        "hydra.output_subdir=null",
        "hydra.mode=RUN",
    ]


def _is_lost_connection(exception: BaseException) -> bool:
    """Say whether ``exception`` means that another process of the group has gone."""
    if isinstance(exception, distributed.DistError):
        return True
    return isinstance(exception, RuntimeError) and any(
        word in str(exception) for word in ("gloo", "NCCL", "Connection closed", "TCPStore")
    )


def _in_words(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    return f"signal {signal.Signals(-status).name}"
