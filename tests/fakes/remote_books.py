"""What xlwings' clients send of a workbook and what they do with the answer, made from the workbook's file.

`payload_of` is the JSON that the task pane (Office.js) sends; `Written` is what the answer puts into the workbook. Both
are written down from the clients' own code: xlwings_server/static/js/custom-scripts/index.js and
workbook-metadata.js (getBookData, convertDateValues), range-action-callbacks.js (setValues).
"""

from __future__ import annotations

import io
import os
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from python_calamine import CalamineWorkbook, SheetTypeEnum

from sync.intake import repair
from sync.intake.sniff import sniff
from sync.text import address

if TYPE_CHECKING:
    import xlwings as xw

# PolyForm Noncommercial: these are tests of a program for schools and government offices.
os.environ.setdefault("XLWINGS_LICENSE_KEY", "noncommercial")
_DAY_ZERO = datetime(1899, 12, 30)


def payload_of(content: bytes, only: Collection[str] | None = None, client: str = "Office.js") -> dict[str, Any]:
    """The JSON of the workbook `content`; sheets that are not in `only` travel by name and without their cells."""
    sheets = sheets_of(content)
    return payload_of_sheets(
        {name: rows if only is None or name in only else [[]] for name, rows in sheets.items()}, client
    )


def with_sheet(payload: dict[str, Any], name: str) -> dict[str, Any]:
    """The same with a blank sheet `name` at its end, where it has none."""
    if any(sheet["name"] == name for sheet in payload["sheets"]):
        return payload
    return {**payload, "sheets": [*payload["sheets"], _sheet(name, [])]}


def payload_of_sheets(sheets: dict[str, list[list[Any]]], client: str = "Office.js") -> dict[str, Any]:
    """The JSON of a workbook with these cells, as JavaScript would write them."""
    import xlwings as xw

    return {
        "client": client,
        "version": xw.__version__,
        "book": {"name": "bao-cao.xlsx", "active_sheet_index": 0, "selection": "A1", "calculation": "Automatic"},
        "names": [],
        "sheets": [_sheet(name, rows) for name, rows in sheets.items()],
    }


def _sheet(name: str, rows: list[list[Any]]) -> dict[str, Any]:
    width = max(map(len, rows), default=0)
    last = f"A1:{address(len(rows) - 1, width - 1)}" if width else None
    return {
        "name": name,
        "visibility": "VeryHidden" if name.startswith("_") else "Visible",
        "values": [[*row, *[""] * (width - len(row))] for row in rows] or [[""]],
        "used_range_address": last,
        "pictures": [],
        "shapes": [],
        "charts": [],
        "notes": [],
        "tables": [],
        "pivot_tables": [],
        "print_area": None,
        "show_gridlines": True,
    }


def sheets_of(content: bytes) -> dict[str, list[list[Any]]]:
    """The cells of each sheet from A1 on, as JavaScript has them. Errors of Excel are texts there, such as "#N/A"."""
    sniffed = sniff(content)
    if repair.has_error_cells(content, sniffed.kind, sniffed.members):
        content = repair.with_errors_as_text(content, sniffed.kind)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    names = [each.name for each in book.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet]
    return {name: _rows(book, name) for name in names}


def _rows(book: CalamineWorkbook, name: str) -> list[list[Any]]:
    sheet = book.get_sheet_by_name(name)
    top, left = sheet.start or (0, 0)
    rows = [[sent(cell) for cell in row] for row in sheet.to_python()]
    width = max(map(len, rows), default=0)
    return [[""] * (left + width)] * top + [[""] * left + row for row in rows]


def sent(cell: Any) -> Any:
    """A cell as JSON has it: whole numbers without a fraction, what shows a date as Date.toISOString gives it."""
    match cell:
        case bool() | str():
            return cell
        case datetime():
            return f"{cell.isoformat(timespec='milliseconds')}Z"
        case date():
            return f"{cell.isoformat()}T00:00:00.000Z"
        case time():
            return sent(datetime.combine(_DAY_ZERO, cell))
        case timedelta():
            return cell / timedelta(days=1)
        case int() | float():
            return int(cell) if float(cell).is_integer() else cell
    raise TypeError(f"{cell!r} is no cell")


def remote_book(payload: dict[str, Any]) -> xw.Book:
    """The workbook as a server has it. Close it when it is not needed any more: the engine keeps open ones."""
    import xlwings as xw

    if "remote" not in [engine.name for engine in xw.engines]:  # xlwings came in before the licence was said
        from xlwings.pro import _xlremote

        xw.engines.add(xw.main.Engine(impl=_xlremote.engine))
    return xw.Book(json=payload)


class Written:
    """What the actions of an answer put into which cells; any action but setValues fails."""

    def __init__(self, payload: dict[str, Any], answer: dict[str, Any]) -> None:
        self._names = [sheet["name"] for sheet in payload["sheets"]]
        self.cells: dict[str, dict[str, Any]] = {}
        """By sheet and address."""
        self.calls = 0
        for action in answer["actions"]:
            self._apply(action)

    def _apply(self, action: dict[str, Any]) -> None:
        assert action["func"] == "setValues", action["func"]
        height, width = action["row_count"], action["column_count"]
        assert [len(row) for row in action["values"]] == [width] * height, "Office.js takes no other shape"
        cells = self.cells.setdefault(self._names[action["sheet_position"]], {})
        for down, row in enumerate(action["values"]):
            for across, value in enumerate(row):
                cells[address(action["start_row"] + down, action["start_column"] + across)] = value
        self.calls += 1

    def filled(self, sheet: str) -> dict[str, Any]:
        """The cells of a sheet that hold something afterwards."""
        return {place: value for place, value in self.cells.get(sheet, {}).items() if value not in ("", None)}
