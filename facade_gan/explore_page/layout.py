"""The page itself: Gradio's components, and what is done when one is touched."""

import time
from pathlib import Path
from typing import Any

import gradio as gr

from facade_gan.explore_page import markup
from facade_gan.explore_page.downloads import FILM
from facade_gan.explore_page.enlarge import factor
from facade_gan.explore_page.facades import Facades
from facade_gan.explore_page.settings import NO_MIXING, SEEDS, SLIDERS, Settings, Wall
from facade_gan.explore_page.training import Training
from facade_gan.explore_page.training_tab import TrainingTab
from facade_gan.image_size import sides

HERE = Path(__file__).parent
HEAD = f"<script>{(HERE / 'page.js').read_text(encoding='utf-8')}</script>"
CSS = (HERE / "page.css").read_text(encoding="utf-8")
WALL_SCRIPT = (HERE / "wall.js").read_text(encoding="utf-8")
# The browser's clock takes the place of the last input, and comes back with the picture.
STAMP = "(...inputs) => [...inputs.slice(0, -1), performance.now()]"
METHODS = {
    "file": "from the file",
    "sefa": "of the first layer (SeFa)",
    "pca": "of the first maps (PCA)",
}
ORDERS = [
    ("by seed", "seed"),
    ("D's favourites first", "best"),
    ("the half that D likes more", "half"),
]
# An event whose answer comes at once goes around the queue, and of those that wait the last counts.
AT_ONCE: dict[str, Any] = {
    "queue": False,
    "show_progress": "hidden",
    "trigger_mode": "always_last",
    "api_visibility": "private",
}
SEED: dict[str, Any] = {"precision": 0, "minimum": 0, "maximum": SEEDS, "min_width": 80}
SLOWER: dict[str, Any] = {**AT_ONCE, "show_progress": "minimal"}


