"""What an extra of the project brings, looked for before it is needed."""

from importlib.util import find_spec

from omegaconf import DictConfig

from facade_gan.commandline.config import chosen
from facade_gan.errors import UserError, to_install

LOGGERS = {"WandbLogger": ("wandb", ["wandb"]), "MLFlowLogger": ("mlflow", ["mlflow"])}
DATABASE = ["sqlalchemy", "alembic"]  # of MLflow, unless a server keeps the runs
PLUGINS = {
    "hydra/launcher/joblib": "sweep",
    "hydra/sweeper/optuna": "sweep",
    "hydra/launcher/submitit_slurm": "slurm",
    "hydra/launcher/submitit_local": "slurm",
    "hydra/launcher/ray": "ray",
}


def must_have_loggers(cfg: DictConfig) -> None:
    """Look for the packages of the loggers, before PyTorch loads.

    Raises:
        UserError: for the first that is missing.
    """
    for name, logger in chosen(cfg, "logger").items():
        extra, packages = LOGGERS.get(str(logger._target_).rsplit(".", 1)[-1], ("", []))
        if str(logger.get("tracking_uri")).startswith("sqlite:"):
            packages = packages + DATABASE
        for package in packages:
            if find_spec(package) is None:
                raise UserError(f"logger={name}: {package} is missing: {to_install(extra)}")
