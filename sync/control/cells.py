"""One row of the control workbook → typed values. Whatever cannot be used becomes a Problem of its cell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sync.config import EMAIL
from sync.control.model import Problem
from sync.i18n import gettext as _
from sync.intake.reading import ColumnSpec
from sync.intake.values import Doubt, Raw, is_cell_error, shown, typist
from sync.periods import END_OF_DAY, due_moment
from sync.plan import Plan
from sync.text import collapse, fold

# 17:00, 17h, 17h30; also before the date, as in "17h00 ngày 22/01/2025".
_HOUR = re.compile(r"(?<![\d/.-])(\d{1,2})[:h](\d{2})?(?::(\d{2}))?(?!\d)")
_AROUND_HOUR = re.compile(r"\b(ngày|lúc)\b|[,t]")
_DATE = typist(ColumnSpec("day", "", "date"))


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it was read: raw values and Excel's column letters by column id. `problems` is shared by all rows."""

    sheet: str
    number: int
    letters: Mapping[str, str]
    raw: Mapping[str, Raw]
    problems: list[Problem]

    def address(self, column: str) -> str:
        """Excel's address of the cell in `column`."""
        return f"{self.letters[column]}{self.number}"

    def wrong(self, column: str, message: str, fix: str) -> None:
        """Notes that the cell in `column` has to be mended."""
        self.problems.append(Problem(self.sheet, self.address(column), message, fix))

    def value(self, column: str) -> Raw:
        """The raw value, '' where the cell is blank, shows an error or has no column."""
        raw = self.raw.get(column, "")
        if not is_cell_error(raw):
            return raw
        self.wrong(column, _("The cell shows the error {value}.").format(value=raw), _("Type the value itself."))
        return ""

    def text(self, column: str, required: bool = False) -> str:
        """The text on one line; numbers as they show."""
        raw = self.value(column)
        text = collapse(raw) if isinstance(raw, str) else shown(raw)
        if required and not text:
            self._blank(column)
        return text

    def day(self, column: str, required: bool = False) -> date | None:
        """The date; text is read day first."""
        raw = self.value(column)
        if isinstance(raw, str) and not raw.strip():
            if required:
                self._blank(column)
            return None
        day = _day(raw)
        if day is None:
            self._no_date(column, raw)
        return day

    def days(self, column: str) -> tuple[date, ...]:
        """The dates, in order, each once; several stand in one cell as text."""
        raw = self.value(column)
        if not isinstance(raw, str):
            day = self.day(column)
            return (day,) if day else ()
        days = set()
        for part in filter(None, map(collapse, re.split(r"[;,\n]", raw))):
            day = _day(part)
            if day is None:
                self._no_date(column, part)
            else:
                days.add(day)
        return tuple(sorted(days))

    def codes(self, column: str) -> tuple[str, ...]:
        """The codes, each once, as they are typed."""
        return tuple(dict.fromkeys(re.findall(r"[^;,\s]+", self.text(column))))

    def due(self, column: str, zone: ZoneInfo) -> datetime | None:
        """The due moment; a date without an hour is the end of that day."""
        raw = self.value(column)
        if isinstance(raw, str) and not raw.strip():
            return None
        day, hour = day_and_hour(raw)
        if day is None:
            self._no_date(column, raw)
            return None
        return datetime.combine(day, hour, zone) if hour else due_moment(day, zone)

    def emails(self, column: str) -> tuple[str, ...]:
        """The e-mail addresses, each once."""
        raw = self.value(column)
        parts = [collapse(part) for part in re.split(r"[;,\n]", raw if isinstance(raw, str) else shown(raw))]
        addresses = tuple(dict.fromkeys(part for part in parts if part))
        for address in addresses:
            if not EMAIL.fullmatch(address):
                message = _("'{value}' is no e-mail address.").format(value=address)
                self.wrong(column, message, _("Type addresses like ten@truong.edu.vn, with ; between two."))
        return addresses

    def spreadsheet(self, column: str) -> str:
        """The id of the Google Sheet that is linked here."""
        from sync.google.drive import id_in

        link = self.text(column)
        found = id_in(link)
        if link and not found:
            message = _("'{value}' is no link to a Google Sheet.").format(value=link)
            self.wrong(column, message, _("Copy the link from the browser while the spreadsheet is open."))
        return found

    def level(self, column: str, plan: Plan, required: bool = True) -> str:
        """The code of the school's level, known by its code or its name."""
        raw = self.value(column)
        codes = {name: level.code for level in plan.levels for name in (level.name, level.code)}
        found = typist(ColumnSpec(column, "", "choice", tuple(codes)))(raw)
        if found is None:
            if required:
                self._blank(column)
        elif isinstance(found, Doubt):
            known = ", ".join(level.code for level in plan.levels)
            message = _("There is no level of school '{value}'.").format(value=shown(raw))
            self.wrong(column, message, _("Choose one of: {known}.").format(known=known))
        return codes.get(str(found), "")

    def _blank(self, column: str) -> None:
        self.wrong(column, _("The cell is empty."), _("Fill it in, or clear the whole row."))

    def _no_date(self, column: str, raw: Raw) -> None:
        message = _("'{value}' is no date.").format(value=shown(raw))
        self.wrong(column, message, _("Type day/month/year, for example 15/10/2024."))


def _day(raw: Raw) -> date | None:
    # Schools may be older than the dates that reports can have.
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    found = _DATE(raw)
    value = found.value if isinstance(found, Doubt) else found
    return value if isinstance(value, date) else None


def day_and_hour(raw: Raw) -> tuple[date | None, time | None]:
    """The parts of a moment as people type it, day first; no hour where none was given, no day where it is none."""
    if isinstance(raw, float) and raw % 1 and (day := _day(raw)):
        # A moment in a cell that lost its date format.
        raw = datetime.combine(day, time()) + timedelta(days=raw % 1)
    if isinstance(raw, datetime):
        # Excel keeps a moment as a fraction of a day, so its seconds are not quite whole.
        moment = (raw + timedelta(milliseconds=500)).replace(microsecond=0)
        return moment.date(), moment.time() if moment.time() != time() else None
    if not isinstance(raw, str):
        return _day(raw), None
    text = fold(raw)
    found = _HOUR.search(text)
    if found is None:
        return _day(text), None
    rest = _AROUND_HOUR.sub(" ", f"{text[: found.start()]} {text[found.end() :]}")
    hour = _hour(found)
    return (_day(rest), hour) if hour else (None, None)


def _hour(found: re.Match[str]) -> time | None:
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    if (hours, minutes, seconds) == (24, 0, 0):
        return END_OF_DAY
    try:
        return time(hours, minutes, seconds)
    except ValueError:
        return None
