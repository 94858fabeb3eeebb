"""Drive's import of an Excel workbook as a spreadsheet: values, formulas with their last results, and hidden sheets.

Formats, rules, validation and Excel's own protection are left behind; nothing that is modelled shows them.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from datetime import date, timedelta
from typing import Any

from tests.fakes.google.answers import NotModelled, Refusal, invalid
from tests.fakes.google.state import COLUMNS, ROWS, Formula, State, Tab, Value, rows_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def tabs_of(content: bytes, state: State) -> tuple[Tab, ...]:
    """The tabs of a workbook's bytes. Raises Refusal where they are none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of each extension that it does not keep.
        try:
            typed, results = (_load(content, only) for only in (False, True))
        except (zipfile.BadZipFile, KeyError, ValueError) as error:
            raise _unreadable() from error
        return tuple(_tab(sheet, results[sheet.title], index, state) for index, sheet in enumerate(typed.worksheets))


def _load(content: bytes, results: bool) -> Any:
    """The workbook with its formulas, or with what they last came to; read as a stream, which is faster."""
    import openpyxl

    return openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=results)


def _unreadable() -> Refusal:
    return invalid("The file could not be converted.")


def _tab(typed: Any, results: Any, index: int, state: State) -> Tab:
    pairs = zip(typed.iter_rows(), results.iter_rows(), strict=True)
    rows = rows_of([_value(one, other) for one, other in zip(left, right, strict=True)] for left, right in pairs)
    height, width = max(ROWS, len(rows)), max([COLUMNS, *(len(row) for row in rows)])
    return Tab(index and state.number(), typed.title, rows, height, width, typed.sheet_state != "visible")


def _value(typed: Any, result: Any) -> Value:
    if typed.data_type == "f":
        text = typed.value if isinstance(typed.value, str) else f"={typed.value.text.lstrip('=')}"
        value = _plain(result.value)
        return Formula(text, "" if value is None else value)
    return _plain(typed.value)


def _plain(value: Any) -> bool | int | float | str | date | None:
    if value is None or isinstance(value, bool | int | float | str | date):
        return value
    if isinstance(value, timedelta):
        return value.total_seconds() / 86_400
    raise NotModelled(f"import of a cell that holds {type(value).__name__}")
