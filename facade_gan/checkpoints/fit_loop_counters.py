"""Where a run stands, told to Lightning so that it goes on from there and nowhere else.

Lightning saves its counters as they are in the middle of a hook, and guesses from them which hook
that was. Some guesses train a batch twice or skip one: at the end of an epoch with ``max_steps``
set, and after an epoch that ``max_steps`` cut short. So a checkpoint gets one of two places that
need no guess: the start of an epoch, or between two batches inside one.
"""

from typing import Any

COUNTERS = ("ready", "started", "processed", "completed")


def make_unambiguous(loops: dict[str, Any], epoch_is_whole: bool) -> None:
    """Change the saved counters of the fit loop to one of the two places.

    Args:
        loops: ``checkpoint["loops"]["fit_loop"]``, saved after a batch was trained.
        epoch_is_whole: whether that batch was its epoch's last.
    """
    epochs, batches = loops["epoch_progress"], loops["epoch_loop.batch_progress"]
    begun = epochs["total"]["ready"]
    _set(epochs["total"], begun)
    _set(epochs["current"], epochs["current"]["ready"])
    _set(batches["total"], batches["total"]["ready"])
    _set(batches["current"], 0 if epoch_is_whole else batches["current"]["ready"])
    batches["is_last_batch"] = False
    loops["epoch_loop.state_dict"]["_batches_that_stepped"] = batches["total"]["ready"]
    if not epoch_is_whole:
        for counters in (epochs["total"], epochs["current"]):
            counters["processed"] = counters["completed"] = counters["ready"] - 1


def start_epoch_anew(loops: dict[str, Any]) -> int:
    """Take a place inside an epoch back to that epoch's start; steps that were taken still count.

    Args:
        loops: ``checkpoint["loops"]["fit_loop"]``, at one of the two places.

    Returns:
        How many whole epochs were trained.
    """
    epochs = loops["epoch_progress"]
    for counters in (epochs["total"], epochs["current"]):
        _set(counters, counters["completed"])
    _set(loops["epoch_loop.batch_progress"]["current"], 0)
    loops["state_dict"].pop("combined_loader", None)  # the loaders' places inside the epoch
    return epochs["total"]["completed"]


def _set(counters: dict[str, int], value: int) -> None:
    counters.update(dict.fromkeys(COUNTERS, value))
