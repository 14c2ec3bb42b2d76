"""The results as a table, as JSON and as a plot."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from facade_gan.atomic_files import replaced, write_text
from facade_gan.figures import FIGURE
from facade_gan.image_size import in_words


@dataclass
class Row:
    """One runner of one case."""

    recipe: str
    image_size: int | list[int]
    batch_size: int
    runner: str
    images_per_second: float
    ms_per_step: float
    ratio: float  # to the plain loop's images a second in the same case
    of_matmul: float  # the arithmetic rate, of the matmul rate measured at the same precision
    memory_mb: float


def timings_table(rows: list[Row]) -> str:
    """Write the rows as a Markdown table."""
    head = "recipe | size | batch | runner | images/s | ms/step | × plain | of matmul | memory"
    lines = [f"| {head} |", "|---|" + "--:|" * 2 + "---|" + "--:|" * 5]
    for r in rows:
        lines.append(
            f"| {r.recipe} | {in_words(r.image_size)} | {r.batch_size} | {r.runner} "
            f"| {r.images_per_second:,.1f} | {r.ms_per_step:,.1f} | {r.ratio:.2f} "
            f"| {r.of_matmul:.0%} | {r.memory_mb:,.0f} MB |"
        )
    return "\n".join(lines)


def gathering_table(microseconds: dict[int, float]) -> str:
    """Write the cost of serving an image by size of the set as a Markdown table."""
    lines = ["| samples of an epoch | µs an image |", "|--:|--:|"]
    lines += [f"| {samples:,} | {cost:.2f} |" for samples, cost in microseconds.items()]
    return "\n".join(lines)


def write_json(rows: list[Row], device: str, microseconds: dict[int, float], path: Path) -> None:
    """Write all that was measured."""
    content = {
        "device": device,
        "steps": [asdict(row) for row in rows],
        "microseconds_per_image_served": {str(n): cost for n, cost in microseconds.items()},
    }
    write_text(path, json.dumps(content, indent=2) + "\n")


def plot(rows: list[Row], device: str, path: Path) -> None:
    """Draw images per second, a panel a recipe and size: lines over batch sizes, bars for one."""
    from matplotlib.figure import Figure

    panels = list(dict.fromkeys((r.recipe, in_words(r.image_size)) for r in rows))
    figure = Figure(figsize=(5 * len(panels), 4), layout="constrained")
    for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        own = [r for r in rows if (r.recipe, in_words(r.image_size)) == panel]
        axes.set_title(f"{panel[0]}, {panel[1]} px")
        if len({r.batch_size for r in own}) == 1:
            bars = axes.barh([r.runner for r in own], [r.images_per_second for r in own])
            axes.bar_label(bars, [f"{r.images_per_second:,.0f}" for r in own], padding=3)
            axes.invert_yaxis()
            axes.margins(x=0.15)
            axes.set_xlabel(f"images/s, batch {own[0].batch_size}")
            continue
        for runner in dict.fromkeys(r.runner for r in own):
            line = [(r.batch_size, r.images_per_second) for r in own if r.runner == runner]
            axes.plot(*zip(*sorted(line), strict=True), marker="o", label=runner)
        axes.set(xlabel="batch size", ylabel="images/s")
        axes.set_xscale("log", base=2)
        axes.set_ylim(bottom=0)
        axes.legend()
    figure.suptitle(device, fontsize=8)
    with replaced(path) as partial:
        figure.savefig(partial, dpi=120, format="png", metadata=FIGURE)
