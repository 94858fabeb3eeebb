"""Backward planning: from the day on which the office reports to the days on which the others must have done theirs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sync.i18n import gettext as _
from sync.working_days import WorkingDays

if TYPE_CHECKING:
    from sync.periods import Period

SIGN_DAYS_BEFORE = 2
"""Days from signing to the office's due date: the signed report has to be stamped and to arrive."""
FREEZE_DAYS_BEFORE = 4
"""Days from the last figures to the office's due date: two days to write the report on them before it is signed."""
LAST_REMINDER_DAYS = 7
"""The last reminder further before the due date than this was meant for another due date."""
FIRST_REMINDER_DAYS = 60
"""A reminder further before the due date than this was meant for another due date."""


@dataclass(frozen=True, slots=True)
class Milestones:
    """The days of one report: `schools_due` (None where no school reports) ≤ `frozen_on` ≤ `sign_on` ≤ the due date."""

    schools_due: date | None
    frozen_on: date
    sign_on: date


def milestones(
    office_due: date,
    ends_on: date,
    days: WorkingDays,
    *,
    days_before_office: int | None = None,
    schools_due: date | None = None,
) -> Milestones:
    """The days before the office's own due date, which is never moved itself.

    Schools report `days_before_office` before it, on a working day and not before `ends_on`, the period's last day
    (unless the office itself reports before that day); or on `schools_due`, which is not moved; or, where both are
    None, not at all. The other two days are working days after that, apart from each other, as far as there is room
    before the office's due date.
    """
    sign_on = days.on_or_before(_before(office_due, SIGN_DAYS_BEFORE))
    frozen_on = min(days.on_or_before(_before(office_due, FREEZE_DAYS_BEFORE)), days.before(sign_on))
    if schools_due is None and days_before_office is not None:
        schools_due = min(days.on_or_before(_before(office_due, days_before_office)), days.before(frozen_on))
        if schools_due < ends_on <= office_due:
            schools_due = min(days.on_or_after(ends_on), office_due)
    if schools_due is not None:
        frozen_on = _later(frozen_on, schools_due, office_due, days)
        sign_on = _later(sign_on, frozen_on, office_due, days)
    return Milestones(schools_due, frozen_on, sign_on)


def _later(day: date, than: date, latest: date, days: WorkingDays) -> date:
    """`day`, or the first working day after `than` where that is later; without room, the last one until `latest`."""
    moved = max(day, days.after(than))
    return moved if moved <= latest else min(max(days.on_or_before(latest), than), latest)


def reminders(due: date, starts_on: date, before_days: Collection[int], days: WorkingDays) -> tuple[date, ...]:
    """The days on which to remind of `due`, in order: so many days before it, on working days of the period."""
    wanted = {days.on_or_before(_before(due, count)) for count in before_days}
    return tuple(sorted(day for day in wanted if day >= starts_on))


def reminders_fit(period: Period, days: WorkingDays | None = None) -> bool:
    """Whether the period's reminder dates belong to its due date; those that do not are ignored. See misfit."""
    return misfit(period, days) is None


def misfit(period: Period, days: WorkingDays | None = None) -> str | None:
    """One sentence on why the period's reminder dates do not fit its due date; None where they do, or it has none.

    They do not where one lies after the due date or more than FIRST_REMINDER_DAYS before it, or the last one more than
    LAST_REMINDER_DAYS; with `days`, that one may be so much earlier that it is a working day.
    """
    moment = period.schools_due or period.office_due
    if moment is None or not period.reminders:
        return None
    due, first, last = moment.date(), min(period.reminders), max(period.reminders)
    named = {"period": period.title, "due": f"{due:%d/%m/%Y}"}
    nearest = _before(due, LAST_REMINDER_DAYS)
    if last > due:
        return _(
            "{period}: the reminder date {day} lies after the due date {due}; the usual reminder days are used."
        ).format(day=f"{last:%d/%m/%Y}", **named)
    if last < (days.on_or_before(nearest) if days else nearest):
        return _(
            "{period}: the last reminder date {day} lies more than {limit} days before the due date {due}; the usual "
            "reminder days are used."
        ).format(day=f"{last:%d/%m/%Y}", limit=LAST_REMINDER_DAYS, **named)
    if first < _before(due, FIRST_REMINDER_DAYS):
        return _(
            "{period}: the reminder date {day} lies more than {limit} days before the due date {due}; the usual "
            "reminder days are used."
        ).format(day=f"{first:%d/%m/%Y}", limit=FIRST_REMINDER_DAYS, **named)
    return None


def _before(day: date, count: int) -> date:
    return day - timedelta(days=count)
