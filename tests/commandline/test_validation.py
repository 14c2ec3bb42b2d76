"""Settings: each that can't be right is one line with its name, before any work."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import REPOSITORY, run_command
from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException, InstantiationException
from hydra.utils import instantiate
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from omegaconf import DictConfig, OmegaConf, open_dict, read_write

from facade_gan.commandline.config import argument, nodes, register_resolvers
from facade_gan.commandline.mistakes import explain, must_be_settings
from facade_gan.commandline.validation import as_hinted, check, did_you_mean, fits
from facade_gan.errors import UserError

CONF = REPOSITORY / "conf"


def composed(*overrides: str) -> DictConfig:
    """Compose train.yaml as the command does, with Hydra's own part set."""
    register_resolvers()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        cfg = compose("train", overrides=list(overrides), return_hydra_config=True)
    with read_write(cfg), open_dict(cfg):
        cfg.hydra.runtime.output_dir = "/tmp/run"
        HydraConfig.instance().set_config(cfg)
        del cfg["hydra"]
    return cfg


def mistake(*overrides: str) -> str:
    """Return the line that a user reads."""
    try:
        check(composed(*overrides))
    except (UserError, HydraException) as error:
        explained = explain(error, "train")
        assert explained is not None
        assert "\n" not in str(explained)
        return str(explained)
    return ""


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("batch_size=0", "batch_size=0: must be 1 or more"),
        ("model.discriminator.spectral=0", "model.discriminator.spectral=0: must be more than 0"),
        (
            "model.discriminator.deviation_group=0",
            "model.discriminator.deviation_group=0: must be 1 or more, or null for none",
        ),
        ("batch_size=abc", "batch_size=abc: must be a whole number"),
        ("batch_size=null", "batch_size=null: must be a whole number"),
        ("optimizer.lr=-1", "optimizer.lr=-1: must be 0 or more"),
        ("optimizer.lr=.nan", "optimizer.lr=.nan: must be a number"),
        ("optimizer.betas=[0.5]", "optimizer.betas=[0.5]: must be a list of 2 values"),
        ("ema_decay=1", "ema_decay=1: must be from 0 to below 1"),
        ("seed=-1", "seed=-1: must be a whole number from 0 on"),
        ("data.mirror=3", "data.mirror=3: must be true or false"),
        ("on_nan=stopp", "on_nan=stopp: must be stop or rollback"),
        ("trainer.precision=bf17", "trainer.precision=bf17: must be"),
        ("trainer.precision=bf16-true", "trainer.precision=bf16-true: must be 32-true"),
        ("trainer.accelerator=tpuu", "trainer.accelerator=tpuu: must be auto, cpu or gpu"),
        ("trainer.max_epochs=0", "trainer.max_epochs=0: must be 1 or more"),
        ("callbacks.grid.every_n_epochs=0", "callbacks.grid.every_n_epochs=0: must be 1 or more"),
        ("data=folder", "data.root is missing: set data.root=..."),
        ("trainer.max_epoch=3", "trainer.max_epoch: no such setting; did you mean trainer.max_"),
        ("+trainer.max_epoch=3", "trainer.max_epoch: no such setting; did you mean trainer.max_"),
        ("lr=1e-3", "lr: no such setting; did you mean optimizer.lr?"),
        ("resume=true", "resume: no such setting; did you mean ckpt_path?"),
        ("max_epochs=3", "max_epochs: no such setting; did you mean trainer.max_epochs?"),
        ("loss=hingee", "loss=hingee: no such choice; did you mean hinge?"),
        ("data=mine/", "data=mine: no such choice; photos of your own are data=folder"),
        ("experiment=bok", "experiment=bok: no such choice; did you mean book?"),
        ("image_size=[", "image_size=[: not to be read as key=value"),
        ("trainer.loger=false", "trainer.loger: no such setting; did you mean logger?"),
        (
            "data.root=/x",
            "data.root: no such setting as it stands; it comes with data=cmp or data=folder or "
            "data=shards",
        ),
        (
            "callbacks.metrics.fakes=16",
            "callbacks.metrics.fakes: no such setting as it stands; it comes with "
            "metrics=inception or metrics=long or metrics=offline",
        ),
        (
            "optimizer.lr=0,0002",
            "optimizer.lr=0,0002: several values need -m or a decimal point (optimizer.lr=0.0002); "
            "as text it is written \"optimizer.lr='0,0002'\"",
        ),
        (
            "data.root=/x/my photos (2024)",
            "data.root=/x/my photos (2024): not to be read as key=value; as text it is written "
            "\"data.root='/x/my photos (2024)'\"",
        ),
        (
            "data.root=照片",
            "data.root=照片: not to be read as key=value; as text it is written "
            "\"data.root='照片'\"",
        ),
        ("name=${nothing}", "Interpolation key 'nothing' not found"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_with_the_nearest_name(override: str, line: str) -> None:
    assert mistake(override).startswith(line)


def test_a_setting_that_a_config_inherits_is_named_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "loss").mkdir()
    own = "defaults: [r1]\n_target_: facade_gan.losses.Relativistic\n"
    (tmp_path / "loss" / "mine.yaml").write_text(own)
    said = mistake(f"hydra.searchpath=[file://{tmp_path}]", "loss=mine")
    assert said.startswith("loss.adversarial: no such setting of facade_gan.losses.Relativistic, ")
    assert said.endswith("set in conf/loss/r1.yaml")


