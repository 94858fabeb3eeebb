"""Which notices are owed at one moment: a pure function of facts, of what was told, and of `now`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from sync.decisions import Returned
from sync.notices.facts import Facts, Memory, Reports, Watched
from sync.notices.model import KINDS, Kind, Notice, State
from sync.notices.stages import Stage, Stages, stages_of
from sync.schools import School
from sync.standing import owing

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, order=True)
class Upcoming:
    """The next stage of a period: when it begins, and to how many it goes if nothing comes in until then."""

    at: datetime
    kind: Kind
    period: str
    notices: int


def notices_due(facts: Facts, memory: Memory, now: datetime) -> list[Notice]:
    """The notices that are true at `now`, in the hours of work, and not told yet; the most pressing kinds first.

    Only the latest stage of a due date is told, to the schools that are missing or to be mended at `now`. A notice to
    nobody (a school without an address) is given too, so that somebody can call.
    """
    if not facts.days.is_open(now):
        return []
    found = [notice for watched in facts.periods for notice in _of_period(facts, memory, watched, now)]
    found += _digest(facts, memory, now)
    order = {kind: place for place, kind in enumerate(KINDS)}
    return sorted(found, key=lambda notice: order[notice.kind])


def upcoming(facts: Facts, now: datetime) -> list[Upcoming]:
    """The next stage of each period and kind of due date after `now`, soonest first."""
    counts: Counter[tuple[datetime, Kind, str]] = Counter()
    for watched in facts.periods:
        key = watched.period.key
        if watched.reports is not None:
            for stages, count in _SchoolsAt(watched, watched.reports, facts, now).owing_by_due():
                stage = stages.after(now)
                if stage and stage.begins < stages.ends:
                    counts[stage.begins, _kind(stage), key] += count
        office = _office_stages(facts, watched, now)
        stage = office.after(now) if office else None
        if office and stage and stage.begins < office.ends:
            counts[stage.begins, _office_kind(stage), key] += 1
    return [Upcoming(*what, count) for what, count in sorted(counts.items())]


def owing_schools(facts: Facts, watched: Watched, now: datetime) -> tuple[list[School], list[School]]:
    """The schools of a period that are missing at `now`, and those that have to mend what they sent."""
    import numpy as np

    if watched.reports is None:
        return [], []
    schools = watched.reports.schools
    missing, to_mend = _SchoolsAt(watched, watched.reports, facts, now).owing
    return [schools[at] for at in np.flatnonzero(missing)], [schools[at] for at in np.flatnonzero(to_mend)]


def _of_period(facts: Facts, memory: Memory, watched: Watched, now: datetime) -> Iterator[Notice]:
    yield from _office(facts, memory, watched, now)
    if watched.reports is not None:
        at = _SchoolsAt(watched, watched.reports, facts, now)
        for notice in (*at.reminders(memory), *at.returns(), *at.answers()):
            if notice.key not in memory.keys:
                yield notice


# The office's own duties: part V of the plan


def _office(facts: Facts, memory: Memory, watched: Watched, now: datetime) -> Iterator[Notice]:
    stages = _office_stages(facts, watched, now)
    stage = stages.at(now) if stages else None
    if stages is None or stage is None:
        return
    key = watched.period.key
    notice = Notice(_office_kind(stage), stage.name, "", key, now, stages.due, facts.officer, facts.chief)
    if notice.key not in memory.keys:
        yield notice


def _office_stages(facts: Facts, watched: Watched, now: datetime) -> Stages | None:
    """The stages of the office's own due date, None where it has none or has reported."""
    period = watched.period
    reported = period.office_reported_on is not None and period.office_reported_on <= now.date()
    if period.office_due is None or reported:
        return None
    reminders = period.reminders if watched.reports is None and watched.reminders_fit else ()
    return stages_of(period.office_due, facts.rhythm, facts.days, reminders)


def _office_kind(stage: Stage) -> Kind:
    return "office_due_soon" if stage.days < 0 else "office_overdue"


# The schools' reports


def _kind(stage: Stage) -> Kind:
    return "due_soon" if stage.days < 0 else "overdue"


