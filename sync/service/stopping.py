"""How the service is asked to end: between two steps, in order."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SLICE = 0.5
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]


class Stopped(BaseException):
    """A step was left because the service was asked to end. No failure, so nothing that looks for failures sees it."""


class Stop:
    """Whether the service was asked to end; the waiting and the jobs look at it.

    It is no threading.Event: a signal that comes while its lock is held stops the process for ever, and on Windows
    Ctrl-C does not end its waiting.
    """

    def __init__(self) -> None:
        self._asked = False

    def set(self) -> None:
        """Asks the service to end."""
        self._asked = True

    def is_set(self) -> bool:
        """Whether it was asked."""
        return self._asked

    def wait(self, seconds: float) -> bool:
        """Waits so long, or until it is asked; says whether it was."""
        until = time.monotonic() + seconds
        while not self._asked and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE))
        return self._asked


@contextmanager
def asked_by_signals() -> Iterator[Stop]:
    """A Stop that SIGTERM and Ctrl-C (SIGBREAK on Windows) set; a second Ctrl-C is KeyboardInterrupt.

    Only for the main thread.
    """
    stop = Stop()

    def ask(number: int, _frame: FrameType | None) -> None:
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, ask) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
