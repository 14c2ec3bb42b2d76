"""Where a run starts: from noise, from other networks, or where it was interrupted."""

import logging
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import LambdaCallback
from omegaconf import DictConfig, OmegaConf

from facade_gan.callbacks.training_cost import Tally, tally_of
from facade_gan.checkpoints.locate import must_hold_no_other, of_run
from facade_gan.checkpoints.read import read_checkpoint
from facade_gan.checkpoints.rebuild import must_be_rebuildable
from facade_gan.commandline.config import BEFORE, OF_THE_STEP, flat
from facade_gan.commandline.resumed_run import keep_settings
from facade_gan.compute.device import what_decides_rounding
from facade_gan.distributed.strategy import Replicas
from facade_gan.errors import UserError
from facade_gan.gan import GAN
from facade_gan.losses import Loss
from facade_gan.run.init_from import images_behind, must_be_the_same_networks, start_from

log = logging.getLogger(__name__)

# What decides the weights of a run, beside the networks: beginnings of keys in the config.
DECISIVE = (*OF_THE_STEP, "seed", "data.")
PLACES = ("data.root", "data.cache_dir")  # of those, where files are


def take_starting_point(cfg: DictConfig, gan: GAN, trainer: Trainer) -> Path | None:
    """Find the checkpoint to resume, or give ``gan`` the networks of ``init_from``.

    Returns:
        The checkpoint, for ``trainer.fit``; None to train from the beginning.

    Raises:
        UserError: when there is no such checkpoint, it does not fit the run, or the run's folder
            holds a run that would be overwritten.
    """
    must_be_rebuildable(gan.generator, gan.discriminator, cfg.network_modules)
    if not isinstance(gan.loss, Loss):
        raise UserError(
            f"loss: {cfg.loss._target_} is no Loss of facade_gan/losses.py: derive it from that "
            "class, see docs/extending.md"
        )
    if trainer.world_size > 1 and not isinstance(trainer.strategy, Replicas):
        raise UserError(
            f"trainer.devices={trainer.world_size}: several devices need trainer=ddp as well"
        )
    found = checkpoint_to_resume(cfg, trainer)
    if found is None:
        tally_of(trainer).images_before = start_from(cfg.init_from, gan)
        if cfg.data.get("holdout") and not str(cfg.init_from or "drawn").startswith("drawn"):
            log.warning(
                f"init_from={cfg.init_from}: if it was trained on photos of this set, those that "
                "are held out are not new to the networks"
            )
        return None
    path, state = found
    must_fit(f"ckpt_path={path}", state, gan)
    there = flat(OmegaConf.create(BEFORE)) | state["hyper_parameters"]
    here = flat(cfg)
    must_be_the_same_source(f"ckpt_path={path}", there, here)
    say_where(path, state, trainer)
    say_what_differs(there, here, trainer)
    if trainer.is_global_zero:
        kept = LambdaCallback(on_train_start=lambda *_: keep_settings(cfg))
        trainer.callbacks.append(kept)  # type: ignore[attr-defined]
    keep_start(cfg, gan, there.get("init_from"))
    if "images_before" not in Tally.counts_of(state):
        tally_of(trainer).images_before = images_behind(cfg.init_from, cfg.image_size)
    return path


def keep_start(cfg: DictConfig, gan: GAN, init_from: str | None) -> None:
    """Have the settings of a resumed run say what it had begun from, whatever the command says."""
    if cfg.init_from not in (None, init_from):
        log.warning(
            f"init_from={cfg.init_from} is not used: the run goes on, and began from "
            f"{init_from or 'noise'}"
        )
    cfg.init_from = gan.hparams["init_from"] = init_from


def checkpoint_to_resume(cfg: DictConfig, trainer: Trainer) -> tuple[Path, dict[str, Any]] | None:
    """Find and read what ``ckpt_path`` names; None where the run starts from the beginning.

    Raises:
        UserError: where there is no such checkpoint, or the run's folder holds another run.
    """
    folder = Path(cfg.callbacks.checkpoint.folder)
    if cfg.ckpt_path is None:
        if of_run(folder) is not None and trainer.is_global_zero:
            raise UserError(
                f"{folder.parent} holds a run: ckpt_path=last goes on with it, another "
                "hydra.run.dir starts a new one"
            )
        return None
    if cfg.ckpt_path == "last":
        found = intact(folder / "last.ckpt")
        if found is None:
            log.info(f"ckpt_path=last: nothing saved in {folder} yet; starting from the beginning")
        return found
    path = Path(cfg.ckpt_path)
    if trainer.is_global_zero:
        must_hold_no_other(folder.parent, path)
    found = intact(path / "checkpoints" / "last.ckpt" if path.is_dir() else path)
    if found is None:
        raise UserError(f"ckpt_path={cfg.ckpt_path}: no such checkpoint")
    return found


