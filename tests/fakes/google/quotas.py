"""Requests that an account may make in a minute: https://developers.google.com/workspace/sheets/api/limits."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta

from tests.fakes.google.answers import too_many

_MINUTE = timedelta(minutes=1)


class Quotas:
    """Counts over the last 60 seconds, by the server's clock; Google counts by its own minutes, no stricter."""

    def __init__(self, limit: int | None, clock: Callable[[], datetime]) -> None:
        self.limit, self._clock = limit, clock
        self._made: defaultdict[tuple[str, str], deque[datetime]] = defaultdict(deque)

    def count(self, api: str, account: str, kind: str) -> None:
        """Counts a request of `kind`, Read or Write. Raises Refusal where it is one too many."""
        if self.limit is None or not kind:
            return
        made, now = self._made[account, kind], self._clock()
        while made and made[0] <= now - _MINUTE:
            made.popleft()
        if len(made) >= self.limit:
            raise too_many(api, kind)
        made.append(now)
