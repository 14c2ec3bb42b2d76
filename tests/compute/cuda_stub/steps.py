"""Records the step of recipes and replays it: steps.py "OVERRIDE OVERRIDE..." ..."""

from recipe import autocast, black_photos, built, report
from stub import Recorded
from torch import Tensor

from facade_gan.compute.cuda_graph import GraphedStep
from facade_gan.compute.execution import Step


def recorded(step: Step, photos: Tensor, times: int) -> Recorded:
    """Run ``step`` some times, each with the copy of its result that training makes."""
    with Recorded() as seen:
        for _ in range(times):
            step(photos).clone()
    return seen


def look(case: str) -> dict[str, object]:
    """Run the steps before a recording, the recording and a replay, at two sizes of the batch."""
    cfg, _, step = built([*case.split(), "batch_size=4"])
    photos = black_photos(cfg)
    with autocast(cfg):
        before = recorded(step, photos, GraphedStep.WARM_UP)
        recording = recorded(step, photos, 1)
        replay = recorded(step, photos, 1)
        other_size = recorded(step, photos[:2], GraphedStep.WARM_UP + 1)
        again = recorded(step, photos, 1)
    graphs = [seen.count()["cudaGraphLaunch"] for seen in (recording, replay, other_size, again)]
    return {
        "graph launches": graphs,
        "forbidden": recording.forbidden() + other_size.forbidden(),
        "before": before.count(),
        "replay": replay.count(),
    }


if __name__ == "__main__":
    report(look)
