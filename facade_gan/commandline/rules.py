"""What is right for a setting beyond its type: bounds and choices, by the setting's name."""

import fnmatch
import math
import re
from collections.abc import Callable
from typing import Any

from facade_gan.commandline.config import UNKNOWN, nodes
from facade_gan.errors import UserError


def is_number(value: Any) -> bool:
    """Whether ``value`` is an int or a finite float."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def is_whole(value: Any) -> bool:
    """Whether ``value`` is an int."""
    return isinstance(value, int) and not isinstance(value, bool)


def at_least(least: float) -> Callable[[Any], bool]:
    """Make a test for numbers from ``least`` on."""
    return lambda value: is_number(value) and value >= least


def each(test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Make a test for a value, or for each of a list."""
    return lambda value: all(map(test, value if isinstance(value, list) else [value]))


def is_names(value: Any) -> bool:
    """Whether ``value`` is a list of texts."""
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def has_gpu(accelerator: Any) -> bool:
    """Whether ``accelerator`` is not a GPU, or there is one."""
    if accelerator not in ("gpu", "cuda", "mps"):
        return True
    import torch

    return torch.accelerator.is_available()


def is_text(value: Any) -> bool:
    """Whether ``value`` is a text, as a path or a name is."""
    return isinstance(value, str)


# Settings that nothing but a path or a name can be, and that may be null.
TEXTS = ("init_from", "ckpt_path", "checkpoint", "images", "latents", "directions", "run", "out")

Rule = tuple[str, Callable[[Any], bool], str]

