"""The cells of a Google Sheet, or of an open workbook, as bytes and back: what a receipt is, and what the reader sees.

Canonical JSON: the same cells of the same school are the same bytes, whatever the spreadsheet is called and whenever
it was read. They begin with sync.landmarks.SHEET_MAGIC. Google gives dates as Excel's serial numbers; an open workbook
gives them as moments, which stand here as {"date": "2024-11-01T00:00:00"} or {"time": "07:30:00"}.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from math import isfinite
from typing import Any

from sync.intake.tables import Sheet, folded
from sync.intake.values import Raw
from sync.landmarks import VERDICT_HEADING


class NotASheetError(Exception):
    """The bytes begin as a Google Sheet and are none."""


def to_bytes(tabs: Mapping[str, Sequence[Sequence[object]]], bound_to: str) -> bytes:
    """The rows of each tab, from A1 on, as canonical JSON; empty rows and cells at the end are left out.

    `bound_to` is the school whose spreadsheet it is, by its code: what one school copies of another is a content of
    its own, and has a verdict of its own.
    """
    kept = [{"title": title, "rows": _trimmed(_typed_in(rows))} for title, rows in sorted(tabs.items())]
    document = {"baocao": "google-sheet", "school": bound_to, "tabs": kept}
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_moment)
    return text.encode("utf-8", "replace")


def _moment(cell: object) -> dict[str, str]:
    if isinstance(cell, time):
        return {"time": cell.isoformat()}
    if isinstance(cell, date):
        return {"date": cell.isoformat()}
    raise TypeError("not a cell")


def _typed_in(rows: Sequence[Sequence[object]]) -> list[list[object]]:
    """`rows` without what the workbook calculates itself: that changes when a verdict is written, and nobody typed it.

    The column of verdicts and all that is right of it, and the count in the row over the headings.
    """
    wanted = folded(VERDICT_HEADING)
    for number, row in enumerate(rows):
        verdicts = [at for at, cell in enumerate(row) if isinstance(cell, str) and folded(cell) == wanted]
        if verdicts:
            kept = [list(each[: verdicts[0]]) for each in rows]
            kept[max(number - 1, 0) : number] = [[]] * min(number, 1)
            return kept
    return [list(row) for row in rows]


def _trimmed(rows: Sequence[Sequence[object]]) -> list[list[object]]:
    kept = [list(row) for row in rows]
    for row in kept:
        while row and row[-1] == "":
            row.pop()
    while kept and not kept[-1]:
        kept.pop()
    return kept


class SheetBook:
    """A Google Sheet that was read, as the reader sees a workbook; no tab of it is unreadable."""

    def __init__(self, content: bytes, max_cells: int) -> None:
        """Raises NotASheetError."""
        try:
            tabs = _list(json.loads(content)["tabs"])
            self._sheets = {str(tab["title"]): _sheet(str(tab["title"]), tab["rows"], max_cells) for tab in tabs}
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            raise NotASheetError(str(error)) from error
        self.names = tuple(self._sheets)
        self.unreadable: list[str] = []

    def named(self, name: str) -> Iterator[Sheet]:
        """The tabs whose title is the folded `name`."""
        return (sheet for title, sheet in self._sheets.items() if folded(title) == name)

    def sheet(self, name: str) -> Sheet | None:
        """The tab `name`."""
        return self._sheets.get(name)


def _sheet(title: str, raw: object, max_cells: int) -> Sheet:
    rows = [_list(row) for row in _list(raw)]
    width = max(map(len, rows), default=0)
    if len(rows) * width > max_cells:
        raise NotASheetError("too many cells")
    return Sheet(title, 0, 0, [[_raw(cell) for cell in row] + [""] * (width - len(row)) for row in rows])


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value


def _raw(cell: object) -> Raw:
    """A cell as calamine gives it: numbers are float."""
    if isinstance(cell, bool | str):
        return cell
    if isinstance(cell, int | float) and isfinite(cell):
        return float(cell)
    match cell:
        case {"date": str(text)}:
            return datetime.fromisoformat(text)
        case {"time": str(text)}:
            return time.fromisoformat(text)
    raise TypeError("not a cell")
