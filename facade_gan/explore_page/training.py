"""What a run's folder has to show of its training: its grids, and the photos nearest to its images.

Nothing else in the folder is read, and nothing outside it.
"""

from pathlib import Path

from facade_gan.checkpoints.locate import of_run
from facade_gan.film.grids import grids_in


class Training:
    """A run's folder, whose training may still go on.

    Args:
        folder: of the run.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def grids(self) -> list[Path]:
        """List the grids there are by now, the first epoch's first."""
        return grids_in(self.folder / "grids")

    def neighbours(self) -> bytes | None:
        """Read the figure of images nearest to photos; a run without metrics has none."""
        figure = self.folder / "neighbours.png"
        return figure.read_bytes() if figure.is_file() else None


def watched(source: str, run: str | None) -> Training | None:
    """Find the run to watch: the one that was named, or the one that the networks are from.

    A run in its first epoch has no networks yet, so that it is watched where it is named. A hub's
    folder is no run, nor is one that happens to be called as weights that come with the project.

    Args:
        source: where the networks are from.
        run: a run's folder, or None.
    """
    if run:
        return Training(Path(run).expanduser())
    folder = Path(source).expanduser()
    return None if of_run(folder / "checkpoints") is None else Training(folder)
