"""The ticker: the library `schedule`, on clocks that are handed in.

schedule compares local wall clock times, so a clock that is set back by an hour stops its jobs for an hour. Here a job
is due as soon as either clock says so: the steady one, which is never set but may stand still while the machine sleeps,
or the wall clock, which goes on then.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import cast

import schedule

from sync.service.stopping import Stop


class Clock:
    """Time as the service sees it. Tests have one that only goes on when it is waited for."""

    def now(self) -> datetime:
        """The moment, aware."""
        return datetime.now(UTC)

    def steady(self) -> float:
        """Seconds since some moment; never set forward or back."""
        return time.monotonic()

    def wait(self, stop: Stop, seconds: float) -> None:
        """Waits so long, or until `stop` is set."""
        stop.wait(seconds)


class Ticker(schedule.Scheduler):
    """schedule's scheduler, whose jobs keep to `clock`."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def every(self, interval: int = 1) -> schedule.Job:
        """A new job every `interval` minutes from when it last ended."""
        job = _Job(interval, self)
        job.unit = "minutes"
        return job

    def set_pace(self, name: str, minutes: int) -> None:
        """From its next end on, the job that is tagged `name` runs every so many minutes."""
        for job in self.get_jobs(name):
            job.interval = minutes


class _Job(schedule.Job):
    """A job that is due when `interval` minutes have gone by on either clock."""

    def _schedule_next_run(self) -> None:
        # The library calls this when the job is made and when it ends. Its own next_run only puts jobs in order.
        super()._schedule_next_run()
        clock = cast("Ticker", self.scheduler).clock
        self._since = clock.now(), clock.steady()

    @property
    def should_run(self) -> bool:
        clock = cast("Ticker", self.scheduler).clock
        now, steady = self._since
        gone = max((clock.now() - now).total_seconds(), clock.steady() - steady)
        return gone >= self.interval * 60
