"""What is reported and until when. Due moments are aware datetimes in the office's time zone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sync import planning
from sync.plan import CalendarEntry, Due, Plan
from sync.working_days import WorkingDays

END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Period:
    """A reporting period; a due moment is the last moment that is on time, None where nobody of that kind reports.

    frozen_on, sign_on: the days on which the office's figures are to be final and its report is to be signed, None
    where nobody planned them. reminders: the days on which schools (the office where none reports) are reminded of the
    due date, in order; empty where the settings' days before it hold. office_reported_on: the day on which the office
    reported, None while it has not. extensions: the due moments of schools that were given more time, by code.
    """

    key: str
    title: str
    starts_on: date
    ends_on: date
    schools_due: datetime | None = None
    office_due: datetime | None = None
    dispatch: str = ""
    """Number and date of the dispatch that asks for a report on demand."""
    reminders: tuple[date, ...] = ()
    frozen_on: date | None = None
    sign_on: date | None = None
    office_reported_on: date | None = None
    extensions: Mapping[str, datetime] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        # In one order: workbooks are known by what their period looks like.
        object.__setattr__(self, "extensions", dict(sorted(self.extensions.items())))

    def due_for(self, school_code: str) -> datetime | None:
        """The school's own due moment; None where schools do not report."""
        return self.extensions.get(school_code, self.schools_due) if self.schools_due else None


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

    def covered_by(self, period: Period) -> list[Period]:
        """The schools' periods that a report on `period` is about: itself, else those that end within it."""
        if period.schools_due is not None:
            return [period]
        return [each for each in self.of_schools() if period.starts_on <= each.ends_on <= period.ends_on]

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


def proposed(plan: Plan, zone: ZoneInfo, days: WorkingDays | None = None, before_days: Collection[int] = ()) -> Periods:
    """The periods of the plan's reporting calendar (part V of the plan), with the due moments it sets.

    What is planned back from the office's due date is moved to working days of `days` (default: all but weekends and
    public holidays). Reminders are `before_days` before the due date; none where those would not fit it.
    """
    calendar = days or WorkingDays(opens_at=time.min, closes_at=time.max, zone=zone)
    periods = (period for entry in plan.calendar for period in _of_entry(plan, entry, zone, calendar))
    return Periods(tuple(_with_reminders(period, before_days, calendar) for period in periods))


def _of_entry(plan: Plan, entry: CalendarEntry, zone: ZoneInfo, days: WorkingDays) -> Iterable[Period]:
    if entry.every == "school_year":
        for year in plan.school_years:
            span = year.semester_1 if entry.covers == "semester_1" else year.year
            title = entry.title.format(school_year=year.code)
            yield _period(entry, Period(f"{year.code}/{entry.code}", title, span.starts_on, span.ends_on), zone, days)
    elif entry.every == "calendar_year":
        for number in range(plan.starts_on.year, plan.ends_on.year + 1):
            title = entry.title.format(calendar_year=number)
            first, last = date(number, 1, 1), date(number, 12, 31)
            yield _period(entry, Period(f"{number}/{entry.code}", title, first, last), zone, days)
    elif entry.every == "once" and entry.starts_on and entry.ends_on:
        yield _period(entry, Period(entry.code, entry.title, entry.starts_on, entry.ends_on), zone, days)


def _period(entry: CalendarEntry, bare: Period, zone: ZoneInfo, days: WorkingDays) -> Period:
    """`bare` with its due moments and the days planned back from the office's."""
    schools, office = (_due(due, bare.ends_on) for due in (entry.schools, entry.office))
    if office is None:
        return replace(bare, schools_due=due_moment(schools, zone) if schools else None)
    lead = entry.schools.days_before_office if entry.schools else None
    planned = planning.milestones(office, bare.ends_on, days, days_before_office=lead, schools_due=schools)
    return replace(
        bare,
        schools_due=due_moment(planned.schools_due, zone) if planned.schools_due else None,
        office_due=due_moment(office, zone),
        frozen_on=planned.frozen_on,
        sign_on=planned.sign_on,
    )


def _due(due: Due | None, last_day: date) -> date | None:
    """The date that the plan sets; None where it sets none."""
    if due is None or due.days_before_office is not None:
        return None
    if due.due_before is not None:
        month, day = map(int, due.due_before.split("-"))
        return date(last_day.year, month, 1) + timedelta(days=day - 2)
    return last_day + timedelta(days=due.due_days or 0)


def _with_reminders(period: Period, before_days: Collection[int], days: WorkingDays) -> Period:
    due = period.schools_due or period.office_due
    if due is None:
        return period
    reminded = replace(period, reminders=planning.reminders(due.date(), period.starts_on, before_days, days))
    return reminded if planning.reminders_fit(reminded) else period
