"""The exceptions whose message is meant for the user: commands print it, without a traceback."""

import signal


class UserError(Exception):
    """A mistake the user can mend: the message is one line - what, where, what to do."""

    status = 2  # what the command exits with


class Diverged(UserError):
    """Training broke down into NaN or infinity."""

    status = 1


class Stopped(BaseException):
    """A signal ended the command. Not an ``Exception``, as it is no failure to be handled."""

    def __init__(self, received: signal.Signals, message: str) -> None:
        super().__init__(message)
        self.status = 128 + received


class StoppedWhenDone(Stopped):
    """A signal came during the last work of a run, which is whole; what follows is not to begin.

    Args:
        received: the signal.
        value: what the command would have returned.
    """

    def __init__(self, received: signal.Signals, value: float | None) -> None:
        super().__init__(received, "")
        self.value = value


def to_install(extra: str) -> str:
    """Write how an extra is installed, which brings packages in the versions that fit."""
    return f'pip install "facade-gan[{extra}]"'
