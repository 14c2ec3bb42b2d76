"""What of Lightning's remarks reaches the user's screen."""

import logging
import warnings


def quiet_lightning() -> None:
    """Keep Lightning's notices that call for nothing off the screen; its warnings stay."""
    logging.getLogger("lightning.pytorch.utilities.rank_zero").setLevel(logging.WARNING)
    # The averaged generator is in eval mode on purpose.
    warnings.filterwarnings("ignore", message=r"Found \d+ module\(s\) in eval mode")
    # Steps are counted over the whole run, so short epochs are logged like long ones.
    warnings.filterwarnings("ignore", message=r"The number of training batches \(\d+\) is smaller")
    # Lightning's own use of PyTorch.
    warnings.filterwarnings("ignore", message=r".*isinstance\(treespec, LeafSpec\)")
