"""Write a generator for use elsewhere: ONNX, a web page, a model hub, starting weights.

``facade-gan export checkpoint=RUN out=x.onnx``. ``out`` decides the form: ``x.safetensors`` small
starting weights, ``x.onnx``, ``x.html`` a page that generates in the browser, a folder what a model
hub expects.
"""

from collections.abc import Callable
from pathlib import Path

from omegaconf import DictConfig

from facade_gan.checkpoints.locate import locate
from facade_gan.commandline.command import command
from facade_gan.commandline.console import say_loading
from facade_gan.commandline.validation import check
from facade_gan.errors import UserError

# Each form loads what it needs itself: the command says at once what is wrong, PyTorch takes long.


def as_starting_weights(cfg: DictConfig, source: Path, out: Path) -> str:
    """Write both networks in float16."""
    from facade_gan.checkpoints import starting_weights
    from facade_gan.checkpoints.read import must_describe_networks, read_checkpoint
    from facade_gan.exporting.provenance import summary_of

    checkpoint = read_checkpoint(source)
    must_describe_networks(checkpoint, source)
    starting_weights.save(out, checkpoint, summary_of(source, checkpoint))
    return f"for init_from={out}"


def as_onnx(cfg: DictConfig, source: Path, out: Path) -> str:
    """Write the generator for onnxruntime."""
    from facade_gan.checkpoints.read import load_generator
    from facade_gan.exporting.onnx_file import must_have_onnx, write_onnx

    must_have_onnx()
    generator = load_generator(source, cfg.network_modules)
    return str(write_onnx(generator, out, texts_of(cfg)))


def as_page(cfg: DictConfig, source: Path, out: Path) -> str:
    """Write the generator for a browser."""
    from facade_gan.checkpoints.read import load_generator
    from facade_gan.exporting.onnx_file import must_have_onnx
    from facade_gan.exporting.page import must_have_seeds, write_page
    from facade_gan.exporting.web_runtime import web_runtime

    must_have_onnx()
    generator = load_generator(source, cfg.network_modules)
    must_have_seeds(generator, out)
    runtime = cfg.runtime
    file = None if runtime.file is None else Path(runtime.file).expanduser()
    cache = Path(runtime.cache_dir).expanduser()
    packed = web_runtime(file, runtime.url, runtime.sha256, cache)
    return str(write_page(generator, out, packed, texts_of(cfg)))


def as_hub_folder(cfg: DictConfig, source: Path, out: Path) -> str:
    """Write what a model hub expects."""
    from facade_gan.checkpoints.read import must_describe_networks, read_checkpoint
    from facade_gan.exporting.hub_folder import write_hub_folder
    from facade_gan.exporting.provenance import provenance

    checkpoint = read_checkpoint(source)
    must_describe_networks(checkpoint, source)
    known = provenance(source, checkpoint)
    write_hub_folder(checkpoint, out, known, list(cfg.network_modules))
    return f"fill in the licence in {out / 'README.md'}"


FORMS: dict[str, Callable[[DictConfig, Path, Path], str]] = {
    ".safetensors": as_starting_weights,
    ".onnx": as_onnx,
    ".html": as_page,
    "": as_hub_folder,
}


def texts_of(cfg: DictConfig) -> dict[str, str]:
    """Say inside a file where its generator comes from."""
    return {"made by": "facade-gan export", "checkpoint": Path(cfg.checkpoint).name}


@command("export")
def main(cfg: DictConfig) -> None:
    """Export as ``conf/export.yaml`` says."""
    check(cfg)
    source, out = locate(cfg.checkpoint), Path(cfg.out).expanduser()
    suffix = "" if out.is_dir() else out.suffix.lower()
    if suffix not in FORMS:
        raise UserError(f"out={out}: name a .safetensors, an .onnx, an .html or a folder")
    say_loading(f"checkpoint={source}")
    said = FORMS[suffix](cfg, source, out)
    files = [out] if out.is_file() else list(out.iterdir())
    print(f"{out}: {sum(file.stat().st_size for file in files) / 1e6:.1f} MB, {said}")


if __name__ == "__main__":
    main()
