"""An officer who works in the consolidated workbook with Excel's habits, for tests; openpyxl plays Excel."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from sync.decisions import COLUMNS, Field
from sync.landmarks import PROGRESS_SHEET, SCHOOL_HEADING


def heading_row(sheet: Worksheet) -> int:
    """The number of the row that holds the headings."""
    return next(row[0].row or 0 for row in sheet.iter_rows() if SCHOOL_HEADING in [cell.value for cell in row])


def column(sheet: Worksheet, heading: str) -> int:
    """The number of the column under `heading`."""
    return next(cell.column or 0 for cell in sheet[heading_row(sheet)] if cell.value == heading)


def row_of(sheet: Worksheet, school: str) -> int:
    """The number of the school's first row."""
    code = column(sheet, SCHOOL_HEADING)
    return next(number for number in range(1, sheet.max_row + 1) if sheet.cell(number, code).value == school)


def edit(file: Path, change: Callable[[openpyxl.Workbook], object], at: datetime | None = None) -> None:
    """Opens the workbook, changes it and saves it, as of the moment `at`."""
    # openpyxl saves formulas without what they gave, as no spreadsheet program does: their values stay instead.
    book = openpyxl.load_workbook(file, data_only=True)
    change(book)
    book.save(file)
    if at is not None:
        os.utime(file, (at.timestamp(), at.timestamp()))


def typing(school: str, field: Field, value: Any) -> Callable[[openpyxl.Workbook], None]:
    """The change that types `value` into a marked cell."""

    def change(book: openpyxl.Workbook) -> None:
        sheet = book[PROGRESS_SHEET]
        sheet.cell(row_of(sheet, school), column(sheet, COLUMNS[field])).value = value

    return change


def type_in(file: Path, school: str, field: Field, value: Any, at: datetime | None = None) -> None:
    """Types `value` into a marked cell and saves."""
    edit(file, typing(school, field, value), at)


def shown(file: Path, school: str, field: Field) -> Any:
    """What a marked cell holds."""
    sheet = openpyxl.load_workbook(file)[PROGRESS_SHEET]
    return sheet.cell(row_of(sheet, school), column(sheet, COLUMNS[field])).value
