"""Several devices: one process each, all with the same networks, each with its part of every batch.

What they exchange inside a step is in ``collectives.py``, how they are started and end together in
``launcher.py``. Here is what Lightning needs around it.
"""

from itertools import chain

import torch
from lightning.pytorch import Trainer
from lightning.pytorch.strategies import DDPStrategy
from torch import distributed

from facade_gan.distributed.launcher import CUT_OFF, GRACE, Launcher
from facade_gan.errors import UserError


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
        launcher.end_others()
        if failed is not None:
            self.leave()  # Lightning comes to no teardown where this raises
            raise UserError(launcher.in_words(*failed)) from exception

    def teardown(self) -> None:
        """Leave nothing behind that the next run in this process would take for its own."""
        super().teardown()
        self.leave()

    def leave(self) -> None:
        """Leave the group of processes, and forget it."""
        if isinstance(self._launcher, Launcher):
            self._launcher.forget()
        if distributed.is_initialized():
            distributed.destroy_process_group()
        if isinstance(self._launcher, Launcher):
            self._launcher.is_done = True  # its watch ends this process where that hangs


def _is_lost_connection(exception: BaseException) -> bool:
    """Say whether ``exception`` means that another process of the group has gone."""
    if isinstance(exception, distributed.DistError):
        return True
    return isinstance(exception, RuntimeError) and any(
        word in str(exception) for word in ("gloo", "NCCL", "Connection closed", "TCPStore")
    )
