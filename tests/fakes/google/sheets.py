"""The Sheets API, as far as it is modelled: https://developers.google.com/workspace/sheets/api/reference/rest/v4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from tests.fakes.google import a1, values
from tests.fakes.google.answers import NotModelled, Refusal, entity_not_found, invalid, not_shared
from tests.fakes.google.calls import Call, Operation
from tests.fakes.google.changes import CHANGES, check_size, overlaps
from tests.fakes.google.described import properties_of, protected_of
from tests.fakes.google.state import SPREADSHEET, File, Tab, Value, rows_of

_RENDERED = frozenset("valueRenderOption dateTimeRenderOption majorDimension".split())


def get(call: Call) -> dict[str, Any]:
    """spreadsheets.get without cells."""
    file = _file(call, "reader")
    if call.parameters.get("includeGridData"):
        raise NotModelled("includeGridData")
    url = f"https://docs.google.com/spreadsheets/d/{file.id}/edit"
    title = {"title": file.name, "locale": "vi_VN", "autoRecalc": "ON_CHANGE", "timeZone": "Asia/Ho_Chi_Minh"}
    sheets = [_sheet(call, file, index) for index in range(len(file.tabs))]
    return {"spreadsheetId": file.id, "properties": title, "sheets": sheets, "spreadsheetUrl": url}


def values_get(call: Call) -> dict[str, Any]:
    """values.get."""
    return _values(call, _file(call, "reader"), call.path["range"])


def values_batch_get(call: Call) -> dict[str, Any]:
    """values.batchGet: all ranges of one state."""
    file = _file(call, "reader")
    found = [_values(call, file, each) for each in call.parameters.get("ranges", [])]
    return {"spreadsheetId": file.id, **({"valueRanges": found} if found else {})}


def values_batch_update(call: Call) -> dict[str, Any]:
    """values.batchUpdate with RAW: all or nothing."""
    file = _file(call, "writer")
    call.only({"valueInputOption", "data"})
    option = call.body.get("valueInputOption", "INPUT_VALUE_OPTION_UNSPECIFIED")
    if option == "INPUT_VALUE_OPTION_UNSPECIFIED":
        raise invalid("'valueInputOption' is required but not specified")
    if option != "RAW":
        raise NotModelled(f"values.batchUpdate with {option}")
    tabs, done = file.tabs, []
    for index, data in enumerate(call.body.get("data", [])):
        tabs, response = _write(call, file, tabs, data, f"data[{index}]")
        done.append(response)
    call.state.commit(file, tabs, call.account)
    return {
        "spreadsheetId": file.id,
        "totalUpdatedRows": sum(each["updatedRows"] for each in done),
        "totalUpdatedColumns": sum(each["updatedColumns"] for each in done),
        "totalUpdatedCells": sum(each["updatedCells"] for each in done),
        "totalUpdatedSheets": len({each["updatedRange"].rpartition("!")[0] for each in done}),
        "responses": done,
    }


def values_batch_clear(call: Call) -> dict[str, Any]:
    """values.batchClear: all or nothing."""
    file = _file(call, "writer")
    tabs, cleared = file.tabs, []
    for text in call.body.get("ranges", []):
        tab, box = _place(tabs, text, clamped=True)
        _check_protected(call, file, tab, box)
        tabs = _with(tabs, _put(tab, box, ((None for _ in range(_width(box))) for _ in range(_height(box)))))
        cleared.append(a1.text_of(tab.title, box))
    call.state.commit(file, tabs, call.account)
    return {"spreadsheetId": file.id, "clearedRanges": cleared}


def batch_update(call: Call) -> dict[str, Any]:
    """spreadsheets.batchUpdate: all requests or none."""
    file = _file(call, "writer")
    call.only({"requests"})
    requests = call.body.get("requests", [])
    if not requests:
        raise invalid("Must specify at least one request.")
    tabs, replies = file.tabs, []
    for index, request in enumerate(requests):
        tabs, reply = _change(call, file, tabs, index, request)
        replies.append(reply)
    call.state.commit(file, tabs, call.account)
    return {"spreadsheetId": file.id, "replies": replies}


OPERATIONS: Mapping[str, Operation] = {
    "sheets.spreadsheets.get": Operation(get, frozenset({"includeGridData"}), "Read"),
    "sheets.spreadsheets.batchUpdate": Operation(batch_update, quota="Write"),
    "sheets.spreadsheets.values.get": Operation(values_get, _RENDERED, "Read"),
    "sheets.spreadsheets.values.batchGet": Operation(values_batch_get, _RENDERED | {"ranges"}, "Read"),
    "sheets.spreadsheets.values.batchUpdate": Operation(values_batch_update, quota="Write"),
    "sheets.spreadsheets.values.batchClear": Operation(values_batch_clear, quota="Write"),
}
"""What each method is answered by."""


def _file(call: Call, role: str) -> File:
    file = call.state.files.get(call.path["spreadsheetId"])
    if file is None or file.mime != SPREADSHEET or (call.owned_only and file.by_app != call.account):
        raise entity_not_found()
    if not call.state.may(call.account, file, role):
        raise not_shared()
    return file


def _sheet(call: Call, file: File, index: int) -> dict[str, Any]:
    tab = file.tabs[index]
    sheet: dict[str, Any] = {"properties": properties_of(tab, index, call.state.says_zero)}
    if tab.protected:
        sheet["protectedRanges"] = [protected_of(each, call.account, file) for each in tab.protected]
    return sheet


def _values(call: Call, file: File, text: str) -> dict[str, Any]:
    if call.parameters.get("majorDimension", "ROWS") != "ROWS":
        raise NotModelled("majorDimension other than ROWS")
    option = call.parameters.get("valueRenderOption", "FORMATTED_VALUE")
    dates = call.parameters.get("dateTimeRenderOption", "SERIAL_NUMBER")
    tab, box = _place(file.tabs, text, clamped=True)
    rows = rows_of(row[box.left : box.right] for row in tab.rows[box.top : box.bottom])
    answer: dict[str, Any] = {"range": a1.text_of(tab.title, box), "majorDimension": "ROWS"}
    if rows:
        answer["values"] = [values.row(row, option, dates) for row in rows]
    return answer


def _place(tabs: tuple[Tab, ...], text: str, *, clamped: bool) -> tuple[Tab, a1.Box]:
    """The tab and the box of a range. `clamped`: what lies past the grid is left off, as Google does when it reads."""
    found = a1.parse(text, [tab.title for tab in tabs])
    if found is None:
        raise invalid(f"Unable to parse range: {text}")
    tab = next(tab for tab in tabs if tab.title == found[0])
    box = found[1]
    past = box.top >= tab.row_count or box.left >= tab.column_count
    if past or (not clamped and ((box.bottom or 0) > tab.row_count or (box.right or 0) > tab.column_count)):
        limits = f"Max rows: {tab.row_count}, max columns: {tab.column_count}"
        raise invalid(f"Range ({text}) exceeds grid limits. {limits}")
    return tab, box.within(tab.row_count, tab.column_count) if clamped else box


def _write(
    call: Call, file: File, tabs: tuple[Tab, ...], data: Mapping[str, Any], where: str
) -> tuple[tuple[Tab, ...], dict[str, Any]]:
    if data.get("majorDimension", "ROWS") != "ROWS":
        raise NotModelled("majorDimension other than ROWS")
    text, rows = data.get("range", ""), data.get("values", [])
    tab, box = _place(tabs, text, clamped=False)
    _check_fit(text, box, rows)
    width = max((len(row) for row in rows), default=0)
    written = a1.Box(box.top, box.left, box.top + len(rows), box.left + width)
    response = {"spreadsheetId": file.id, "updatedRange": a1.text_of(tab.title, box.within(tab.row_count, 1))}
    counted = {"updatedRows": 0, "updatedColumns": 0, "updatedCells": 0}
    if not width:
        return tabs, response | counted
    _check_protected(call, file, tab, written)
    cells = [[_cell(value, f"{where}.values[{r}][{c}]") for c, value in enumerate(row)] for r, row in enumerate(rows)]
    tabs = _with(tabs, _put(tab, written, cells))
    check_size(tabs)
    counted = {"updatedRows": len(rows), "updatedColumns": width, "updatedCells": sum(len(row) for row in rows)}
    return tabs, response | {"updatedRange": a1.text_of(tab.title, written)} | counted


_LEFT = object()
"""A cell that is left as it is."""


def _cell(value: Any, where: str) -> Any:
    return _LEFT if value is None else values.from_raw(value, where)


def _check_fit(text: str, box: a1.Box, rows: list[list[Any]]) -> None:
    """A range of several cells bounds what is written; one of one cell, or a tab, says only where it begins."""
    if box.anchor:
        return
    width = max((len(row) for row in rows), default=0)
    if box.bottom is not None and box.top + len(rows) > box.bottom:
        raise invalid(f"Requested writing within range [{text}], but tried writing to row [{box.bottom + 1}]")
    if box.right is not None and box.left + width > box.right:
        column = a1.column_letters(box.right)
        raise invalid(f"Requested writing within range [{text}], but tried writing to column [{column}]")


def _put(tab: Tab, box: a1.Box, cells: Iterable[Iterable[Any]]) -> Tab:
    """The tab with cells from the box's corner on. The grid grows where they run past it."""
    rows = [list(row) for row in tab.rows]
    for r, new in enumerate(cells, box.top):
        rows += [[] for _ in range(r + 1 - len(rows))]
        for c, value in enumerate(new, box.left):
            if value is not _LEFT:
                rows[r] += [None] * (c + 1 - len(rows[r]))
                rows[r][c] = value
    height, width = max(tab.row_count, box.bottom or 0), max(tab.column_count, box.right or 0)
    return replace(tab, rows=rows_of(rows), row_count=height, column_count=width)


