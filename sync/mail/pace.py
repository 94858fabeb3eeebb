"""How fast letters leave: not more than so many in any minute."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence

MINUTE = 60.0
"""Seconds."""


def seconds_to_wait(sent: Sequence[float], now: float, per_minute: int) -> float:
    """How long to wait before the next letter, in seconds.

    `sent` are the moments of earlier letters in ascending order, `now` this moment, all in seconds on one clock. Never
    more than a minute, whatever the clock did.
    """
    if len(sent) < per_minute:
        return 0.0
    return min(max(sent[-per_minute] + MINUTE - now, 0.0), MINUTE)


class Pace:
    """Lets letters go one after the other.

    `wait` waits for so many seconds and returns whether to stop instead, as threading.Event.wait does. `clock` is in
    seconds and need not be the time of day. `sent` are moments of earlier letters on that clock.
    """

    def __init__(
        self,
        per_minute: int,
        wait: Callable[[float], object],
        clock: Callable[[], float] = time.monotonic,
        sent: Iterable[float] = (),
    ) -> None:
        self._per_minute = per_minute
        self._wait = wait
        self._clock = clock
        self._sent = deque(sorted(sent), maxlen=per_minute)

    def turn(self) -> bool:
        """Waits until the next letter may go and counts it; False where the waiting was broken off, and none may."""
        pause = seconds_to_wait(self._sent, self._clock(), self._per_minute)
        if pause > 0 and self._wait(pause):
            return False
        self._sent.append(self._clock())
        return True
