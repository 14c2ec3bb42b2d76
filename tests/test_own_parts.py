"""What docs/extending.md shows is all there is to do: a file and a yaml for each part of one's own.

The examples are read out of the page and written into a copy of the project.
"""

import json
import re
import shlex
import shutil
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
from conftest import REPOSITORY, run_command

PAGE = REPOSITORY / "docs" / "extending.md"
SHORT = ("image_size=32", "batch_size=4", "trainer.max_epochs=2", "trainer.accelerator=cpu",
         "trainer.log_every_n_steps=4", "model.generator.channels=8")  # fmt: skip
OWN = ("model=mine", "loss=steep", "augment=instance_noise", "data=array",
       "data.path=photos.npz", "experiment=mine", "callbacks.far_ahead.loss_below=1e9",
       "metrics=offline", "features@callbacks.metrics.extractor=thumbnail",
       "callbacks.metrics.fakes=8", "callbacks.metrics.cache_dir=cache")  # fmt: skip


def examples() -> dict[str, str]:
    """The page's blocks of code by the file that the first line of each names."""
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?:python|yaml)\n# (\S+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return dict(blocks)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with every example of the page in it, and photos of noise."""
    copy = tmp_path_factory.mktemp("project")
    for name in ("facade_gan", "conf"):
        shutil.copytree(REPOSITORY / name, copy / name)
    shutil.copy(REPOSITORY / "train.py", copy)
    for name, code in examples().items():
        assert not (copy / name).exists(), f"{name} is there already: nothing may be edited"
        (copy / name).write_text(code, encoding="utf-8")
    noise = np.random.default_rng(0).integers(0, 256, (16, 32, 32, 3), dtype=np.uint8)
    np.savez(copy / "photos.npz", images=noise)
    return copy


def run(project: Path, *arguments: str) -> CompletedProcess[str]:
    done = run_command(*arguments, cwd=project)
    assert done.returncode == 0, done.stderr
    return done


def test_the_page_has_a_file_and_a_yaml_for_each_part() -> None:
    files = examples()
    groups = {Path(name).parts[1] for name in files if name.startswith("conf/")}
    assert groups == {"model", "loss", "augment", "data", "experiment", "features"}
    assert len([name for name in files if name.endswith(".py")]) == len(groups)


def test_own_parts_train_resume_generate_and_evaluate(project: Path) -> None:
    run(project, "train.py", *SHORT, *OWN, "hydra.run.dir=run")
    first = json.loads((project / "run/summary.json").read_text())
    assert (first["epochs"], first["photos"]) == (2, 16)
    assert first["metrics"]["epochs_far_ahead"] == 2
    assert first["metrics"]["kid"] > 0

    run(project, "train.py", "ckpt_path=run", "trainer.max_epochs=3")
    second = json.loads((project / "run/summary.json").read_text())
    assert (second["epochs"], second["steps"]) == (3, 3 * first["steps"] // 2)
    assert second["metrics"]["epochs_far_ahead"] == 3, "the callback did not go on"

    run(project, "-m", "facade_gan.generate", "checkpoint=run", "count=4", "out=new.npz")
    assert np.load(project / "new.npz")["images"].shape == (4, 32, 32, 3)

    run(project, "-m", "facade_gan.evaluate", "checkpoint=run", "data=array",
        "data.path=photos.npz", "features=thumbnail", "draws=2", "fakes=8",
        "cache_dir=cache")  # fmt: skip
    scores = json.loads((project / "run/evaluation.json").read_text())["scores"]
    assert {score["features"] for score in scores} == {"thumbnail-4"}


def test_networks_elsewhere_work_once_their_module_is_named(project: Path) -> None:
    own = (project / "facade_gan/networks/mine.py").read_text().replace("class My", "class Their")
    (project / "my_networks.py").write_text(own)
    theirs = (
        "model=mine",
        "model.generator._target_=my_networks.TheirGenerator",
        "model.discriminator._target_=my_networks.TheirDiscriminator",
        "data.count=16",
        "data.cache_dir=cache",
        "hydra.run.dir=elsewhere",
    )
    refused = run_command("train.py", *SHORT, *theirs, cwd=project)
    assert refused.returncode == 2
    assert only_error(refused) == (
        "error: model.generator: my_networks.TheirGenerator is not in facade_gan.networks, so its "
        "checkpoints could not be used; move it there, or set network_modules=[my_networks], here "
        "and in later commands"
    )

    named = "network_modules=[my_networks]"
    trained = run(project, "train.py", *SHORT, *theirs, named)
    (line,) = re.findall(r"new facades: +(python .*)", trained.stdout + trained.stderr)
    program, *arguments = shlex.split(line)
    assert program == "python"
    assert named in arguments
    run(project, *arguments)
    assert (project / "facades.png").is_file()

    unnamed = run_command(*(a for a in arguments if a != named), cwd=project)
    assert unnamed.returncode == 2
    error = only_error(unnamed)
    assert f"{named} loads that module" in error
    assert "MyGenerator" in error and "BatchNorm2d" not in error  # what it lists are networks


WRONG = {
    "model.generator": (
        "class Wrong(MyGenerator):\n"
        "    def __init__(self, image_size: int, latent_dim: int, channels: int) -> None:\n"
        "        super().__init__(image_size, latent_dim, channels)\n"
        "        del self.arguments\n",
        "error: model.generator: wrong_generator.Wrong lacks `arguments`, "
        "see facade_gan/networks/base.py",
    ),
    "loss": (
        "class Wrong:\n    pass\n",
        "error: loss: wrong_loss.Wrong is no Loss of facade_gan/losses.py: derive it from that "
        "class, see docs/extending.md",
    ),
}


@pytest.mark.parametrize("part", WRONG)
def test_a_part_that_breaks_its_contract_is_refused_before_the_first_step(
    project: Path, part: str
) -> None:
    code, words = WRONG[part]
    module = f"wrong_{part.rsplit('.', 1)[-1]}"
    (project / f"{module}.py").write_text(
        f"from facade_gan.networks.mine import MyGenerator\n\n\n{code}"
    )
    done = run_command(
        "train.py", *SHORT, "model=mine", f"{part}._target_={module}.Wrong", "data.count=16",
        "data.cache_dir=cache", f"hydra.run.dir={module}", cwd=project,
    )  # fmt: skip
    assert done.returncode == 2
    assert only_error(done) == words
    assert not (project / module / "checkpoints").exists()


def only_error(done: CompletedProcess[str]) -> str:
    """The one line that says what is wrong."""
    assert "Traceback" not in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    return line
