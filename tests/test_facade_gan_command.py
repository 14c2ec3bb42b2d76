"""``facade-gan``, the one command of an installation, here as ``python -m facade_gan``."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY, run_command

from facade_gan.__main__ import commands, summary


def test_alone_it_lists_all_commands_and_loads_none() -> None:
    code = (
        "import runpy, sys\n"
        "sys.argv = ['facade-gan']\n"
        "runpy.run_module('facade_gan', run_name='__main__')\n"
        "assert not {'torch', 'hydra', 'numpy'} & set(sys.modules)\n"
    )
    done = run_command("-c", code)
    assert done.returncode == 0, done.stderr
    for name in ("train", "generate", "evaluate", "export", "results", "shard", "benchmark"):
        (line,) = [line for line in done.stdout.splitlines() if line.startswith(f"  {name} ")]
        assert len(line) < 100 and line.endswith(".")
    assert run_command("-m", "facade_gan", "--help").stdout == done.stdout


def test_every_command_has_its_config_and_a_sentence() -> None:
    for name, path in commands().items():
        assert (REPOSITORY / "conf" / f"{name}.yaml").is_file()
        assert summary(path).endswith(".") and "`" not in summary(path)


@pytest.mark.parametrize(
    ("typed", "said"),
    [("generat", "no such command; did you mean generate?"), ("xyz", "there are benchmark, ")],
)
def test_a_wrong_command_is_one_line(typed: str, said: str) -> None:
    done = run_command("-m", "facade_gan", typed)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {typed}: ") and said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_command_takes_its_settings_and_writes_below_the_current_folder(tmp_path: Path) -> None:
    done = run_command(
        *("-m", "facade_gan", "train", "image_size=32", "batch_size=4", "data.count=8"),
        *("model.generator.channels=[8,8,8,8]", "model.discriminator.channels=8"),
        *("trainer.max_epochs=1", "trainer.accelerator=cpu"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["outputs"]
    (run,) = (tmp_path / "outputs" / "train").iterdir()
    assert (run / "checkpoints" / "last.ckpt").is_file() and (run / "train.log").is_file()
    assert f"facade-gan generate checkpoint={run.relative_to(tmp_path)}/checkpoints" in done.stdout


def test_modules_of_the_current_folder_are_found(tmp_path: Path) -> None:
    (tmp_path / "my_networks.py").write_text("")
    code = (
        "import sys\n"
        "sys.path.remove('')  # an installed command has no current folder there\n"
        "from facade_gan.__main__ import main\n"
        "sys.argv[1:] = ['generate', 'count=1', 'out=a.png', 'network_modules=[my_networks]']\n"
        "main()\n"
    )
    done = run_command("-c", code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.png").is_file()


@pytest.mark.parametrize(
    "command", [["-m", "facade_gan"], ["-m", "facade_gan", "generate", "--help"]], ids=str
)
def test_nothing_is_said_where_the_reader_of_the_output_has_gone(command: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, *command], cwd=REPOSITORY, stdout=writer, stderr=subprocess.PIPE
    )
    os.close(writer)
    assert (done.stderr, done.returncode) == (b"", 128 + 13)


def test_a_command_calls_itself_by_its_name_however_it_is_started() -> None:
    for started in (["train.py"], ["-m", "facade_gan.train"], ["-m", "facade_gan", "train"]):
        assert run_command(*started, "--help").stdout.startswith("train is ")


WHEN_TORCH_LOADS = """
import os, runpy, sys
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "torch":
            print("spins:", os.environ.get("GOMP_SPINCOUNT"))
            os._exit(0)
sys.meta_path.insert(0, Watch())
sys.argv = sys.argv[1:]
sys.path.insert(0, os.getcwd())
if sys.argv[0] == "train.py":
    runpy.run_path("train.py", run_name="__main__")
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize(
    ("command", "set_by_the_user", "spins"),
    [
        (["train.py"], {}, "30000"),
        (["facade_gan.generate"], {}, "30000"),  # as all commands do, by importing the package
        (["facade_gan", "photos", "data.root=."], {}, "30000"),
        (["facade_gan.generate"], {"GOMP_SPINCOUNT": "17"}, "17"),
        (["facade_gan.generate"], {"OMP_WAIT_POLICY": "active"}, "None"),
    ],
)
def test_waiting_threads_leave_the_cores_to_others_unless_the_user_set_it(
    command: list[str],
    set_by_the_user: dict[str, str],
    spins: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    for name in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in set_by_the_user.items():
        monkeypatch.setenv(name, value)
    run = ["hydra.run.dir=" + str(tmp_path)] if command == ["train.py"] else []
    done = run_command("-c", "import sys; sys.stdout.reconfigure(line_buffering=True)\n"
                       + WHEN_TORCH_LOADS, *command, *run)  # fmt: skip
    assert f"spins: {spins}" in done.stdout.splitlines(), done.stderr
