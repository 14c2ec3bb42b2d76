"""Train a GAN on building facades.

``python train.py trainer.max_epochs=100``, or ``python -m facade_gan.train`` from anywhere.
"""

import logging
import os

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from facade_gan.commandline.command import command
from facade_gan.commandline.config import chosen, flat
from facade_gan.commandline.extras import must_have_loggers
from facade_gan.commandline.resumed_run import complete
from facade_gan.commandline.validation import check
from facade_gan.run.places import must_be_there
from facade_gan.sweep.job import job_of_a_sweep

log = logging.getLogger(__name__)


@command("train", complete)
@job_of_a_sweep
def main(cfg: DictConfig) -> float | None:
    """Build what the config names, fit, and say where the results are."""
    check(cfg)
    must_be_there(cfg)
    must_have_loggers(cfg)
    if "LOCAL_RANK" not in os.environ:  # the first process speaks
        log.info(f"Run in {HydraConfig.get().runtime.output_dir}; loading PyTorch ...")
    # Only now: `python train.py --help` should not wait for torch and Lightning.
    from hydra.utils import instantiate
    from lightning.pytorch import seed_everything

    from facade_gan.callbacks.stop_on_signal import stop_what_follows
    from facade_gan.commandline.console import quiet_lightning
    from facade_gan.compute.device import accelerator
    from facade_gan.run import summary
    from facade_gan.run.start import take_starting_point

    check(cfg)  # with what follows from the device
    quiet_lightning()
    seed_everything(cfg.seed, verbose=False)
    data = instantiate(cfg.data)
    gan = instantiate(cfg.gan, _convert_="all")
    callbacks = [instantiate(each) for each in chosen(cfg, "callbacks").values()]
    loggers = [instantiate(each) for each in chosen(cfg, "logger").values()]
    around = {"callbacks": callbacks, "logger": loggers}
    on = accelerator(cfg.trainer.accelerator)
    trainer = instantiate(cfg.trainer, accelerator=on, **around, _convert_="all")

    gan.save_hyperparameters(flat(cfg), logger=False)  # for a resumed run to compare with
    checkpoint = take_starting_point(cfg, gan, trainer)
    trainer.fit(gan, datamodule=data, ckpt_path=checkpoint, weights_only=True)
    value = summary.finish(cfg, trainer, data)
    stop_what_follows(trainer, value)
    return value


if __name__ == "__main__":
    main()
