"""What is reported and until when. Due moments are aware datetimes in the office's time zone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sync.plan import CalendarEntry, Due, Plan

END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Period:
    """A reporting period; a due moment is the last moment that is on time, None where nobody of that kind reports."""

    key: str
    title: str
    starts_on: date
    ends_on: date
    schools_due: datetime | None = None
    office_due: datetime | None = None
    dispatch: str = ""
    """Number and date of the dispatch that asks for a report on demand."""


@dataclass(frozen=True)
class Periods:
    """All periods that an office knows, by key, in order of their last day."""

    periods: tuple[Period, ...] = ()
    by_key: dict[str, Period] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.periods, key=lambda period: (period.ends_on, period.key)))
        object.__setattr__(self, "periods", ordered)
        object.__setattr__(self, "by_key", {period.key: period for period in ordered})

    def __iter__(self) -> Iterator[Period]:
        return iter(self.periods)

    def __len__(self) -> int:
        return len(self.periods)

    def of_schools(self) -> list[Period]:
        """The periods in which schools report."""
        return [period for period in self.periods if period.schools_due is not None]

    def current(self, now: datetime) -> Period | None:
        """The schools' period that `now` is about: the last one that has ended, else the first that will."""
        reported = self.of_schools()
        ended = [
            period for period in reported if period.schools_due and period.ends_on <= _day(now, period.schools_due)
        ]
        return ended[-1] if ended else (reported[0] if reported else None)


def _day(now: datetime, due: datetime) -> date:
    """The day that `now` lies in where `due` does."""
    return now.astimezone(due.tzinfo).date()


def due_moment(day: date, zone: ZoneInfo) -> datetime:
    """The end of `day`."""
    return datetime.combine(day, END_OF_DAY, zone)


def proposed(plan: Plan, zone: ZoneInfo) -> Periods:
    """The periods of the plan's reporting calendar (part V of the plan), with the due moments it sets."""
    return Periods(tuple(period for entry in plan.calendar for period in _of_entry(plan, entry, zone)))


def _of_entry(plan: Plan, entry: CalendarEntry, zone: ZoneInfo) -> Iterable[Period]:
    if entry.every == "school_year":
        for year in plan.school_years:
            span = year.semester_1 if entry.covers == "semester_1" else year.year
            title = entry.title.format(school_year=year.code)
            yield _period(entry, f"{year.code}/{entry.code}", title, (span.starts_on, span.ends_on), zone)
    elif entry.every == "calendar_year":
        for number in range(plan.starts_on.year, plan.ends_on.year + 1):
            title = entry.title.format(calendar_year=number)
            days = (date(number, 1, 1), date(number, 12, 31))
            yield _period(entry, f"{number}/{entry.code}", title, days, zone)
    elif entry.every == "once" and entry.starts_on and entry.ends_on:
        yield _period(entry, entry.code, entry.title, (entry.starts_on, entry.ends_on), zone)


def _period(entry: CalendarEntry, key: str, title: str, days: tuple[date, date], zone: ZoneInfo) -> Period:
    schools, office = (_due(due, days[1], zone) for due in (entry.schools, entry.office))
    return Period(key, title, *days, schools_due=schools, office_due=office)


def _due(due: Due | None, last_day: date, zone: ZoneInfo) -> datetime | None:
    if due is None:
        return None
    if due.due_before is not None:
        month, day = map(int, due.due_before.split("-"))
        first = date(last_day.year, month, 1)
        return due_moment(first + timedelta(days=day - 2), zone)
    return due_moment(last_day + timedelta(days=due.due_days or 0), zone)
