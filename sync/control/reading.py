"""dieu-hanh.xlsx → Control. Columns are found by their headings, wherever the officer has moved them."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from python_calamine import CalamineError, CalamineWorkbook

from sync.control.cells import Row
from sync.control.changes import changed, check_mergers
from sync.control.extensions import extended
from sync.control.layout import DAYS_OFF, FILE, FORMER, PERIODS, SCHOOLS, SHEETS, Sheet, key_forms
from sync.control.model import Control, ControlError, Problem
from sync.i18n import gettext as _
from sync.intake.values import Raw
from sync.periods import Period, Periods
from sync.plan import Plan
from sync.schools import School, Schools
from sync.text import address, column_letters, fold

MAX_CELLS = 2_000_000
_CODE = re.compile(r"\w([\w.-]{0,28}\w)?")


def read(source: Path | bytes, plan: Plan, zone: ZoneInfo) -> Control:
    """What the control workbook says; `zone` is the office's. Raises ControlError with every problem at once."""
    name = source.name if isinstance(source, Path) else FILE
    try:
        content = source.read_bytes() if isinstance(source, Path) else source
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    except OSError as error:
        message = _("The workbook cannot be opened: {reason}.").format(reason=error.strerror)
        problem = Problem(None, None, message, _("Close it in other programs, or put it back from a backup."))
        raise ControlError(name, [problem]) from error
    except CalamineError as error:
        message = _("This is no Excel workbook, or it is damaged or has a password.")
        problem = Problem(None, None, message, _("Open it in Excel, remove the password and save it as .xlsx."))
        raise ControlError(name, [problem]) from error
    problems: list[Problem] = []
    rows = _rows(workbook, SCHOOLS, problems)
    schools = Schools(tuple(_schools(rows, plan)))
    check_mergers(schools, rows)
    # Codes are not compared with a list that could not be read.
    known = None if problems and not schools else schools
    control = Control(
        changed(schools, _rows(workbook, FORMER, problems), plan, known is not None),
        Periods(tuple(_periods(_rows(workbook, PERIODS, problems), plan, zone, known))),
        _days_off(_rows(workbook, DAYS_OFF, problems)),
    )
    if problems:
        raise ControlError(name, sorted(set(problems), key=_place))
    return control


def _place(problem: Problem) -> tuple[int, int, str, str]:
    sheets = [sheet.name for sheet in SHEETS]
    cell = problem.cell or ""
    return sheets.index(problem.sheet or sheets[0]), int(re.sub(r"\D", "", cell) or 0), cell, problem.message


# Sheets to rows


def _rows(workbook: CalamineWorkbook, sheet: Sheet, problems: list[Problem]) -> list[Row]:
    """The rows under the headings that have anything in a known column other than the note."""
    found = next((name for name in workbook.sheet_names if fold(name) == fold(sheet.name)), None)
    if found is None and not sheet.required:
        return []
    read = _cells(workbook, found, sheet.name)
    if isinstance(read, Problem):
        problems.append(read)
        return []
    cells, (top, left) = read
    head, columns = _head(cells, sheet)
    missing = _missing(sheet, columns, address(top + head, left))
    if missing:
        problems += missing
        return []
    letters = {column: column_letters(left + index) for column, index in columns.items()}
    rows = []
    for number, line in enumerate(cells[head + 1 :], top + head + 2):
        raw = {column: line[index] for column, index in columns.items()}
        if any(str(value).strip() for column, value in raw.items() if column != "note"):
            rows.append(Row(sheet.name, number, letters, raw, problems))
    return rows


def _cells(
    workbook: CalamineWorkbook, found: str | None, name: str
) -> tuple[Sequence[Sequence[Raw]], tuple[int, int]] | Problem:
    """The used part of the sheet called `found`, and the zero-based row and column that it begins with."""
    if found is None:
        fix = _("Put the sheet back from a backup, or rename the one that holds the list.")
        return Problem(name, None, _("The sheet is missing."), fix)
    try:
        sheet = workbook.get_sheet_by_name(found)
    except CalamineError:
        # One cell that calamine does not know, such as #SPILL!, takes its whole sheet with it.
        fix = _("Look for a cell that shows an error such as #SPILL!, clear it and save.")
        return Problem(name, None, _("The sheet cannot be read."), fix)
    if sheet.height * sheet.width > MAX_CELLS:
        fix = _("Delete the rows and columns far outside the list.")
        return Problem(name, None, _("The sheet reaches over too many cells."), fix)
    return (sheet.to_python(skip_empty_area=True), sheet.start) if sheet.start else ([], (0, 0))


