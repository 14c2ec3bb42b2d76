"""How the processes of several devices are started, and how all of them end when one does."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

from hydra.core.hydra_config import HydraConfig
from lightning.fabric.utilities.distributed import _set_num_threads_if_needed
from lightning.pytorch.strategies.launchers import _SubprocessScriptLauncher
from omegaconf import OmegaConf

from facade_gan.commandline.config import argument, folders_of_own

CUT_OFF = 75  # exit status of a process that ends because another one did
GRACE = 5.0  # seconds for a process that died to be seen dead
RUNNING_OR_DONE = (None, 0, CUT_OFF)
ASKED_TO_STOP = (128 + signal.SIGINT, 128 + signal.SIGTERM)


class Launcher(_SubprocessScriptLauncher):
    """Starts the other processes of this machine: this job of Hydra's, in this job's folder.

    Lightning repeats the command line, which under ``-m`` would start the whole sweep in each
    process; here each gets the overrides of the one job.
    """

    VARIABLES = ("MASTER_ADDR", "MASTER_PORT", "NODE_RANK", "LOCAL_RANK", "WORLD_SIZE")
    PARENT = "FACADE_GAN_FIRST_PROCESS"
    is_done = False
    has_started = False  # the others of this machine

    def launch(self, function: Any, *args: Any, trainer: Any = None, **kwargs: Any) -> Any:
        """Start the others, watch over them or over the first one, and run ``function``.

        In place of Lightning's own, whose watch kills the first process without a word up to five
        seconds after another one has failed: under ``-m`` that is in the middle of the next job.
        """
        cluster = self.cluster_environment
        cluster.validate_settings(num_devices=self.num_processes, num_nodes=self.num_nodes)
        if self.is_child:
            threading.Thread(target=self._end_with_first, daemon=True).start()
        if not cluster.creates_processes_externally:
            self._call_children_scripts()
            threading.Thread(target=self._end_with_others, daemon=True).start()
        _set_num_threads_if_needed(self.num_processes)
        result = function(*args, **kwargs)
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

    def _end_with_others(self) -> None:
        """End this process when another one failed and nobody told it: it would wait for ever.

        A lost connection comes first as an error in the step, see `Replicas.on_exception`.
        """
        while not self.is_done:
            # Those that were asked to stop may be done while this one still writes the last files.
            failed = self.wait_for_failure(1.0, (*RUNNING_OR_DONE, *ASKED_TO_STOP))
            if failed is not None:
                time.sleep(3 * GRACE)
                if not self.is_done:
                    print(f"error: {self.in_words(*failed)}", file=sys.stderr, flush=True)
                    self.end_others()
                    os._exit(1)
                return

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
        self.has_started = True
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

    def wait_for_failure(
        self, seconds: float, fine: tuple[int | None, ...] = RUNNING_OR_DONE
    ) -> tuple[int, int] | None:
        """Wait for a process that ended on its own: its rank and exit status, None for none.

        Args:
            seconds: how long.
            fine: what ``Popen.poll`` may say of a process without its having failed.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for rank, process in enumerate(self.procs, start=1):
                if process.poll() not in fine:
                    return rank, process.returncode
            time.sleep(0.1)
        return None

    def end_others(self) -> None:
        """End the other processes of this machine at once, and wait until they have ended."""
        self.kill(getattr(signal, "SIGKILL", signal.SIGTERM))  # Windows has no other
        for process in self.procs:
            with contextlib.suppress(subprocess.TimeoutExpired):  # one that a driver holds
                process.wait(GRACE)

    def in_words(self, rank: int, status: int) -> str:
        """Say how a process ended, and what to do."""
        ended = f"exit status {status}" if status >= 0 else f"signal {signal.Signals(-status).name}"
        return (
            f"process {rank} of {self.num_processes * self.num_nodes} ended with {ended}, so all "
            "have stopped: its own message, if it left one, is above; go on with ckpt_path=..."
        )

    def forget(self) -> None:
        """Take back what starting the processes left in the environment."""
        if self.has_started:
            for name in self.VARIABLES:
                os.environ.pop(name, None)


def child_command(local_rank: int) -> list[str]:
    """Build the command that runs the current job of Hydra again, in its folder.

    Its log goes to a file of its own there, and what is a progress bar or a warning for the screen
    is left to the first process.
    """
    hydra = HydraConfig.get()
    return [
        sys.executable,
        "-m",
        "facade_gan.train",
        *(f"--config-dir={path}" for path in folders_of_own(hydra.runtime)),
        f"--config-name={hydra.job.config_name}",
        *OmegaConf.to_container(hydra.overrides.task),  # type: ignore[misc]
        argument("hydra.run.dir", hydra.runtime.output_dir),
        f"hydra.job.name={hydra.job.name}_process_{local_rank}",
        "hydra.job_logging.root.handlers=[file]",
        "hydra.output_subdir=null",
        "hydra.mode=RUN",
    ]