class Page:
    """Lays the page out.

    Args:
        facades: generates what is shown.
        training: the run to watch, or None.
        checkpoint: its name, for the heading and the metadata of PNGs.
        count: facades on the wall at a time.
    """

    def __init__(
        self, facades: Facades, training: Training | None, checkpoint: str, count: int
    ) -> None:
        self.facades, self.checkpoint, self.count = facades, checkpoint, count
        with gr.Blocks(title=f"facade_gan: {checkpoint}", analytics_enabled=False) as self.blocks:
            gr.HTML(f"<h1>Facades of {markup.escape(checkpoint)}</h1>", elem_id="heading")
            self.notice = gr.Markdown(visible=False, elem_id="notice")
            with gr.Row():
                with gr.Column(scale=6, min_width=300), gr.Tabs():
                    with gr.Tab("Wall") as wall_tab:
                        self._lay_out_wall()
                    with gr.Tab("Directions") as self.directions_tab:
                        self._lay_out_directions()
                    self.other_tabs = [wall_tab]
                    if training is not None:
                        self.other_tabs.append(TrainingTab(training).tab)
                with gr.Column(scale=4, min_width=300, elem_id="side"):
                    self._lay_out_picture()
            self._connect()

    def _lay_out_wall(self) -> None:
        with gr.Row():
            self.pick = gr.Radio(["A", "B"], value="A", label="A click picks", min_width=120)
            self.order = gr.Dropdown(ORDERS, value="seed", label="Order", min_width=170)
            self.first = gr.Number(0, label="From seed", **SEED)
        self.wall = gr.HTML(js_on_load=WALL_SCRIPT, min_height=300)
        with gr.Row():
            self.earlier = gr.Button("Earlier", size="sm")
            self.later = gr.Button("More", size="sm", variant="primary")

    def _lay_out_directions(self) -> None:
        limits = self.facades.limits
        methods = [(METHODS[name], name) for name in limits.methods]
        if not methods:
            gr.HTML(markup.note(self.facades.why_no_directions))
        self.method = gr.Radio(
            methods,
            value=methods[0][1] if methods else None,
            label="Directions in which facades change most",
            visible=bool(methods),
        )
        self.steps, self.strips = [], []
        for row in range(1, SLIDERS + 1, 2):
            with gr.Row():
                for i in (row, row + 1):
                    with gr.Column(min_width=240, elem_classes="direction"):
                        self.strips.append(gr.HTML())
                        self.steps.append(
                            gr.Slider(
                                -limits.reach,
                                limits.reach,
                                0,
                                step=0.1,
                                label=f"Direction {i}",
                                visible=bool(methods),
                            )
                        )

    def _lay_out_picture(self) -> None:
        limits = self.facades.limits
        self.picture = gr.HTML(min_height=200)
        self.ends = gr.HTML(min_height=80)
        self.share = gr.Slider(0, 1, 0, step=0.01, label="From A to B")
        with gr.Row():
            self.a = gr.Number(0, label="Seed of A", **SEED)
            self.b = gr.Number(1, label="Seed of B", **SEED)
        sizes = [(size, name) for name, size in self.facades.map_sizes().items()]
        if not sizes:
            gr.HTML(markup.note("No mixing: this generator doesn't name its stages."))
        self.mix = gr.Radio(
            [("no", NO_MIXING), *sizes],
            value=NO_MIXING,
            label="A in the manner of B, from the maps of so many pixels on",
            visible=bool(sizes),
        )
        least, most = limits.variety
        self.variety = gr.Slider(
            least, most, 1, step=0.05, label="Variety: 1 as trained, less is more alike"
        )
        times = factor(*sides(self.facades.generator.image_size))
        gr.HTML(
            '<p class="saves">Save: <a data-route="facade.png">picture</a>'
            f'<a data-route="print.png">for print, enlarged {times} times</a>'
            '<a data-route="wall.png">wall</a>'
            f'<a data-route="{FILM}">film from A to B and back</a></p>'
        )
        self.sent = gr.Number(0, visible="hidden")
        self.directions_shown = gr.State(False)

    @property
    def controls(self) -> list[Any]:
        """The components that a picture is made by, in the order of ``Settings``."""
        return [self.a, self.b, self.share, self.mix, self.variety, self.method, *self.steps]

    def _connect(self) -> None:
        controls = self.controls
        show: Any = (self.show, [*controls, self.sent], self.picture)
        show_ends: Any = (self.show_ends, controls, self.ends)
        strips = [*self.strips, *self.steps]
        show_strips: Any = (self.show_strips, [self.directions_shown, *controls], strips)
        wall = [self.first, self.order]
        show_wall: Any = (self.show_wall, [*wall, self.variety], self.wall)

        # The button that sets a slider back is a release alone, and no input.
        released = [each.release for each in (self.share, self.variety, *self.steps)]
        gr.on([*(each.input for each in controls), *released], *show, js=STAMP, **AT_ONCE)
        chosen = [each.input for each in (self.a, self.b, self.mix, self.method)]
        gr.on([*released, *chosen], *show_strips, **AT_ONCE)
        self.directions_tab.select(lambda: True, None, self.directions_shown, **AT_ONCE).then(
            *show_strips, **SLOWER
        )
        selected = [tab.select for tab in self.other_tabs]
        gr.on(selected, lambda: False, None, self.directions_shown, **AT_ONCE)
        gr.on([self.a.input, self.b.input, self.variety.release], *show_ends, **AT_ONCE)
        gr.on([self.first.input, self.order.input, self.variety.release], *show_wall, **SLOWER)
        picks = [self.pick, self.a, self.b]
        self.wall.select(self.picked, picks, picks, **AT_ONCE).then(*show, **AT_ONCE).then(
            *show_ends, **AT_ONCE
        )
        for button, step in ((self.earlier, -1), (self.later, 1)):
            button.click(self.turn(step), wall, self.first, **AT_ONCE).then(*show_wall, **SLOWER)
        self.blocks.load(self.restore, None, [self.notice, *controls, *wall], **AT_ONCE).then(
            *show, **AT_ONCE
        ).then(*show_ends, **AT_ONCE).then(*show_wall, **SLOWER)

    def restore(self, request: gr.Request) -> list[Any]:
        """Set the components as the page's address says."""
        settings, wall, complaints = self.facades.limits.read(dict(request.query_params))
        notice = gr.Markdown("  \n".join(complaints), visible=bool(complaints))
        one = [settings.a, settings.b, settings.share, settings.mix, settings.variety]
        method = settings.method if self.facades.limits.methods else None
        return [notice, *one, method, *settings.steps, wall.first, wall.order]

    def settings(
        self,
        a: float,
        b: float,
        share: float,
        mix: str,
        variety: float,
        method: str | None,
        *steps: float,
    ) -> Settings:
        """Make settings of the components' values."""
        method = method or Settings.method
        there = self.facades.limits.methods.get(method, 0)
        known = tuple(step if i < there else 0.0 for i, step in enumerate(steps))
        return Settings(int(a or 0), int(b or 0), share, mix, variety, method, known)

    def show(self, *values: Any) -> str:
        """Generate the picture; the last of ``values`` is the browser's clock."""
        begin = time.perf_counter()
        settings = self.settings(*values[:-1])
        facade = self.facades.picture(settings)
        ms = 1000 * (time.perf_counter() - begin)
        return markup.picture(facade, settings, self.checkpoint, values[-1] or 0, ms)

    def show_ends(self, *values: Any) -> str:
        """Generate the two facades that the slider lies between."""
        return markup.ends(*self.facades.ends(self.settings(*values)))

    def show_strips(self, wanted: bool, *values: Any) -> Any:
        """Generate the strips over the directions' sliders, where they are looked at."""
        if not wanted:
            return gr.skip()
        settings = self.settings(*values)
        there = min(SLIDERS, self.facades.limits.methods.get(settings.method, 0))
        strips = [markup.strip(self.facades.strip(settings, i)) for i in range(1, there + 1)]
        sliders = [gr.Slider(visible=i < there) for i in range(SLIDERS)]
        return [*strips, *[""] * (SLIDERS - there), *sliders]

    def show_wall(self, first: float, order: str, variety: float) -> str:
        """Generate the wall."""
        shown = Wall(int(first or 0), order)
        facades = self.facades.wall(shown, variety, self.count)
        return markup.wall(facades, shown, variety, self.checkpoint)

    def turn(self, step: int) -> Any:
        """Make a function that goes on or back by one wall."""
        return lambda first, order: Wall(int(first or 0), order).turned(step, self.count).first

    def picked(
        self, pick: str, a: float | None, b: float | None, event: gr.EventData
    ) -> tuple[str, int, int]:
        """Make the facade that was clicked on the wall A or B, and the next click the other.

        A box that was emptied holds None, and counts as 0, as in ``settings``.
        """
        seed = int(event.seed)
        return ("B", seed, int(b or 0)) if pick == "A" else ("A", int(a or 0), seed)
