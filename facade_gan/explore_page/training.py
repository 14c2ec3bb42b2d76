"""What a run's folder has to show of its training: its grids, and the photos nearest to its images.

Nothing else in the folder is read, and nothing outside it.
"""

from pathlib import Path

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
