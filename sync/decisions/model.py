"""A decision is one value that the officer typed for one school; the newest of each school and column holds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from typing import Literal

from sync.periods import END_OF_DAY, Period

Field = Literal["extended_to", "returned", "excused", "note"]

COLUMNS: Mapping[Field, str] = {
    "extended_to": "Gia hạn đến",
    "returned": "Trả lại",
    "excused": "Miễn",
    "note": "Ghi chú",
}
"""The headings of the officer's columns, in their order."""
FIELDS: tuple[Field, ...] = tuple(COLUMNS)

_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:\s+(\d{1,2})[:h](\d{2})?)?")


@dataclass(frozen=True, slots=True)
class Decision:
    """One value of one column for one school and period, as the officer left it.

    value: as typed; "" takes back what stood there. A cell that Excel knows as a date is ISO text: 2025-02-10, or
    2025-02-10T17:00. base: what stood in the cell when the workbook was written, None where that is not known.
    decided_at: when the workbook was saved, read_at: when a pass read it (aware). place: the workbook or spreadsheet.
    seen_run: the pass that wrote the workbook, so that reports that came after it are not meant; None where not known.
    id: in the order in which decisions were recorded, from 1; 0 before that.
    """

    period: str
    school: str
    field: Field
    value: str
    decided_at: datetime
    read_at: datetime
    place: str
    base: str | None = None
    seen_run: int | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Returned:
    """A report that goes back: why, since when, and the last pass whose receipts are meant (None: all of them)."""

    reason: str
    decided_at: datetime
    seen_run: int | None
    id: int


@dataclass(frozen=True)
class Decisions:
    """All decisions of an office, in the order in which they were recorded."""

    all: tuple[Decision, ...] = ()

    @cached_property
    def _histories(self) -> Mapping[tuple[str, str, Field], Sequence[Decision]]:
        """The decisions on each cell, oldest first: by the time of deciding, then in the order of recording."""
        found: dict[tuple[str, str, Field], list[Decision]] = {}
        for decision in self.all:
            found.setdefault((decision.period, decision.school, decision.field), []).append(decision)
        return {key: sorted(each, key=lambda one: (one.decided_at, one.id)) for key, each in found.items()}

    def history(self, period: str, school: str, field: Field) -> Sequence[Decision]:
        """All decisions on one cell, oldest first; the last one holds."""
        return self._histories.get((period, school, field), ())

    def typed(self, period: str) -> dict[tuple[str, Field], Decision]:
        """What holds in `period`, by school and column, cells that were cleared left out."""
        newest = {(school, field): each[-1] for (of, school, field), each in self._histories.items() if of == period}
        return {key: decision for key, decision in newest.items() if decision.value}

    def extensions(self, period: Period) -> dict[str, datetime]:
        """The due moments of schools that were given more time, by code; see `due_in`.

        While what was typed last cannot be understood, what was understood before it holds.
        """
        found: dict[str, datetime] = {}
        for (of, school, field), history in self._histories.items():
            if of != period.key or field != "extended_to":
                continue
            due = next((each for each in reversed(history) if not each.value or due_in(each.value, period)), None)
            moment = due_in(due.value, period) if due else None
            if moment is not None:
                found[school] = moment
        return found

    def excused(self, period: str) -> dict[str, str]:
        """Why schools owe nothing, by code."""
        return {school: each.value for (school, field), each in self.typed(period).items() if field == "excused"}

    def returned(self, period: str) -> dict[str, Returned]:
        """The reports that go back, by school code."""
        return {
            school: Returned(each.value, min(each.decided_at, each.read_at), each.seen_run, each.id)
            for (school, field), each in self.typed(period).items()
            if field == "returned"
        }


def due_in(value: str, period: Period) -> datetime | None:
    """The due moment that `value` means: a day is meant to its end. None where it means none.

    Neither does what is earlier than the due moment of all, for the column gives more time, nor anything in a period
    in which schools do not report.
    """
    if period.schools_due is None:
        return None
    moment = _moment(value.strip())
    if moment is None:
        return None
    extended_to = moment.replace(tzinfo=period.schools_due.tzinfo)
    return extended_to if extended_to >= period.schools_due else None


def _moment(value: str) -> datetime | None:
    found = _DAY.fullmatch(value)
    try:
        if found is None:
            given = datetime.fromisoformat(value)
            return given if len(value) > len("2025-02-10") else datetime.combine(given, END_OF_DAY)
        day, month, year, hour, minute = found.groups()
        clock = time(int(hour), int(minute or 0)) if hour else END_OF_DAY
        return datetime.combine(date(int(year), int(month), int(day)), clock)
    except ValueError:
        return None
