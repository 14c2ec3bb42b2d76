import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import run_command
from hydra.utils import instantiate
from omegaconf import DictConfig
from PIL import Image
from torch import nn
from torch.nn import functional as F

from facade_gan.benchmark import measure, report
from facade_gan.benchmark.__main__ import CHAPTER, PLAIN
from facade_gan.benchmark.chapter import PlainLoop
from facade_gan.benchmark.gathering import seconds_an_image
from facade_gan.benchmark.photos import noise_photos

CPU = torch.device("cpu")


def test_the_command_times_each_runner_and_writes_table_json_and_plot(tmp_path: Path) -> None:
    small = "['model.generator.channels=[8,8,8,8]','model.discriminator.channels=8','batch_size=4']"
    done = run_command(
        "-m", "facade_gan.benchmark", "recipes=[default]", "image_sizes=[32]", "photos=12",
        "set_sizes=[500]", "repeats=1", "seconds=0.05", "device=cpu", f"overrides={small}",
        f"hydra.run.dir={tmp_path}",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    written = json.loads((tmp_path / "benchmark.json").read_text())
    runners = [row["runner"] for row in written["steps"]]
    assert runners == [PLAIN, CHAPTER, "step alone", "through the Trainer"]
    for row in written["steps"]:
        assert row["batch_size"] == 4
        assert row["images_per_second"] * row["ms_per_step"] == pytest.approx(4000)
        assert row["runner"] in done.stdout
    assert written["steps"][0]["ratio"] == 1
    assert "torch" in written["device"]
    assert (tmp_path / "benchmark.png").stat().st_size > 0


def test_the_runners_take_turns_and_the_median_counts() -> None:
    calls = []

    def runner(name: str, seconds: list[float]):  # type: ignore[no-untyped-def]
        pace = iter([0.5, *seconds])  # the first call finds out how many steps a timing takes

        def run(steps: int) -> float:
            calls.append((name, steps))
            return next(pace) * steps

        return run

    runners = {"a": runner("a", [1.0, 9.0, 2.0]), "b": runner("b", [4.0, 3.0, 5.0])}
    times = measure.in_turns(runners, repeats=3, seconds=2, device=CPU, each=lambda: None)
    assert calls == [("a", 1), ("b", 1), *[("a", 4), ("b", 4)] * 3]
    assert (times["a"]["seconds"], times["b"]["seconds"]) == (2.0, 4.0)


def test_operations_are_counted_forward_and_backward() -> None:
    x, weight = torch.randn(2, 3, 8, 8), nn.Parameter(torch.randn(5, 3, 4, 4))
    count = measure.operations(lambda: F.conv2d(x, weight, stride=2, padding=1).sum().backward())
    forward = 2 * (2 * 5 * 4 * 4) * (3 * 4 * 4)
    assert count == 2 * forward  # x takes no gradient


def test_the_plain_loop_learns_to_tell_photos_from_fakes(
    composed: Callable[..., DictConfig],
) -> None:
    torch.manual_seed(0)
    recipe = instantiate(composed("experiment=book", "image_size=32").gan, _convert_="all")
    loop = PlainLoop(recipe, noise_photos(16, 32), batch_size=8, device=CPU)
    losses = [loop.step() for _ in range(4)]
    assert all(math.isfinite(value) for pair in losses for value in pair)
    assert losses[-1][0] < losses[0][0]


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="reads Linux's /proc")
def test_the_peak_of_memory_is_that_of_the_last_timing() -> None:
    code = (  # in a process of its own, which holds no freed memory of other tests
        "import torch; from facade_gan.benchmark import measure; cpu = torch.device('cpu')\n"
        "large = torch.ones(100_000_000); del large; measure.reset_peak(cpu)\n"
        "before = measure.peak(cpu); large = torch.ones(50_000_000)\n"
        "print(measure.peak(cpu) - before)"
    )
    done = run_command("-c", code)
    assert 150e6 < float(done.stdout) < 300e6, done.stderr


@pytest.mark.slow
def test_an_image_of_a_million_costs_what_one_of_a_few_thousand_does() -> None:
    few, many = (seconds_an_image(n, 64, CPU, repeats=5) for n in (5_000, 1_000_000))
    assert many < 2 * few


def test_the_plot_shows_one_size_as_bars_and_several_as_lines(tmp_path: Path) -> None:
    rows = [report.Row("book", 64, batch, runner, 10.0 * batch, 1.0, 1.0, 0.5, 900.0)
            for batch in (16, 32) for runner in ("a", "b")]  # fmt: skip
    report.plot(rows[:2], "cpu", tmp_path / "one.png")
    report.plot(rows, "cpu", tmp_path / "two.png")
    one, two = (
        np.asarray(Image.open(tmp_path / f"{n}.png").convert("RGB")) for n in ("one", "two")
    )
    blue = np.array([31, 119, 180])  # matplotlib's first colour
    share = [(np.abs(picture.astype(int) - blue).max(-1) < 3).mean() for picture in (one, two)]
    assert share[0] > 0.2 > 0.02 > share[1] > 0


def test_the_table_has_a_line_a_row() -> None:
    row = report.Row("book", 64, 128, "step alone", 100.0, 1280.0, 2.5, 0.8, 900.0)
    lines = report.timings_table([row, row]).splitlines()
    assert len(lines) == 4
    assert len({line.count("|") for line in lines}) == 1
    assert "2.50" in lines[-1] and "80%" in lines[-1]
