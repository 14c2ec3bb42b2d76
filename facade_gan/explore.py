"""Explore a trained generator on a page in the browser.

``facade-gan explore checkpoint=RUN``
"""

import os
from importlib.util import find_spec
from pathlib import Path

from omegaconf import DictConfig

from facade_gan.checkpoints.locate import locate
from facade_gan.commandline.command import command
from facade_gan.commandline.console import say_loading
from facade_gan.commandline.validation import check
from facade_gan.errors import UserError, to_install


def must_be_possible(config: DictConfig) -> None:
    """Look over the numbers, and whether Gradio is there, before anything heavy is loaded.

    Raises:
        UserError: for the first thing that can't be.
    """
    for key, least, most in (("wall", 1, 400), ("batch_size", 1, 4096), ("port", 1, 65535)):
        value = config[key]
        if value is None and key == "port":
            continue
        if type(value) is not int or not least <= value <= most:
            raise UserError(f"{key}={value}: must be a whole number from {least} to {most}")
    if find_spec("gradio") is None:
        raise UserError(f"the page needs Gradio: {to_install('explore')}")


@command("explore")
def main(config: DictConfig) -> None:
    """Serve the page as ``conf/explore.yaml`` says."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # it asks when it is imported, too
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    check(config)
    must_be_possible(config)
    source = config.checkpoint or config.run or "drawn"
    if config.run is not None and not Path(config.run).expanduser().is_dir():
        raise UserError(f"run={config.run}: no such folder")
    locate(source)  # before PyTorch loads, to say where there is none
    say_loading(f"checkpoint={source}")
    from facade_gan.checkpoints.read import load_networks
    from facade_gan.compute import device
    from facade_gan.explore_page.facades import Facades
    from facade_gan.exporting.provenance import is_relative
    from facade_gan.latents.directions import load_directions

    generator, discriminator = load_networks(source, config.network_modules)
    on = device.pick(config.device)
    given = None
    if config.directions is not None:
        file = Path(config.directions).expanduser()
        given = load_directions(file, generator.latent_dim)
    relative = is_relative(locate(source))
    facades = Facades(generator.to(on), discriminator.to(on), given, config.batch_size, relative)
    # Here, as it takes longer to import than a mistake should wait for.
    from facade_gan.explore_page.layout import Page
    from facade_gan.explore_page.server import serve
    from facade_gan.explore_page.training import watched

    training = watched(source, config.run)
    page = Page(facades, training, Path(source).resolve().name, config.wall)
    serve(page, config.host, config.port, config.browser)


if __name__ == "__main__":
    main()
