"""Ctrl-C and SIGTERM end a command in one line, whatever they meet it at."""

import logging
import os
import signal
import sys
import threading
from _thread import interrupt_main
from types import FrameType
from typing import Any

from facade_gan.errors import Stopped

SIGNALS = (signal.SIGINT, signal.SIGTERM)
SOON, LATER = 0.05, 0.5  # seconds
raised: list[Stopped] = []
"""By signals. An error after one comes from it: modules fail over others that are half loaded."""


def take_signals() -> None:
    """Make Ctrl-C and SIGTERM raise ``Stopped``, here and not in workers.

    It can get lost: Python passes nothing on from where it frees objects, and what PyTorch and
    NumPy load from C swallows what is raised meanwhile. Then it is raised once more.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        received = signal.Signals(number)
        raised.append(Stopped(received, f"Stopped by {received.name}."))
        if loads_module(frame):
            once_more(received, LATER)
        raise raised[-1]

    def lost(unraisable: Any) -> None:
        if isinstance(unraisable.exc_value, Stopped):
            once_more(signal.Signals(unraisable.exc_value.status - 128), SOON)
        else:
            sys.__unraisablehook__(unraisable)

    if threading.current_thread() is threading.main_thread():
        raised.clear()
        for each in SIGNALS:
            signal.signal(each, stop)
        sys.unraisablehook = lost
        if hasattr(os, "register_at_fork"):  # Windows starts its workers anew
            os.register_at_fork(after_in_child=leave_signals)


def loads_module(frame: FrameType | None) -> bool:
    """Say whether ``frame`` runs because a module is imported."""
    while frame is not None and not frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return frame is not None


def once_more(received: signal.Signals, seconds: float) -> None:
    """Send a signal to the main thread in some seconds, unless the command has ended by then."""

    def send() -> None:
        thread = threading.main_thread().ident
        if signal.getsignal(received) is signal.SIG_DFL:
            return
        if hasattr(signal, "pthread_kill") and thread is not None:  # which ends a sleep, too
            signal.pthread_kill(thread, received)
        else:
            interrupt_main(received)

    timer = threading.Timer(seconds, send)
    timer.daemon = True
    timer.start()


def leave_signals() -> None:
    """Let a signal end the process at once, as it does where nobody takes it."""
    for each in SIGNALS:
        signal.signal(each, signal.SIG_DFL)


def end_quietly() -> None:
    """Have nothing follow the last line: a second Ctrl-C, or what PyTorch says as it exits."""
    if threading.current_thread() is threading.main_thread():
        leave_signals()
    logging.getLogger("torch").setLevel(logging.WARNING)  # not set yet where it was still loading
