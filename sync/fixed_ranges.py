"""What of a school's Google Sheet nobody but the office may change: all but the cells that the school fills in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from sync.landmarks import INFO_SHEET, META_SHEET
from sync.outputs import layout as at
from sync.plan import Plan, Table

if TYPE_CHECKING:
    from sync.google.http import Client
    from sync.google.sheets import Area, Protection

_DESCRIPTION = "Phần cố định: {sheet}"


def protections(plan: Plan, level: str) -> list[Protection]:
    """What is protected in the spreadsheet of a school of that level, a protection for each tab.

    Free are just the cells that are open in the school's workbook: closed ones, and rows of other levels, are not. So
    are those of answers: what runs in the spreadsheet writes as the person who clicked.
    """
    from sync.google.sheets import Area, Protection

    tables = {table.sheet: table for table in plan.all_tables}
    last = at.INFO_OPEN_FIRST_ROW + len(at.INFO_OPEN_LABELS)
    end = at.FINDINGS_FIX_COLUMN + 1
    free = {
        INFO_SHEET: [Area(at.INFO_OPEN_FIRST_ROW, at.INFO_VALUE_COLUMN, last, at.INFO_VALUE_COLUMN + 1)],
        at.FINDINGS_SHEET: [
            Area(at.RECEIPT_FIRST_ROW, at.FINDINGS_SEVERITY_COLUMN, at.RECEIPT_FIRST_ROW + at.RECEIPT_ROWS, end),
            Area(at.FINDINGS_FIRST_ROW, at.FINDINGS_KEY_COLUMN, at.FINDINGS_FIRST_ROW + at.FINDINGS_ROWS, end),
        ],
        **{sheet: _open_areas(plan, table, level) for sheet, table in tables.items()},
    }
    return [Protection(sheet, _DESCRIPTION.format(sheet=sheet), free.get(sheet, ())) for sheet in at.sheet_names(plan)]


def digest(plan: Plan, level: str) -> str:
    """A digest of what is protected; another one means that there is something to protect."""
    return hashlib.sha256(repr(protections(plan, level)).encode()).hexdigest()[:16]


def fix(client: Client, spreadsheet: str, plan: Plan, level: str) -> None:
    """Protects what is fixed, and hides what nobody is to see; what is so already stays. Raises GoogleError."""
    from sync.google import sheets
    from sync.google.problems import settled

    sheets.protect(client, spreadsheet, protections(plan, level))
    if (shown := _shown_meta(client, spreadsheet)) is not None:
        properties = {"sheetId": shown, "hidden": True}
        request = {"updateSheetProperties": {"properties": properties, "fields": "hidden"}}
        settled(
            partial(client.batch_update, spreadsheet, {"requests": [request]}),
            lambda: _shown_meta(client, spreadsheet) is None,
        )


def _shown_meta(client: Client, spreadsheet: str) -> int | None:
    """The id of the tab `_meta` while people see it."""
    answer = client.spreadsheets_get(spreadsheet, {"fields": "sheets.properties(sheetId,title,hidden)"})
    found = (sheet["properties"] for sheet in answer["sheets"])
    shown = (each for each in found if each["title"] == META_SHEET and not each.get("hidden", False))
    return next((each.get("sheetId", 0) for each in shown), None)


def _open_areas(plan: Plan, table: Table, level: str) -> list[Area]:
    """The open cells of a table as few rectangles: runs of columns, grown downwards while the next row has the same."""
    from sync.google.sheets import Area

    areas: list[Area] = []
    growing: dict[tuple[int, int], Area] = {}
    for number, runs in _open_runs(plan, table, level):
        before, growing = growing, {}
        for run in runs:
            above = before.get(run)
            first = above.first_row if above and above.end_row == number else number
            growing[run] = Area(first, run[0], number + 1, run[1])
        areas += [area for run, area in before.items() if run not in growing or growing[run].first_row == number]
    return [*areas, *growing.values()]


def _open_runs(plan: Plan, table: Table, level: str) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Each row of the table from the top, with the runs of its open columns (first, end)."""
    place = at.layout(plan)[table.id]
    for row in sorted(table.rows, key=lambda each: place.rows[each.code]):
        columns = [place.columns[each.id] for each in table.columns if each.id not in row.closed]
        yield place.rows[row.code], list(_runs(sorted(columns))) if row.is_for(level) else []


def _runs(columns: list[int]) -> Iterator[tuple[int, int]]:
    first = end = -1
    for column in columns:
        if column != end:
            if first >= 0:
                yield first, end
            first = column
        end = column + 1
    if first >= 0:
        yield first, end
