"""Where the networks are that a user names: shipped weights, a file, or a run's folder."""

from pathlib import Path

from facade_gan.errors import UserError

SHIPPED = Path(__file__).parent.parent / "weights"
ALIASES = {"drawn": "drawn64"}
OF_A_HUB = "model.safetensors"  # what model hubs call the weights in a folder
# A kill between two renames leaves the one before the last, `callbacks.checkpoint.keep` maybe the
# best alone.
OF_A_RUN = ("last.ckpt", "previous.ckpt", "best.ckpt")


def of_run(checkpoints: Path) -> Path | None:
    """Find in a run's folder of checkpoints the one that the run stands at; None without any."""
    return next((file for name in OF_A_RUN if (file := checkpoints / name).is_file()), None)


def run_of(source: Path) -> Path:
    """Name the folder of the run that ``source`` is of: a checkpoint, or a folder of a run."""
    folder = source if source.is_dir() else source.parent
    return folder.parent if folder.name == "checkpoints" else folder


def must_hold_no_other(run: Path, source: Path) -> None:
    """Refuse to go on from ``source`` in the folder ``run`` where that holds another run.

    Raises:
        UserError: as its checkpoints would be replaced; also where ``source`` is a copy of one.
    """
    if run.resolve() != run_of(source).resolve() and of_run(run / "checkpoints") is not None:
        raise UserError(
            f"{run} holds checkpoints, and ckpt_path={source} lies elsewhere: another "
            "hydra.run.dir goes on from there"
        )


def locate(source: str | Path) -> Path:
    """Find the file that holds the networks of ``source``.

    Args:
        source: the name of weights that come with the project ("drawn" is "drawn64"), a checkpoint,
            a ``.safetensors`` file or a folder of ``facade_gan.export``, or a run's folder for its
            last checkpoint, or what is left of them, see ``of_run``.

    Raises:
        UserError: where there is none.
    """
    shipped = SHIPPED / f"{ALIASES.get(str(source), source)}.safetensors"
    path = Path(source).expanduser()
    for found in (path, of_run(path / "checkpoints"), path / OF_A_HUB, shipped):
        if found is not None and found.is_file():
            return found
    if path.is_dir():
        raise UserError(f"{path}: this folder has no checkpoints/last.ckpt; name a run's folder")
    by_size = sorted(
        (file.stem for file in SHIPPED.glob("*.safetensors")), key=lambda n: (len(n), n)
    )
    names = ", ".join(by_size)
    raise UserError(f"{path}: no such checkpoint; these weights come with the project: {names}")