@dataclass(frozen=True)
class _SchoolsAt:
    """The schools of one period at one moment."""

    watched: Watched
    reports: Reports
    facts: Facts
    now: datetime

    @cached_property
    def stages(self) -> Mapping[int, Stages]:
        """The stages of each due moment, by its seconds since 1970."""
        period, facts = self.watched.period, self.facts
        dues = [due for due in (period.schools_due, *period.extensions.values()) if due]
        usual = period.reminders if self.watched.reminders_fit else ()
        return {
            int(due.timestamp()): stages_of(due, facts.rhythm, facts.days, usual if due == period.schools_due else ())
            for due in dues
        }

    @cached_property
    def owing(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Which schools are missing, and which have to mend what they sent."""
        missing, to_mend = owing(self.reports.received_at, self.reports.accepted_at, _utc(self.now))
        return missing & ~self.reports.excused, to_mend & ~self.reports.excused

    def owing_by_due(self) -> Iterator[tuple[Stages, int]]:
        """The stages of each due moment with how many schools owe something by it."""
        import numpy as np

        missing, to_mend = self.owing
        dues, counts = np.unique(self.reports.due[missing | to_mend], return_counts=True)
        for seconds, count in zip(dues.tolist(), counts.tolist(), strict=True):
            yield self.stages[seconds], count

    def reminders(self, memory: Memory) -> Iterator[Notice]:
        """Stages, changed due dates and announcements, for the schools that still owe something."""
        import numpy as np

        missing, to_mend = self.owing
        at = {seconds: stages.at(self.now) for seconds, stages in self.stages.items()}
        key, told = self.watched.period.key, memory.told
        for place in np.flatnonzero(missing | to_mend).tolist():
            school, seconds = self.reports.schools[place], int(self.reports.due[place])
            stage, due = at[seconds], self.stages[seconds].due
            state: State = "missing" if missing[place] else "to_mend"
            sure = self.facts.up_to_date and school.code not in self.facts.unsure
            if stage is not None and sure and not self._was_given_back_since(place, stage):
                cc = self._copies(stage, school.head_emails)
                yield Notice(_kind(stage), stage.name, school.code, key, self.now, due, school.emails, cc, state)
            before = told.get((school.code, key))
            # A due date that is past already is told by its own stage.
            if before is not None and int(before.timestamp()) != seconds and self.now <= due:
                yield _changed(memory, self._plain("due_changed", school, due, state), before)
            if self.watched.on_demand and self.now <= due:
                yield self._plain("announced", school, due, state)

    def _was_given_back_since(self, place: int, stage: Stage) -> bool:
        """Whether the office gave the report back after `stage` began: its school was not reminded, and is told why."""
        returned: Returned | None = self.reports.returned[place]
        return returned is not None and stage.begins <= returned.decided_at

    def returns(self) -> Iterator[Notice]:
        """The newest reports that the office gives back, each time it does; long ago it is nobody's news any more."""
        reports, since = self.reports, self.now - timedelta(days=self.facts.rhythm.stop_after)
        for place, returned in enumerate(reports.returned.tolist()):
            if returned is not None and returned.decided_at >= since:
                school = reports.schools[place]
                due = self.watched.period.due_for(school.code)
                blank = self._plain("returned", school, due, "to_mend")
                yield replace(blank, stage=str(returned.id), receipt=reports.report[place])

    def answers(self) -> Iterator[Notice]:
        """What became of each school's newest receipt. One taken in long ago is nobody's news any more.

        What became of a report that the office gives back is said by that.
        """
        import numpy as np

        reports, moment, period = self.reports, _utc(self.now), self.watched.period
        since = moment - np.timedelta64(self.facts.rhythm.stop_after, "D")
        answered = (reports.taken_at <= moment) & (reports.taken_at >= since) & (reports.sha256 != reports.report)
        for place in np.flatnonzero(answered).tolist():
            school, sha256 = reports.schools[place], reports.sha256[place]
            state: Literal["accepted", "to_mend"] = "accepted" if reports.status[place] == "accepted" else "to_mend"
            due = period.due_for(school.code)
            yield Notice(
                state, sha256[:12], school.code, period.key, self.now, due, school.emails, state=state, receipt=sha256
            )

    def _plain(self, kind: Kind, school: School, due: datetime | None, state: State) -> Notice:
        return Notice(kind, "", school.code, self.watched.period.key, self.now, due, school.emails, state=state)

    def _copies(self, stage: Stage, head: tuple[str, ...]) -> tuple[str, ...]:
        facts = self.facts
        copied = head if stage.days >= facts.copy_head_after else ()
        return (*copied, *(facts.chief if stage.days >= facts.copy_chief_after else ()))


def _changed(memory: Memory, blank: Notice, told: datetime) -> Notice:
    """A due date other than the one told last is told now, even one that was told before that."""
    due = blank.due or told
    stage, again = f"{due:%Y%m%dT%H%M}", 0
    while True:
        name = f"{stage}.{again}" if again else stage
        notice = replace(blank, stage=name, told=told.astimezone(due.tzinfo))
        if notice.key not in memory.keys:
            return notice
        again += 1


# The digest


def _digest(facts: Facts, memory: Memory, now: datetime) -> Iterator[Notice]:
    """Once a working day where there is something to tell, and once a week in any case, as early in it as can be."""
    notice = Notice("digest", f"{now:%Y-%m-%d}", "", "", now, None, facts.officer)
    if notice.key in memory.keys or not facts.officer:
        return
    week = facts.days.opening(facts.days.on_or_after(now.date() - timedelta(days=now.weekday())))
    is_weekly = memory.last_digest is None or memory.last_digest < week <= now
    if is_weekly or _has_news(facts, memory, now):
        yield notice


def _has_news(facts: Facts, memory: Memory, now: datetime) -> bool:
    import numpy as np

    if facts.troubles or memory.letters_since or memory.last_digest is None:
        return True
    last, moment = _utc(memory.last_digest), _utc(now)
    for watched in facts.periods:
        reports = watched.reports
        if reports is None:
            continue
        if bool(np.any((reports.taken_at > last) & (reports.taken_at <= moment))):
            return True
        if any(stages.at(now) for stages, _count in _SchoolsAt(watched, reports, facts, now).owing_by_due()):
            return True
    return False


def _utc(moment: datetime) -> np.datetime64:
    import numpy as np

    return np.datetime64(int(moment.timestamp() * 1_000_000), "us")
