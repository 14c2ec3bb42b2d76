"""The command that goes on with a run."""

from pathlib import Path

from hydra.core.hydra_config import HydraConfig

from facade_gan.commandline.config import argument, for_shell
from facade_gan.commandline.invocation import invocation


def command_to_go_on(*changes: str) -> str:
    """Write the shell command that resumes this run, or this job of a sweep, in its folder.

    Args:
        changes: further overrides, ``key=value``.
    """
    hydra = HydraConfig.get()
    folder = Path(hydra.runtime.output_dir)
    # What the run was started with is read in its folder, where Hydra was let write it.
    known = (folder / ".hydra" / "hydra.yaml").is_file()
    chosen = [o for o in hydra.overrides.task if not known and not o.startswith("ckpt_path=")]
    shown = str(folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder)
    place = argument("hydra.run.dir", shown)
    words = [*invocation("train"), *chosen, "ckpt_path=last", place, *changes]
    return " ".join(map(for_shell, words))
