"""Write a run's networks as small starting weights.

``python -m facade_gan.export checkpoint=RUN out=my_start.safetensors``
"""

import json
from pathlib import Path

from omegaconf import DictConfig

from facade_gan.checkpoints.locate import locate
from facade_gan.commandline.command import command
from facade_gan.commandline.console import say_loading
from facade_gan.commandline.validation import check


@command("export")
def main(cfg: DictConfig) -> None:
    """Export the checkpoint; the recipe is the run's summary, where there is one beside it."""
    check(cfg)
    source, out = locate(cfg.checkpoint), Path(cfg.out)
    say_loading(f"checkpoint={source}")
    from facade_gan.checkpoints import starting_weights
    from facade_gan.checkpoints.read import read_checkpoint

    summary = source.parent.parent / "summary.json"
    checkpoint = read_checkpoint(source)
    recipe = json.loads(summary.read_text()) if summary.is_file() else checkpoint.get("recipe", {})
    starting_weights.save(out, checkpoint, recipe)
    print(f"{out}: {out.stat().st_size / 1e6:.1f} MB, for init_from={out}")


if __name__ == "__main__":
    main()
