"""Rows of the calendar that give some schools of a period more time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sync.control.cells import Row
from sync.i18n import gettext as _
from sync.periods import Period
from sync.schools import School, Schools
from sync.text import fold


def extended(periods: list[Period], rows: Iterable[Row], schools: Schools | None, zone: ZoneInfo) -> list[Period]:
    """`periods` with the extensions that `rows` give; what cannot be used is noted with its row.

    A row names a period's key, the due moment and the codes of the schools that it holds for. `schools` is None where
    the list of schools could not be read: codes are taken as they are then.
    """
    by_key = {period.key: period for period in reversed(periods)}
    given: dict[str, dict[str, tuple[datetime, Row]]] = {key: {} for key in by_key}
    for row in rows:
        period = _period_of(row, by_key)
        due = _due_of(row, period, zone)
        for code in _codes_of(row, period, schools):
            _give(given[period.key] if period else {}, code, due, row)
    return [replace(each, extensions=_moments(given[each.key])) for each in periods]


def rows_of(period: Period) -> Iterator[dict[str, object]]:
    """The rows that say the period's extensions: by column, one for each due moment, in order."""
    by_moment: dict[datetime, list[str]] = {}
    for code, due in sorted(period.extensions.items()):
        by_moment.setdefault(due, []).append(code)
    for due, codes in sorted(by_moment.items()):
        yield {"key": period.key, "schools_due": due, "only": "; ".join(codes)}


def _period_of(row: Row, by_key: Mapping[str, Period]) -> Period | None:
    key = row.text("key", required=True).upper()
    period = by_key.get(key)
    if key and period is None:
        message = _("There is no period '{value}' in this list.").format(value=row.text("key"))
        row.wrong("key", message, _("A row for some schools only has the key of a period that has its own row."))
    elif period and period.schools_due is None:
        message = _("Schools do not report in this period.")
        row.wrong("key", message, _("Correct the key of the period, or delete the row."))
    return period


def _due_of(row: Row, period: Period | None, zone: ZoneInfo) -> datetime | None:
    due = row.due("schools_due", zone)
    if not row.text("schools_due"):
        row.wrong("schools_due", _("The due date of these schools is missing."), _("Fill in the date for them."))
    elif due and period and due.date() < period.starts_on:
        row.wrong(
            "schools_due", _("The due date lies before the period."), _("Correct the due date or the period's dates.")
        )
    return due


def _codes_of(row: Row, period: Period | None, schools: Schools | None) -> Iterator[str]:
    """The codes as the list of schools has them, without those that mean no school of the period."""
    by_code = {fold(school.code): school for school in reversed(schools.schools)} if schools is not None else None
    for code in row.codes("only"):
        school = by_code.get(fold(code)) if by_code is not None else School(code, "", "")
        if school is None:
            message = _("There is no school '{value}'.").format(value=code)
            row.wrong("only", message, _("Write the codes of the list of schools, with ; between two."))
        elif period and period.ends_on != date.max and not school.exists_in(period):
            message = _("The school {value} does not report in this period: it is not open on its last day.")
            fix = _("Delete its code, or correct the dates of the school.")
            row.wrong("only", message.format(value=school.code), fix)
        else:
            yield school.code


def _give(given: dict[str, tuple[datetime, Row]], code: str, due: datetime | None, row: Row) -> None:
    earlier = given.get(code)
    if earlier is None and due is not None:
        given[code] = (due, row)
    elif earlier is not None and earlier[1] is not row:
        message = _("The school {value} stands in {cell} already, for the same period.")
        fix = _("Leave its code in one of the two rows.")
        row.wrong("only", message.format(value=code, cell=earlier[1].address("only")), fix)


def _moments(given: Mapping[str, tuple[datetime, Row]]) -> dict[str, datetime]:
    return {code: due for code, (due, _row) in given.items()}
