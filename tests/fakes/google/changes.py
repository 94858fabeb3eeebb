"""The requests of spreadsheets.batchUpdate that are modelled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from tests.fakes.google import fields
from tests.fakes.google.a1 import Box
from tests.fakes.google.answers import NotModelled, invalid
from tests.fakes.google.calls import Call
from tests.fakes.google.described import properties_of, protected_of
from tests.fakes.google.state import COLUMNS, ROWS, File, Protected, Tab

_CELLS = 10_000_000
_SETTABLE = {
    "title": "title",
    "hidden": "hidden",
    "gridProperties.rowCount": "row_count",
    "gridProperties.columnCount": "column_count",
    "gridProperties.frozenRowCount": "frozen_rows",
    "gridProperties.frozenColumnCount": "frozen_columns",
}
Changed = tuple[tuple[Tab, ...], dict[str, Any]]
"""The tabs after a request, and the reply to it."""


def check_size(tabs: tuple[Tab, ...]) -> None:
    """Raises Refusal where a spreadsheet would have more than ten million cells."""
    if sum(tab.row_count * tab.column_count for tab in tabs) > _CELLS:
        raise invalid(
            f"This action would increase the number of cells in the workbook above the limit of {_CELLS} cells."
        )


def overlaps(protected: Protected, box: Box) -> bool:
    """Whether a box has a cell that is protected."""
    return _meets(protected.range, box) and any(
        _meets(protected.range, cell) and not any(_meets(free, cell) for free in protected.unprotected)
        for cell in _cells(box)
    )


def _add_sheet(call: Call, file: File, tabs: tuple[Tab, ...], what: Mapping[str, Any]) -> Changed:
    wanted = what.get("properties", {})
    given = {name: value for name, value in _flat(wanted).items() if name != "sheetType"}
    call.only([*_SETTABLE, "sheetId", "index"], given, "addSheet: ")
    if wanted.get("sheetType", "GRID") != "GRID":
        raise NotModelled("tabs without a grid")
    sheet_id = given.get("sheetId", call.state.number())
    title = given.get("title", f"Sheet{len(tabs) + 1}")
    _check_title(title, tabs)
    if any(tab.sheet_id == sheet_id for tab in tabs):
        raise invalid(f"A sheet with the ID {sheet_id} already exists. Please choose another ID.")
    new = Tab(sheet_id, title, (), ROWS, COLUMNS)
    new = replace(new, **{_SETTABLE[name]: value for name, value in given.items() if name in _SETTABLE})
    _check_grid(new)
    index = min(given.get("index", len(tabs)), len(tabs))
    changed = (*tabs[:index], new, *tabs[index:])
    return changed, {"addSheet": {"properties": properties_of(new, index, call.state.says_zero)}}


def _delete_sheet(call: Call, file: File, tabs: tuple[Tab, ...], what: Mapping[str, Any]) -> Changed:
    gone = _tab(tabs, what.get("sheetId", 0))
    left = tuple(tab for tab in tabs if tab is not gone)
    if not any(not tab.hidden for tab in left):
        raise invalid("You can't remove all the visible sheets in a document.")
    return left, {}


def _update_properties(call: Call, file: File, tabs: tuple[Tab, ...], what: Mapping[str, Any]) -> Changed:
    given = _flat(what.get("properties", {}))
    tab = _tab(tabs, given.get("sheetId", 0))
    if not what.get("fields"):
        raise invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    names = list(fields.paths(fields.parse(what["fields"])))
    call.only(_SETTABLE, dict.fromkeys(names), "updateSheetProperties: ")
    empty = Tab(0, "", (), 0, 0)
    changes = {_SETTABLE[name]: given.get(name, getattr(empty, _SETTABLE[name])) for name in names}
    if changes.get("title", tab.title) != tab.title:
        _check_title(changes["title"], tabs)
    changed = replace(tab, **changes)
    _check_grid(changed)
    cut = tuple(row[: changed.column_count] for row in changed.rows[: changed.row_count])
    return tuple(replace(changed, rows=cut) if each is tab else each for each in tabs), {}


def _add_protected(call: Call, file: File, tabs: tuple[Tab, ...], what: Mapping[str, Any]) -> Changed:
    wanted = what.get("protectedRange", {})
    call.only({"range", "description", "warningOnly", "editors", "unprotectedRanges"}, wanted, "addProtectedRange: ")
    call.only({"users"}, wanted.get("editors", {}), "editors: ")
    if "range" not in wanted:
        raise invalid("No range, named range or table specified for protected range.")
    tab = _tab(tabs, wanted["range"].get("sheetId", 0))
    if any(free.get("sheetId", 0) != tab.sheet_id for free in wanted.get("unprotectedRanges", [])):
        raise invalid("An unprotected range is on another sheet than the protected range.")
    # Whoever protects a range can always edit it, and so can the owner.
    editors = dict.fromkeys([*wanted.get("editors", {}).get("users", []), call.account, file.owner])
    protected = Protected(
        call.state.number(),
        dict(wanted["range"]),
        wanted.get("description", ""),
        wanted.get("warningOnly", False),
        tuple(address for address in editors if address),
        tuple(dict(free) for free in wanted.get("unprotectedRanges", [])),
    )
    changed = replace(tab, protected=(*tab.protected, protected))
    reply = {"addProtectedRange": {"protectedRange": protected_of(protected, call.account, file)}}
    return tuple(changed if each is tab else each for each in tabs), reply


CHANGES: Mapping[str, Callable[[Call, File, tuple[Tab, ...], Mapping[str, Any]], Changed]] = {
    "addSheet": _add_sheet,
    "deleteSheet": _delete_sheet,
    "updateSheetProperties": _update_properties,
    "addProtectedRange": _add_protected,
}
"""What each kind of request does; the refusals that they raise are told with the request's place before them."""


def _flat(given: Mapping[str, Any]) -> dict[str, Any]:
    grid = {f"gridProperties.{name}": value for name, value in given.get("gridProperties", {}).items()}
    return {**{name: value for name, value in given.items() if name != "gridProperties"}, **grid}


def _tab(tabs: tuple[Tab, ...], sheet_id: int) -> Tab:
    found = next((tab for tab in tabs if tab.sheet_id == sheet_id), None)
    if found is None:
        raise invalid(f"No grid with id: {sheet_id}")
    return found


def _check_title(title: str, tabs: tuple[Tab, ...]) -> None:
    if not title:
        raise invalid("Sheet name cannot be empty.")
    if any(tab.title == title for tab in tabs):
        raise invalid(f'A sheet with the name "{title}" already exists. Please enter another name.')


def _check_grid(tab: Tab) -> None:
    if tab.row_count < 1 or tab.column_count < 1:
        raise invalid("A sheet must have at least one row and one column.")
    if tab.frozen_rows >= tab.row_count or tab.frozen_columns >= tab.column_count:
        raise invalid("You can't freeze all visible rows or columns on the sheet.")


def _meets(place: Mapping[str, int], box: Box) -> bool:
    top, left = place.get("startRowIndex", 0), place.get("startColumnIndex", 0)
    bottom, right = place.get("endRowIndex", _CELLS), place.get("endColumnIndex", _CELLS)
    return box.top < bottom and top < (box.bottom or 0) and box.left < right and left < (box.right or 0)


def _cells(box: Box) -> Iterator[Box]:
    for row in range(box.top, box.bottom or 0):
        yield from (Box(row, column, row + 1, column + 1) for column in range(box.left, box.right or 0))
