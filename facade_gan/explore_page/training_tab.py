"""The tab that watches a run: its grids over the epochs, and the photos nearest to its images."""

from typing import Any

import gradio as gr

from facade_gan.explore_page import markup
from facade_gan.explore_page.training import Training
from facade_gan.film.grids import epoch_of

REFRESHED = 10  # seconds between two looks for new grids


class TrainingTab:
    """Lays the tab out, inside a page's tabs.

    Args:
        training: what it shows.
    """

    def __init__(self, training: Training) -> None:
        self.training = training
        with gr.Tab("Training") as self.tab:
            self.number = gr.Slider(1, 2, 1, step=1, label="Grid, from the first to the last")
            self.grid = gr.HTML(min_height=200)
            neighbours = gr.HTML()
            timer = gr.Timer(REFRESHED, active=False)
        quiet: Any = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
        # The button that sets a slider back is a release alone, and no input.
        moved = [self.number.input, self.number.release]
        gr.on(moved, self.show, self.number, self.grid, trigger_mode="always_last", **quiet)
        self.tab.select(self.newest, None, [self.number, self.grid, neighbours, timer], **quiet)
        timer.tick(self.refresh, self.number, [self.number, self.grid], **quiet)

    def show(self, number: float) -> str:
        """Show a grid, counted from 1."""
        grids = self.training.grids()
        if not grids:
            return markup.note(f"{self.training.folder} has no grids yet")
        path = grids[min(int(number), len(grids)) - 1]
        return markup.grid_of_run(path.read_bytes(), epoch_of(path))

    def newest(self) -> list[Any]:
        """Show the last grid and the neighbours, and look for new ones from now on."""
        last = len(self.training.grids())
        slider = gr.Slider(maximum=max(2, last), value=max(1, last), visible=last > 1)
        figure = self.training.neighbours()
        neighbours = "" if figure is None else markup.neighbours(figure)
        return [slider, self.show(last), neighbours, gr.Timer(active=True)]

    def refresh(self, number: float) -> list[Any]:
        """Make room on the slider for new grids."""
        last = len(self.training.grids())
        return [gr.Slider(maximum=max(2, last), visible=last > 1), self.show(number)]
