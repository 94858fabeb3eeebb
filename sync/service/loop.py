"""The loop: runs each job when it is due, and lives on whatever becomes of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from sync import __version__, heartbeat, i18n, logs, troubles
from sync.errors import Busy
from sync.heartbeat import Done, Heartbeat
from sync.office import OpenOffice, open_office
from sync.service.jobs import JOBS, Job, ping
from sync.service.stopping import Stop, Stopped
from sync.service.ticking import Clock, Ticker

TICK_SECONDS = 20
"""How often it is looked whether a job is due; a heartbeat is as often."""


def run(
    folder: Path,
    as_of: datetime | None = None,
    *,
    stop: Stop,
    jobs: Mapping[str, Job] = JOBS,
    clock: Clock | None = None,
) -> None:
    """Works in the workspace `folder` until `stop` is set: every job at once, then as often as [service] says.

    `as_of` is the moment that every job takes for now, None for the clock. Raises WorkspaceBusy where another service
    works here already, and what is wrong when it starts: WorkspaceError, ConfigError, LogError. What goes wrong later
    is logged, kept in `sync.troubles`, and tried again.
    """
    office = open_office(folder, as_of)
    with office.workspace.lock("service"), logs.open_log(office.workspace, office.settings):
        _Loop(office, as_of, stop, jobs, clock or Clock()).run()


@dataclass
class _Loop:
    """A running service; `office` is as it was when the service began."""

    office: OpenOffice
    as_of: datetime | None
    stop: Stop
    jobs: Mapping[str, Job]
    clock: Clock
    last: dict[str, Done] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.started = self._now()
        self.beaten = float("-inf")
        self.ticker = Ticker(self.clock)

    def run(self) -> None:
        logs.event("service_started", version=__version__, pid=os.getpid())
        for name in self.jobs:
            self.ticker.every(_minutes(self.office, name)).do(self._work, name).tag(name)
        self._beat()
        self.ticker.run_all()
        while not self.stop.is_set():
            self._beat()
            self.clock.wait(self.stop, TICK_SECONDS)
            self.ticker.run_pending()
        self._quietly(partial(heartbeat.stop, self.office.workspace.state))
        logs.event("service_stopped", pid=os.getpid())

    def _work(self, name: str) -> None:
        """One run of a job. Whatever it raises ends here."""
        if self.stop.is_set():
            return
        begun = self.clock.steady()
        try:
            # What fails is told in the officer's digest, and letters are Vietnamese.
            with i18n.using("vi"):
                problems = self._do(name)
        except Stopped:
            logs.event("job_left", job=name)
        except Busy:
            # Somebody runs the same by hand; the next turn is soon enough.
            logs.event("job_busy", job=name)
        except Exception as error:
            logs.failure("job_failed", error, job=name, seconds=self.clock.steady() - begun)
            self._note(name, [_told(error)])
        else:
            logs.event("job_done", job=name, seconds=self.clock.steady() - begun, problems=len(problems))
            self._note(name, problems)

    def _do(self, name: str) -> Sequence[str]:
        office = open_office(self.office.workspace.path, self.as_of)
        self.ticker.set_pace(name, _minutes(office, name))
        problems = self.jobs[name](office, self.stop, self._step)
        if (
            name == "pass"
            and not problems
            and self._letters_leave
            and office.settings.service.ping_url.get_secret_value()
        ):
            ping(office.settings.service.ping_url)
        return problems

    @property
    def _letters_leave(self) -> bool:
        """A service whose letters do not leave is not well, and its digest cannot say so."""
        last = self.last.get("remind")
        return last is None or last.ok

    def _note(self, name: str, problems: Sequence[str]) -> None:
        """Remembers how a job ended, for the digest and whoever watches."""
        now = self._now()
        self.last[name] = Done(now, not problems)
        self._quietly(partial(troubles.clear, self.office.workspace, name))
        for problem in problems:
            self._quietly(partial(troubles.note, self.office.workspace, name, now, problem))
        self._beat()

    def _step(self) -> None:
        """Between two steps of a job."""
        if self.stop.is_set():
            raise Stopped
        if self.clock.steady() - self.beaten >= TICK_SECONDS:
            self._beat()

    def _beat(self) -> None:
        self.beaten = self.clock.steady()
        beat = Heartbeat(
            self._now(), os.getpid(), self.started, __version__, self.last.get("pass"), self.last.get("remind")
        )
        self._quietly(partial(heartbeat.write, self.office.workspace.state, beat))

    def _quietly(self, write: Callable[[], None]) -> None:
        """A full disk must not end the service, which goes on when there is room again."""
        try:
            write()
        except OSError as error:
            logs.failure("note_failed", error)

    def _now(self) -> datetime:
        return self.clock.now().astimezone(self.office.zone)


def _minutes(office: OpenOffice, name: str) -> int:
    return int(getattr(office.settings.service, f"{name}_minutes"))


def _told(error: Exception) -> str:
    with i18n.using("vi"):
        return troubles.message_of(error)
