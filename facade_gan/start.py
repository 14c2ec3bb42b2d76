"""Where a run starts: from noise, from another run's networks, or where it was interrupted."""

import logging
from pathlib import Path

from facade_gan.checkpoint import read
from facade_gan.errors import UserError
from facade_gan.gan import GAN

log = logging.getLogger(__name__)


def checkpoint_to_resume(ckpt_path: str | None, folder: str) -> Path | None:
    """Find the checkpoint to continue: a path, or "last" for ``last.ckpt`` in ``folder``.

    Returns:
        The path; None to start from the beginning, which "last" does where nothing was saved yet.
    """
    if ckpt_path is None:
        return None
    if ckpt_path == "last":
        last = Path(folder) / "last.ckpt"
        if not last.is_file():
            log.info(f"ckpt_path=last: nothing saved in {folder} yet; starting from the beginning")
            return None
        return last
    if not Path(ckpt_path).is_file():
        raise UserError(f"ckpt_path={ckpt_path}: no such checkpoint")
    return Path(ckpt_path)


def start_from(init_from: str | None, gan: GAN) -> None:
    """Give ``gan`` the G, D and averaged G of the checkpoint ``init_from``, and nothing else of it.

    Raises:
        UserError: when there is no such checkpoint, or its networks are others.
    """
    if init_from is None:
        return
    path = Path(init_from)
    weights = read(path)["state_dict"]
    parts = ("generator", "discriminator", "ema")
    for part in parts:
        prefix = f"{part}."
        own = {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}
        try:
            getattr(gan, part).load_state_dict(own)
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[1].strip()
            raise UserError(f"init_from={init_from}: another {part} than this run's ({reason})") from error
