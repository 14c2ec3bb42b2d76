"""Files and folders that a command names and that have to be there, looked for before it loads."""

from pathlib import Path

from omegaconf import DictConfig

from facade_gan.checkpoints.locate import locate, of_run
from facade_gan.errors import UserError


def must_be_there(cfg: DictConfig) -> None:
    """Look for the photos' folder, the starting weights and the checkpoint to go on from.

    Raises:
        UserError: for the first that is not there.
    """
    root = cfg.data.get("root")
    if str(cfg.data._target_).endswith(".FolderData") and not Path(root).expanduser().is_dir():
        raise UserError(f"data.root={root}: there is no such folder")
    resumed = cfg.get("ckpt_path")
    if resumed == "last" and of_run(Path(cfg.callbacks.checkpoint.folder)) is None:
        resumed = None  # nothing saved yet
    # A run that goes on has taken what it needs of its starting weights.
    if resumed is None and cfg.get("init_from") not in (None, "drawn"):
        locate(cfg.init_from)
    if resumed not in (None, "last"):
        path = Path(resumed)  # instead of a last.ckpt the one before it may be taken
        if not path.exists() and path.name != "last.ckpt":
            raise UserError(f"ckpt_path={path}: no such checkpoint")
