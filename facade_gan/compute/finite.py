"""Whether a module's weights and statistics are finite numbers, asked with few launches."""

from itertools import chain

from torch import Tensor, nn
from torch.nn.utils import get_total_norm


def numbers(module: nn.Module) -> dict[str, Tensor]:
    """All floating-point weights and statistics of ``module``, by name."""
    # Not state_dict(): that measures batch norms of the average, which takes seconds.
    everything = chain(module.named_parameters(), module.named_buffers())
    return {name: t.detach() for name, t in everything if t.is_floating_point()}


def size(module: nn.Module) -> Tensor:
    """Take the Euclidean norm of all numbers, a scalar on the device: finite only if they are."""
    return get_total_norm(numbers(module).values())


def non_finite(module: nn.Module) -> str | None:
    """Name a tensor of ``module`` with a value that is no finite number.

    One wait for the device, unless there is such a value.
    """
    if size(module).isfinite():
        return None
    # Squares of finite numbers above 1e19 are not finite: so each is looked at, and none may be.
    return next((name for name, t in numbers(module).items() if not t.isfinite().all()), None)
