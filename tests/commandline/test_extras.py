"""What is said where an extra of the project is not installed."""

from pathlib import Path

import pytest
from conftest import run_command


@pytest.mark.parametrize(
    ("package", "argument", "said"),
    [
        ("wandb", "logger=wandb", 'wandb is missing: pip install "facade-gan[wandb]"'),
        ("mlflow", "logger=[csv,mlflow]", 'mlflow is missing: pip install "facade-gan[mlflow]"'),
        ("hydra_plugins", "hparams_search=optuna", '"facade-gan[sweep]"'),
        ("hydra_plugins", "hydra/launcher=cluster", '"facade-gan[ray]"'),
    ],
)  # fmt: skip
def test_a_missing_package_is_named_with_the_extra_that_brings_it(
    package: str, argument: str, said: str, tmp_path: Path
) -> None:
    code = f"import sys; sys.modules['{package}'] = None; from facade_gan.train import main; main()"
    done = run_command("-c", code, argument, cwd=tmp_path)
    assert done.returncode == 2 and done.stderr.endswith(f"{said}\n"), done.stderr
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("error: ")
