"""What the commands share: a user's mistake ends in one line, not in a traceback."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from hydra.errors import InstantiationException

from facade_gan.errors import UserError


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Print a UserError on stderr and exit with status 2; every other error passes."""
    try:
        yield
    except UserError as error:
        _end(error)
    except InstantiationException as error:  # what Hydra makes of an error while it builds objects
        if not isinstance(error.__cause__, UserError):
            raise
        _end(error.__cause__)


def _end(error: UserError) -> None:
    print(f"error: {error}", file=sys.stderr)
    sys.exit(2)
