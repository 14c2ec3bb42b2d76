"""The command that goes on with a run."""

from hydra.core.hydra_config import HydraConfig

from facade_gan.commandline.config import argument, for_shell
from facade_gan.commandline.invocation import invocation


def command_to_go_on(*changes: str) -> str:
    """Write the shell command that resumes this run, or this job of a sweep, in its folder.

    Args:
        changes: further overrides, ``key=value``.
    """
    hydra = HydraConfig.get()
    chosen = [o for o in hydra.overrides.task if not o.startswith("ckpt_path=")]
    folder = argument("hydra.run.dir", hydra.runtime.output_dir)
    words = [*invocation("train"), *chosen, folder, "ckpt_path=last", *changes]
    return " ".join(map(for_shell, words))