def put(tab: Tab, box: a1.Box, cells: Iterable[Iterable[Value]]) -> Tab:
    """The tab with cells from the box's corner on, as a person types them."""
    return _put(tab, box, cells)


def _with(tabs: tuple[Tab, ...], changed: Tab) -> tuple[Tab, ...]:
    return tuple(changed if tab.sheet_id == changed.sheet_id else tab for tab in tabs)


def _check_protected(call: Call, file: File, tab: Tab, box: a1.Box) -> None:
    for each in tab.protected:
        free = each.warning_only or call.account in each.editors or call.account == file.owner
        if not free and overlaps(each, box):
            raise invalid(
                "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove "
                "protection if you need to edit."
            )


def _change(
    call: Call, file: File, tabs: tuple[Tab, ...], index: int, request: Mapping[str, Any]
) -> tuple[tuple[Tab, ...], dict[str, Any]]:
    if len(request) != 1:
        raise invalid(f"Invalid requests[{index}]: exactly one kind of request must be set")
    [(kind, what)] = request.items()
    if kind not in CHANGES:
        raise NotModelled(f"spreadsheets.batchUpdate with {kind}")
    try:
        changed = CHANGES[kind](call, file, tabs, what)
        check_size(changed[0])
    except Refusal as refusal:
        raise invalid(f"Invalid requests[{index}].{kind}: {refusal.message}") from refusal
    return changed


def _height(box: a1.Box) -> int:
    return (box.bottom or 0) - box.top


def _width(box: a1.Box) -> int:
    return (box.right or 0) - box.left
