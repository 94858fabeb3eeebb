"""The cells of an open workbook, as the reader takes them; from the desktop engine, the remote engine and the server.

Only sheets that are asked for by name are read. A workbook from the network is untrusted: whatever shape its JSON has,
it gives cells or NotAReport.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, time
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any

from sync.addin.errors import NotAReport
from sync.i18n import gettext as _
from sync.intake.guard import Limits
from sync.intake.values import Raw
from sync.text import fold

if TYPE_CHECKING:
    from xlwings import Book, Sheet

Rows = Sequence[Sequence[Raw]]
"""The rows of a sheet from A1 on; '' is a blank cell."""

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
"""How the clients' JavaScript sends the number of a cell that shows a date: Date.toISOString."""
_NO_DAY = 1899
"""The year of a time of day without a date."""
_LONGEST = 32_767
"""Characters of a cell (Excel specifications and limits)."""
_ERRORS = {
    2000: "#NULL!",
    2007: "#DIV/0!",
    2015: "#VALUE!",
    2023: "#REF!",
    2029: "#NAME?",
    2036: "#NUM!",
    2042: "#N/A",
    2043: "#GETTING_DATA",
    2045: "#SPILL!",
    2046: "#CONNECT!",
    2047: "#BLOCKED!",
    2048: "#UNKNOWN!",
    2049: "#FIELD!",
    2050: "#CALC!",
}
"""XlCVError: what an error cell shows, by its number."""
_FIRST_ERROR = -2146828288
"""COM gives error cells as this and the number of the error (SCODE); xlwings names the first seven only."""


def named(book: Book, limits: Limits) -> dict[str, Sheet]:
    """The sheets of `book` by their names. Raises NotAReport where they are too many."""
    count = len(book.sheets)
    if count > limits.max_sheets:
        message = _("This workbook has {count} sheets; a report has at most {limit}.")
        raise NotAReport(message.format(count=count, limit=limits.max_sheets))
    return {str(sheet.name): sheet for sheet in book.sheets}


def chosen(sheets: Collection[str], needed: Collection[str], tables: Collection[str], ours: str) -> list[str]:
    """The names of `sheets` to read: those of `needed`; all but `ours` where one of `tables` is missing.

    A table whose sheet was renamed is found by its headings.
    """
    wanted, there = set(map(fold, needed)), set(map(fold, sheets))
    if all(fold(table) in there for table in tables):
        return [name for name in sheets if fold(name) in wanted]
    return [name for name in sheets if fold(name) != fold(ours)]


def tabs(sheets: dict[str, Sheet], names: Collection[str], limits: Limits) -> dict[str, Rows]:
    """The rows of the sheets `names`. Raises NotAReport where one reaches over more cells than `limits` allow."""
    return {name: rows(sheets[name], limits) for name in names}


def rows(sheet: Sheet, limits: Limits) -> Rows:
    """The rows of one sheet, whichever engine it is open in. Raises NotAReport."""
    remote = sheet.book.app.engine.type == "remote"
    return list(_sent(sheet, limits) if remote else _read(sheet, limits))


def _sent(sheet: Sheet, limits: Limits) -> Iterator[list[Raw]]:
    """The rows that a client sent.

    `Range.value` is not used: the remote engine keeps every sheet that it was asked of in memory for ever
    (get_range_api of xlwings 0.37.8), and fails on a text that looks like a moment.
    """
    values: Any = sheet.api.get("values")
    if not isinstance(values, list) or not all(isinstance(row, list) for row in values):
        raise NotAReport(_("What was sent is no workbook; update the add-in or ask the office."))
    _refuse_large(sheet.name, len(values), max(map(len, values), default=0), limits)
    return ([_raw(cell) for cell in row] for row in values)


def _read(sheet: Sheet, limits: Limits) -> Iterator[list[Raw]]:
    """The rows of the used range in Excel, which need not begin at A1; asked for in one call."""
    used = sheet.used_range
    (height, width), top, left = used.shape, used.row - 1, used.column - 1
    _refuse_large(sheet.name, top + height, left + width, limits)
    values = used.options(ndim=2, empty="", err_to_str=True).value
    yield from ([] for _row in range(top))
    yield from ([""] * left + [_raw(cell) for cell in row] for row in values)


def _refuse_large(name: str, height: int, width: int, limits: Limits) -> None:
    if height * width > limits.max_cells:
        message = _("The sheet {sheet} reaches over {count} cells; at most {limit} are read.")
        raise NotAReport(message.format(sheet=name, count=height * width, limit=limits.max_cells))


def _raw(cell: Any) -> Raw:
    """A cell as the reader has it: numbers are float, what shows a date is a moment without a time zone."""
    match cell:
        case None | "":
            return ""
        case bool():
            return cell
        case str():
            return _moment(datetime.fromisoformat(cell[:-1])) if _is_moment(cell) else cell[:_LONGEST]
        case datetime():
            return _moment(cell.replace(tzinfo=None))
        case int() if cell - _FIRST_ERROR in _ERRORS:
            return _ERRORS[cell - _FIRST_ERROR]
        case int() | float() | Decimal():
            return _number(cell)
    raise NotAReport(_("What was sent is no workbook; update the add-in or ask the office."))


def _is_moment(text: str) -> bool:
    if _MOMENT.fullmatch(text) is None:
        return False
    try:
        datetime.fromisoformat(text[:-1])
    except ValueError:
        return False
    return True


def _moment(moment: datetime) -> Raw:
    """A moment; a time alone where Excel has no day for it."""
    return moment.time() if moment.year <= _NO_DAY else _midnight(moment)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(microsecond=0) if moment.time() == time() else moment


def _number(number: float | Decimal) -> Raw:
    try:
        value = float(number)
    except OverflowError:
        return "#NUM!"
    return value if isfinite(value) else "#NUM!"