def _head(cells: Sequence[Sequence[Raw]], sheet: Sheet) -> tuple[int, dict[str, int]]:
    """The row with most of the headings, and where in it each column is; the first of equals."""
    by_heading = {fold(heading): column.id for heading, column in sheet.headings.items()}
    best: tuple[int, dict[str, int]] = (0, {})
    for number, line in enumerate(cells):
        names = [by_heading.get(fold(value).rstrip(" *:")) if isinstance(value, str) else None for value in line]
        columns = {name: names.index(name) for name in names if name}
        if len(columns) > len(best[1]):
            best = (number, columns)
    return best


def _missing(sheet: Sheet, columns: Mapping[str, int], cell: str) -> list[Problem]:
    """The columns that the sheet cannot do without and has not; `cell` is where its headings begin."""
    needed = [column for column in sheet.columns if column.required or column.kind == "due"]
    fix = _("Write this heading over its column again.")
    return [
        Problem(
            sheet.name,
            cell if columns else None,
            _("The column '{heading}' is missing.").format(heading=column.heading),
            fix,
        )
        for column in needed
        if column.id not in columns
    ]


# Rows to what they mean


def _schools(rows: list[Row], plan: Plan) -> list[School]:
    _note_doubles(rows, "code")
    _note_doubles(rows, "spreadsheet")
    return [_school(row, plan) for row in rows]


def _school(row: Row, plan: Plan) -> School:
    code = row.text("code", required=True)
    if code and not _CODE.fullmatch(code):
        message = _("'{value}' cannot be the code of a school.").format(value=code)
        row.wrong("code", message, _("Use up to 30 letters and digits, with . - _ between them."))
    opened, closed = row.day("opened_on"), row.day("closed_on")
    if opened and closed and opened > closed:
        row.wrong("closed_on", _("The school closes before it opens."), _("Correct one of the two dates."))
    sheet = row.spreadsheet("spreadsheet")
    return School(
        code=code,
        name=row.text("name", required=True),
        level=row.level("level", plan),
        unit=row.text("unit"),
        emails=row.emails("emails"),
        head_emails=row.emails("head_emails"),
        phone=row.text("phone"),
        opened_on=opened,
        closed_on=closed,
        spreadsheet=sheet,
        merged_into=row.text("merged_into"),
    )


def _periods(rows: list[Row], plan: Plan, zone: ZoneInfo, schools: Schools | None) -> list[Period]:
    own = [row for row in rows if not row.text("only")]
    _note_doubles(own, "key")
    periods = [_period(row, plan, zone) for row in own]
    return extended(periods, [row for row in rows if row.text("only")], schools, zone)


def _period(row: Row, plan: Plan, zone: ZoneInfo) -> Period:
    key = row.text("key", required=True).upper()
    forms = key_forms(plan)
    if key and not any(form.fits(key) for form in forms):
        message = _("'{value}' cannot be the key of a period.").format(value=key)
        examples = ", ".join(dict.fromkeys(form.example for form in forms))
        row.wrong("key", message, _("Write it like one of: {examples}.").format(examples=examples))
    starts, ends = row.day("starts_on", required=True), row.day("ends_on", required=True)
    if starts and ends and starts > ends:
        row.wrong("ends_on", _("The period ends before it begins."), _("Correct one of the two dates."))
    period = Period(
        key=key,
        title=row.text("title", required=True),
        starts_on=starts or date.min,
        ends_on=ends or date.max,
        schools_due=row.due("schools_due", zone),
        office_due=row.due("office_due", zone),
        dispatch=row.text("dispatch"),
        reminders=row.days("reminders"),
        frozen_on=row.day("frozen_on"),
        sign_on=row.day("sign_on"),
        office_reported_on=row.day("office_reported_on"),
    )
    _note_dues(row, period)
    return period


def _note_dues(row: Row, period: Period) -> None:
    if not (row.value("schools_due") or row.value("office_due")):
        row.wrong(
            "schools_due", _("The period has no due date."), _("Fill in the date for schools, for the office or both.")
        )
    for column, due in (("schools_due", period.schools_due), ("office_due", period.office_due)):
        if due and due.date() < period.starts_on:
            row.wrong(
                column, _("The due date lies before the period."), _("Correct the due date or the period's dates.")
            )


def _days_off(rows: list[Row]) -> dict[date, str]:
    _note_doubles(rows, "day")
    days = [(row.day("day", required=True), row.text("name")) for row in rows]
    return dict(sorted((day, name) for day, name in days if day))


def _note_doubles(rows: list[Row], column: str) -> None:
    """Keys are compared as Windows compares file names, because files are named by them."""
    first: dict[str, Row] = {}
    for row in rows:
        key = fold(row.text(column))
        if key and first.setdefault(key, row) is not row:
            message = _("'{value}' stands in {cell} already.").format(
                value=row.text(column), cell=first[key].address(column)
            )
            row.wrong(column, message, _("Give each row its own code, or delete one of the two rows."))