def intact(path: Path) -> tuple[Path, dict[str, Any]] | None:
    """Read the checkpoint at ``path``; where a ``last.ckpt`` is damaged, the one before it.

    Of a run that kept no ``last.ckpt`` it is what is left, see ``of_run``.

    Returns:
        Where it was read from, and what it holds; None when there is none.

    Raises:
        UserError: when no checkpoint is left that can be read.
    """
    previous = path.with_name("previous.ckpt")
    if path.is_file():
        try:
            return path, read_checkpoint(path)
        except UserError as error:
            if path.name != "last.ckpt" or not previous.is_file():
                raise
            damaged = path.with_name("damaged.ckpt")
            log.warning(f"{error}; it is now {damaged.name}, and {previous.name} is used")
            path.replace(damaged)
        return previous, read_checkpoint(previous)
    left = of_run(path.parent) if path.name == "last.ckpt" else None
    if left is None:
        return None
    log.warning(f"{path.parent} holds no {path.name}: {left.name} is used")
    return left, read_checkpoint(left)


def must_fit(name: str, state: dict[str, Any], gan: GAN) -> None:
    """Refuse a checkpoint that does not hold a whole run of these networks.

    Raises:
        UserError: with what is missing or different.
    """
    missing = {"networks", "rng", "unlogged", "metrics", "environment", "loops"} - state.keys()
    if missing:
        raise UserError(
            f"{name}: can't be resumed, as it lacks {', '.join(sorted(missing))} (written by "
            "another program or version?); init_from=PATH starts from its networks"
        )
    must_be_the_same_networks(name, state["networks"], gan)
    there, here = (len(noise) for noise in (state["state_dict"]["fixed_noise"], gan.fixed_noise))
    if there != here:
        raise UserError(
            f"{name}: was trained with {there} fixed noises: set gan.fixed_noises={there}"
        )


def must_be_the_same_source(name: str, there: dict[str, Any], here: dict[str, Any]) -> None:
    """Refuse photos of another source than the checkpoint's, unless the command asks for them.

    Raises:
        UserError: with both sources.
    """
    asked_for = {o.split("=")[0] for o in HydraConfig.get().overrides.task}
    for key in ("data._target_", "data.root"):
        if there.get(key) != here.get(key) and not {"data", "data.root"} & asked_for:
            source = " of ".join(
                str(there[k]) for k in ("data._target_", "data.root") if k in there
            )
            raise UserError(
                f"{name}: trained on photos by {source}, of which this command says nothing: set "
                "data=... (and data.root=...) to the same, or to others that are meant"
            )


def say_where(path: Path, state: dict[str, Any], trainer: Trainer) -> None:
    """Log where the run goes on, or that nothing is left to do.

    Raises:
        UserError: when more epochs were trained than ``trainer.max_epochs``.
    """
    epochs = state["loops"]["fit_loop"]["epoch_progress"]["total"]["completed"]
    steps, wanted = state["global_step"], trainer.max_epochs
    if wanted is not None and -1 < wanted < epochs:
        raise UserError(f"{path} has trained {epochs} epochs: set trainer.max_epochs to more")
    if epochs == wanted or -1 < trainer.max_steps <= steps:
        limit = "max_epochs" if epochs == wanted else "max_steps"
        log.info(
            f"{path}: the run is complete ({epochs} epochs, {steps} steps); a higher "
            f"trainer.{limit} would go on with it"
        )
    else:
        log.info(f"Going on from {path}: {epochs} epochs, {steps} steps done")
    here = what_decides_rounding()
    for what, there in state["environment"].items():
        if here.get(what) != there:
            log.warning(
                f"{what} was {there} and is {here.get(what)}: the run goes on, but rounds "
                "differently than without the interruption"
            )


def say_what_differs(there: dict[str, Any], here: dict[str, Any], trainer: Trainer) -> None:
    """Warn of settings that decide the weights and have changed since the checkpoint."""
    changed = [
        f"{key} was {there.get(key)} and is {here.get(key)}"
        for key in sorted(there | here)
        if key.startswith(DECISIVE) and key not in PLACES and there.get(key) != here.get(key)
    ]
    if changed:
        log.warning(f"Going on with other settings than before: {'; '.join(changed)}")
