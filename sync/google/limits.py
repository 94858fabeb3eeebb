"""How fast requests go out: not more than so many in any minute."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

MINUTE = 60.0
"""Seconds."""


class Bucket:
    """A bucket of `per_minute` tokens. A request takes one, which comes back a minute later.

    Google counts requests by the minute (developers.google.com/workspace/sheets/api/limits), and does not say when its
    minutes begin. A bucket that fills up steadily would let out nearly twice as many in the minute after a rest; this
    one keeps the limit in every minute, however it is laid, and a small pass still goes without a pause.
    """

    def __init__(self, per_minute: int, wait: Callable[[float], bool], clock: Callable[[], float]) -> None:
        self._per_minute = per_minute
        self._wait = wait
        self._clock = clock
        self._taken: deque[float] = deque(maxlen=per_minute)

    def take(self) -> bool:
        """Waits for a token and takes it; False where the waiting was broken off, and none was taken."""
        pause = self.seconds_to_wait()
        if pause > 0 and self._wait(pause):
            return False
        self._taken.append(self._clock())
        return True

    def seconds_to_wait(self) -> float:
        """How long until there is a token; never more than a minute, whatever the clock did."""
        if len(self._taken) < self._per_minute:
            return 0.0
        return min(max(self._taken[0] + MINUTE - self._clock(), 0.0), MINUTE)
