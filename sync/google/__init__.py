"""Google Sheets and Drive over HTTP: signing in, limits, retries, errors in the officer's words. Nothing of schools.

`connect` gives a client; `sync.google.drive` and `sync.google.sheets` have what can be asked through it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from sync.google import access
from sync.google.access import PASS_SCOPES, SETUP_SCOPES
from sync.google.problems import GoogleError, OutcomeUnknown, Stopped

if TYPE_CHECKING:
    from sync.google.http import Client

__all__ = ["PASS_SCOPES", "SETUP_SCOPES", "GoogleError", "OutcomeUnknown", "Settings", "Stopped", "connect"]


class Settings(access.Keys, Protocol):
    """What is needed of [google]."""

    @property
    def reads_per_minute(self) -> int:
        """Of Sheets; Google allows 60 for one account."""

    @property
    def writes_per_minute(self) -> int:
        """Of Sheets; Google allows 60 for one account."""

    @property
    def timeout_seconds(self) -> float:
        """How long to wait for a connection, and for the next bytes of an answer."""

    @property
    def give_up_seconds(self) -> int:
        """How long one request is tried again and again."""


def connect(
    settings: Settings,
    wait: Callable[[float], bool],
    *,
    scopes: Sequence[str] = PASS_SCOPES,
    clock: Callable[[], float] = time.monotonic,
    jitter: Callable[[], float] = random.random,
) -> Client:
    """A client of Google's for one thread, to be closed (`with`). Nothing is asked of Google yet.

    `wait` waits for so many seconds and returns whether to stop instead, as threading.Event.wait does. `clock` is in
    seconds and need not be the time of day; `jitter` gives seconds that are added to each pause before another try.
    Raises GoogleError where there are no credentials that could be used.
    """
    from sync.google.http import Client

    return Client(settings, access.make(settings, scopes), wait, clock, jitter)
