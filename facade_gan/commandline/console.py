"""What is said, in whole lines on the screen; of Lightning's remarks, those that count."""

import logging
import sys
import warnings

from tqdm import tqdm


class Screen(logging.StreamHandler):
    """Prints what is logged, above progress bars; warnings and errors are marked as such.

    Raises:
        BrokenPipeError: where nobody reads what is printed any more, as ``print`` does.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Print one record."""
        mark = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
        tqdm.write(mark + self.format(record), file=self.stream)
        self.flush()


def say_loading(what: str) -> None:
    """Give the first sign of life; commands load PyTorch only after it, as that takes seconds."""
    print(f"Loading PyTorch and {what} ...", file=sys.stderr, flush=True)


def quiet_lightning() -> None:
    """Keep Lightning's notices that call for nothing off the screen; its warnings stay."""
    logging.getLogger("lightning.pytorch.utilities.rank_zero").setLevel(logging.WARNING)
    logging.getLogger("lightning.pytorch.loggers.mlflow").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message="MLFlow only allows")  # D(x), which becomes Dx there
    # The averaged generator is in eval mode on purpose.
    warnings.filterwarnings("ignore", message=r"Found \d+ module\(s\) in eval mode")
    # Steps are counted over the whole run, so short epochs are logged like long ones.
    warnings.filterwarnings("ignore", message=r"The number of training batches \(\d+\) is smaller")
    # Lightning's own use of PyTorch.
    warnings.filterwarnings("ignore", message=r".*isinstance\(treespec, LeafSpec\)")