def test_a_setting_that_a_network_of_another_class_lacks_is_named_with_its_file() -> None:
    said = mistake("model.generator._target_=facade_gan.ema.EMA")
    assert said.startswith("model.generator.image_size: no such setting of facade_gan.ema.EMA, ")
    assert said.endswith("set in conf/model/lightweight.yaml")


@pytest.mark.parametrize(
    "overrides",
    [(), ("metrics=offline",), ("data=cmp",), ("trainer=ddp",)]
    + [(f"experiment={path.stem}",) for path in (CONF / "experiment").glob("*.yaml")]
    + [(f"image_size={size}", "model=dcgan") for size in (32, 64, 128, 256)]
    + [(f"compute={path.stem}",) for path in (CONF / "compute").glob("*.yaml")],
    ids=str,
)
def test_what_the_project_ships_is_right(overrides: tuple[str, ...]) -> None:
    assert mistake(*overrides) == ""


@pytest.fixture(scope="module")
def base() -> DictConfig:
    return composed()


SIMPLE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.floats(),
    st.text(st.characters(exclude_characters="$\x00", exclude_categories=["Cs"]), max_size=8),
)
VALUES = st.one_of(SIMPLE, st.lists(SIMPLE, max_size=4))


# A failure is one setting and one value, so making it smaller is not worth the minutes it takes.
@settings(max_examples=100, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(data=st.data())
def test_any_value_anywhere_is_taken_or_named(base: DictConfig, data: st.DataObject) -> None:
    """Configurations with one value by chance: each passes, or ends in a line that names it."""
    cfg = deepcopy(base)
    plain = OmegaConf.to_container(base, resolve=False)
    leaves = [
        f"{prefix}{key}"
        for prefix, node in nodes("", plain)
        for key, value in node.items()
        if not isinstance(value, dict) and not key.startswith("_")
    ]
    key, value = data.draw(st.sampled_from(leaves)), data.draw(VALUES)
    OmegaConf.update(cfg, key, value)
    try:
        check(cfg)
    except UserError as error:
        assert "\n" not in str(error).replace(str(value), "")
        # The widths by size are told by the name of the network that takes them.
        assert key.split(".")[-1] in str(error) or key.startswith("model.finest.")


@settings(max_examples=300, deadline=None)
@given(
    value=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
    | st.sampled_from(["FALSE", "null", "1e3", "1/2", "/1", "inf", "a/b.ckpt"])
)
def test_an_argument_is_read_back_by_hydra_as_it_was(value: str) -> None:
    from hydra.core.override_parser.overrides_parser import OverridesParser

    (override,) = OverridesParser.create().parse_overrides([argument("key", value)])
    assert override.value() == value


@pytest.mark.parametrize(
    ("value", "hint", "right"),
    [
        (1, int, True), (True, int, False), (1.0, int, False), ("1", int, False),
        (1, float, True), (float("inf"), float, False), (None, int | None, True),
        ([1, 2], list[int], True), ([1, "a"], list[int], False), (3, list[int], False),
        ([0.5, 0.9], tuple[float, float], True), ([0.5], tuple[float, float], False),
        ({"a": 1}, Callable[..., Any], True), ("x", Path, True), (0, bool, False),
    ],
)  # fmt: skip
def test_values_are_compared_with_type_hints(value: Any, hint: Any, right: bool) -> None:
    assert fits(value, hint) is right


@pytest.mark.parametrize("betas", ["[0,0.99]", "[0.5,0]", "[0,0]"])
def test_whole_numbers_do_where_floats_are_asked_for(betas: str) -> None:
    cfg = composed(f"optimizer.betas={betas}")
    check(cfg)
    parameters = [torch.nn.Parameter(torch.ones(1))]
    for role in ("generator", "discriminator"):
        optimizer = instantiate(cfg.gan, _convert_="all").make_optimizers[role == "generator"](
            parameters
        )
        used = optimizer.defaults["betas"]
        assert list(used) == json.loads(betas)
        assert all(type(beta) is float for beta in used)


@pytest.mark.parametrize(
    ("value", "hint", "expected"),
    [
        (1, float, "1.0"), (1, int, "1"), (1, int | float | None, "1"), (1, float | None, "1.0"),
        ([0, 0.5], tuple[float, float], "[0.0, 0.5]"), ([0, 1], list[float], "[0.0, 1.0]"),
        ([0], tuple[float | torch.Tensor], "[0.0]"), (True, bool | float, "True"),
        ([1, 2], list[int] | int, "[1, 2]"), ("1", str, "'1'"),
    ],
)  # fmt: skip
def test_values_get_the_type_that_is_asked_for(value: Any, hint: Any, expected: str) -> None:
    assert repr(as_hinted(value, hint)) == expected


def test_a_name_near_nothing_gets_no_hint() -> None:
    assert did_you_mean("xyzzy", ["alpha", "beta"]) == ""
    assert did_you_mean("alhpa", ["alpha", "beta"], "a.") == "; did you mean a.alpha?"


def test_a_missing_package_is_one_line_with_what_to_install() -> None:
    missing = ModuleNotFoundError("Requirement 'wandb' not met; pip install wandb")
    wrapped = InstantiationException("while building")
    wrapped.__cause__ = missing
    assert str(explain(wrapped, "train")) == f"a package is missing: {missing}"
    assert explain(ModuleNotFoundError("gone", name="facade_gan.gone"), "train") is None


def test_a_folder_that_can_not_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run_command("train.py", f"hydra.run.dir={tmp_path}/file/run")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: {tmp_path}/file/run can't be used: not a directory")


TOO_EARLY = """
import sys
from importlib import import_module
command, *sys.argv[1:] = sys.argv[1:]
try:
    import_module(f"facade_gan.{command}").main()
finally:
    assert "torch" not in sys.modules and "lightning" not in sys.modules
"""


@pytest.mark.parametrize(
    ("command", "setting", "line"),
    [
        ("train", "optimizer.lr=-1", "optimizer.lr=-1: must be 0 or more"),
        ("train", "data=folder", "data.root is missing: set data.root=..."),
        ("train", "data.mirror=yes", "data.mirror=yes: must be true or false"),
        ("train", "on_nan=stopp", "on_nan=stopp: must be stop or rollback"),
        ("train", "init_from=5", "init_from=5: must be text"),
        ("train", "init_from=drawm", "drawm: no such checkpoint"),
        ("train", "ckpt_path=run/epoch9.ckpt", "ckpt_path=run/epoch9.ckpt: no such checkpoint"),
        ("train", "ckpt_path=last", "ckpt_path=last: of which run? Say hydra.run.dir=RUN"),
        ("photos", "data.root=/no/photos", "data.root=/no/photos: there is no such folder"),
        ("train", "image_size=60", "image_size=60: the networks double a map"),
        ("train", "model.generator._target_=mine.G", "model.generator._target_=mine.G: there is"),
        ("generate", "count=many", "count=many: must be a whole number"),
        ("generate", "out=5", "out=5: must be text"),
        ("generate", "device=gpu0", "device=gpu0: must be auto, cpu, cuda or mps"),
        ("evaluate", "data=folder", "data.root is missing: set data.root=..."),
        ("evaluate", "fakes=1", "fakes=1: must be 2 or more"),
        ("evaluate", "neighbours=yes", "neighbours=yes: must be true or false"),
        ("export", "checkpoint=drawn", "out is missing: set out=..."),
        ("directions", "method=pcb", "method=pcb: must be sefa or pca"),
        ("directions", "reach=far", "reach=far: must be a number"),
        ("shard", "out=5", "out=5: must be text"),
        ("photos", "data.root=5", "data.root=5: must be text"),
        ("results", "page=[1]", "page=[1]: must be text"),
    ],
)
def test_what_is_wrong_is_said_before_torch_loads(
    tmp_path: Path, command: str, setting: str, line: str
) -> None:
    done = run_command("-c", TOO_EARLY, command, setting, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert done.stderr.splitlines()[-1].startswith(f"error: {line}")


@pytest.mark.parametrize("option", [["--max_epochs", "5"], ["--max-epochs=5"]])
def test_an_option_with_dashes_is_answered_with_the_setting(option: list[str]) -> None:
    with pytest.raises(UserError, match=r"without dashes: trainer\.max_epochs=5$"):
        must_be_settings(option, "train")