RULES: list[Rule] = [
    *((name, is_text, "must be text") for name in TEXTS),
    ("seed", lambda v: isinstance(v, int) and 0 <= v < 2**32, "must be a whole number from 0 on"),
    ("batch_size", at_least(1), "must be 1 or more"),
    ("network_modules", is_names, "must be a list of names of modules: [mine]"),
    ("ema_decay", lambda v: is_number(v) and 0 <= v < 1, "must be from 0 to below 1"),
    ("*lr", at_least(0), "must be 0 or more"),
    ("*.lr_decay_from", lambda v: is_number(v) and 0 <= v <= 1, "must be from 0 to 1"),
    ("*.betas", each(lambda v: is_number(v) and 0 <= v < 1), "must be from 0 to below 1"),
    ("*.channels", each(at_least(1)), "must be 1 or more"),
    ("*.latent_dim", at_least(1), "must be 1 or more"),
    ("*.spectral", lambda v: is_number(v) and v > 0, "must be more than 0, or null for none"),
    ("*.deviation_group", at_least(1), "must be 1 or more, or null for none"),
    ("loss.gamma", at_least(0), "must be 0 or more"),
    ("loss.share", lambda v: is_number(v) and 0 < v <= 1, "must be above 0, to 1"),
    ("gan.fixed_noises", at_least(1), "must be 1 or more"),
    ("*.steps_per_call", at_least(1), "must be 1 or more"),
    ("*.every_n_epochs", at_least(1), "must be 1 or more"),
    ("*.seconds_between", at_least(0), "must be 0 or more"),
    ("*.every_n_minutes", lambda v: is_number(v) and v > 0, "must be more than 0"),
    ("*.rollbacks", at_least(0), "must be 0 or more"),
    ("*.panels", at_least(2), "must be 2 or more"),
    ("*.pictures", at_least(2), "must be 2 or more"),
    ("*.largest", at_least(16), "must be 16 or more"),
    ("*seconds", lambda v: is_number(v) and 0 < v <= 600, "must be above 0, at most 600"),
    ("fps", lambda v: is_whole(v) and 1 <= v <= 50, "must be a whole number from 1 to 50"),
    ("enlarge", lambda v: is_whole(v) and 1 <= v <= 32, "must be a whole number from 1 to 32"),
    ("*fakes", at_least(2), "must be 2 or more"),
    ("count", is_whole, "must be a whole number"),
    ("count", at_least(1), "must be 1 or more"),
    ("best_of", at_least(1), "must be 1 or more"),
    ("draws", at_least(1), "must be 1 or more"),
    ("chunk_megabytes", at_least(1), "must be 1 or more"),
    ("variety", lambda v: is_number(v) and v > 0, "must be a number above 0"),
    ("direction.*", is_number, "must be a number"),
    ("own", at_least(1), "must be 1 or more"),
    ("candidates", at_least(1), "must be 1 or more"),
    ("starts", at_least(1), "must be 1 or more"),
    ("steps", at_least(1), "must be 1 or more"),
    ("rate", lambda v: is_number(v) and v > 0, "must be a number above 0"),
    ("reach", lambda v: is_number(v) and v > 0, "must be a number above 0"),
    ("resampling", lambda v: v in ("nearest", "lanczos"), "must be nearest or lanczos"),
    ("method", lambda v: v in ("sefa", "pca"), "must be sefa or pca"),
    ("split", lambda v: v in ("held_out", "train"), "must be held_out or train"),
    (
        "device",
        lambda v: v in ("auto", "cpu", "cuda", "mps"),
        "must be auto, cpu, cuda or mps",
    ),
    ("data.count", at_least(1), "must be 1 or more"),
    ("data.mix", at_least(1), "must be 1 or more"),
    ("data.readers", at_least(1), "must be 1 or more"),
    ("data.reference", at_least(2), "must be 2 or more"),
    ("data.limit", at_least(1), "must be 1 or more, or null"),
    ("data.holdout", at_least(0), "must be 0 or more"),
    ("data.memory_share", lambda v: is_number(v) and 0 <= v <= 1, "must be from 0 to 1"),
    ("trainer.max_epochs", lambda v: v == -1 or at_least(1)(v), "must be 1 or more; -1: no bound"),
    ("trainer.max_steps", lambda v: v == -1 or at_least(1)(v), "must be 1 or more; -1: no bound"),
    (
        "*.precision",
        lambda v: v in ("32-true", "bf16-mixed", "16-mixed"),
        "must be 32-true, bf16-mixed or 16-mixed: weights and their average stay in float32",
    ),
    (
        "trainer.limit_train_batches",
        lambda v: type(v) is float and v == 1,
        "an epoch is one pass over the photos: set data.limit, or trainer.max_steps",
    ),
    (
        "trainer.overfit_batches",
        lambda v: v == 0,
        "an epoch is one pass over the photos: set data.limit",
    ),
    (
        "trainer.accumulate_grad_batches",
        lambda v: v == 1,
        "each batch is a step of both networks: set batch_size",
    ),
    (
        "trainer.gradient_clip_*",
        lambda v: False,
        "gradients are not clipped here: lower the optimizer's rates, or take loss=r1",
    ),
    ("trainer.log_every_n_steps", at_least(1), "must be 1 or more"),
    ("trainer.num_nodes", at_least(1), "must be 1 or more"),
    (
        "trainer.devices",
        lambda v: v in ("auto", -1) or (isinstance(v, list) and v != []) or at_least(1)(v),
        "must be auto, a number from 1 on, or a list of numbers",
    ),
    (
        "trainer.accelerator",
        lambda v: v in ("auto", "cpu", "gpu", "cuda", "mps"),
        "must be auto, cpu or gpu",
    ),
    ("trainer.accelerator", has_gpu, "there is no GPU that PyTorch can use; set auto or cpu"),
]


def check_rules(values: Any) -> None:
    """Apply the rules to all of a config's values; one of null is the types' concern.

    Raises:
        UserError: for the first value that is impossible.
    """
    for prefix, node in nodes("", values):
        for name, value in node.items():
            if value is not None and value != UNKNOWN:
                check_rule(f"{prefix}{name}", value)


def check_rule(key: str, value: Any) -> None:
    """Apply the rules for ``key``."""
    for pattern, test, words in RULES:
        if fnmatch.fnmatchcase(key, pattern) and not test(value):
            raise UserError(f"{key}={shown(value)}: {words}")


def strange(value: Any) -> bool:
    """Whether ``value`` is a text that Hydra would take for something else without quotes."""
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z][\w./+-]*", value) is None


def written(value: Any) -> str:
    """Write a value as on the command line."""
    if isinstance(value, list):
        return f"[{','.join(repr(v) if strange(v) else written(v) for v in value)}]"
    plain = {None: "null", True: "true", False: "false"}
    return plain[value] if value is None or isinstance(value, bool) else str(value)


def shown(value: Any) -> str:
    """Write a value as on the command line, not too long."""
    text = written(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
