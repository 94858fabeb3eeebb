"""Google Sheets: cells in and out, with as few requests as the limits allow. Rows and columns are counted from 0 here.

Written is RAW: a text that begins with = stays a text (developers.google.com/workspace/sheets/api/reference/rest).
"""

from __future__ import annotations

import json
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from sync.google.problems import GoogleError, OutcomeUnknown, read_back, settled
from sync.i18n import gettext as _
from sync.text import address

if TYPE_CHECKING:
    from sync.google.http import Client

Cell = str | int | float | bool
"""What a cell holds: dates are days since 30 December 1899, as in Excel; "" is an empty cell."""
Rows = Sequence[Sequence[Cell | None]]
"""What is written: "" empties a cell, None leaves it as it is."""
PAYLOAD = 1_900_000
"""Bytes of one request; Google advises 2 MB at most (developers.google.com/workspace/sheets/api/limits)."""
_PIECE = PAYLOAD // 20
_READ_BACK = 40
_AS_VALUES = {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "SERIAL_NUMBER"}


class Tab(NamedTuple):
    """A sheet of a spreadsheet."""

    title: str
    sheet_id: int
    rows: int
    columns: int
    frozen_rows: int


class Area(NamedTuple):
    """Cells from the first row and column to before the last ones, as Google has it."""

    first_row: int
    first_column: int
    end_row: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Protection:
    """What nobody but this account and `editors` may change: of the tab `title` all but the `free` areas.

    `description` is shown to people, and is what the protection is known by.
    """

    title: str
    description: str
    free: Sequence[Area] = ()
    editors: Sequence[str] = ()


def in_tab(title: str, cells: str = "") -> str:
    """The A1 notation of `cells` in the tab `title`, or of all of it."""
    quoted = "'" + title.replace("'", "''") + "'"
    return f"{quoted}!{cells}" if cells else quoted


def read(client: Client, spreadsheet_id: str, wanted: Sequence[str]) -> dict[str, list[list[Cell]]]:
    """The rows of the tabs `wanted`, from A1 on, all of a tab as long as its longest; in one request, one state.

    A tab that is not there is left out; then it takes three requests. Titles agree in NFC. Rows at the end that are
    empty are left out. Raises GoogleError.
    """
    try:
        return _read(client, spreadsheet_id, {title: title for title in wanted})
    except GoogleError as error:
        if error.kind != "no_range":
            raise
    there = {_nfc(title): title for title in titles(client, spreadsheet_id)}
    return _read(client, spreadsheet_id, {title: there[_nfc(title)] for title in wanted if _nfc(title) in there})


def _read(client: Client, spreadsheet_id: str, title_there: Mapping[str, str]) -> dict[str, list[list[Cell]]]:
    if not title_there:
        return {}
    found = _values(client, spreadsheet_id, [in_tab(title) for title in title_there.values()])
    return {title: _padded(rows) for title, rows in zip(title_there, found, strict=True)}


def _values(client: Client, spreadsheet_id: str, ranges: list[str]) -> list[list[list[Cell]]]:
    """The values of each range, as Google trims them."""
    answer = client.values_batch_get(spreadsheet_id, ranges, dict(_AS_VALUES))
    return [each.get("values", []) for each in answer["valueRanges"]]


def _padded(rows: list[list[Cell]]) -> list[list[Cell]]:
    width = max(map(len, rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows]


def _nfc(title: str) -> str:
    return unicodedata.normalize("NFC", title)


def titles(client: Client, spreadsheet_id: str) -> list[str]:
    """The titles of all tabs, in their order, those of hidden ones too. Raises GoogleError."""
    return [tab.title for tab in tabs(client, spreadsheet_id)]


def tabs(client: Client, spreadsheet_id: str) -> list[Tab]:
    """All tabs, in their order, hidden ones too. Raises GoogleError."""
    fields = "sheets.properties(sheetId,title,gridProperties(rowCount,columnCount,frozenRowCount))"
    answer = client.spreadsheets_get(spreadsheet_id, {"fields": fields})
    return [_tab(sheet["properties"]) for sheet in answer["sheets"]]


def _tab(raw: Mapping[str, Any]) -> Tab:
    """Google leaves out whatever is 0."""
    grid = raw.get("gridProperties", {})
    counts = (grid.get(key, 0) for key in ("rowCount", "columnCount", "frozenRowCount"))
    return Tab(raw["title"], raw.get("sheetId", 0), *counts)


def write(client: Client, spreadsheet_id: str, data: Mapping[str, Rows]) -> None:
    """Puts rows into ranges in A1 notation, in one request unless that would be too large.

    Where an answer is lost it is read back, and what is not there written once more: the same cells get the same
    values. Raises GoogleError, OutcomeUnknown where it could not be found out.
    """
    for part in _parts(data):
        body = {
            "valueInputOption": "RAW",
            "data": [{"range": cells, "majorDimension": "ROWS", "values": rows} for cells, rows in part.items()],
        }
        settled(
            partial(client.values_batch_update, spreadsheet_id, body),
            partial(_is_written, client, spreadsheet_id, part),
        )


def _parts(data: Mapping[str, Rows]) -> Iterator[dict[str, Rows]]:
    """`data` in parts of at most PAYLOAD bytes; a range that is larger has one of its own."""
    part: dict[str, Rows] = {}
    size = 0
    for cells, rows in data.items():
        more = _size(rows) + len(cells.encode()) + 60
        if part and size + more > PAYLOAD:
            yield part
            part, size = {}, 0
        part[cells] = rows
        size += more
    if part:
        yield part


def _size(rows: Rows) -> int:
    return len(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode())


def _is_written(client: Client, spreadsheet_id: str, part: Mapping[str, Rows]) -> bool:
    ranges = list(part)
    # A few at a time, because ranges that are read stand in the address.
    groups = [ranges[first : first + _READ_BACK] for first in range(0, len(ranges), _READ_BACK)]
    there = [found for group in groups for found in _values(client, spreadsheet_id, group)]
    return all(_agree(rows, found) for rows, found in zip(part.values(), there, strict=True))


def _agree(written: Rows, there: list[list[Cell]]) -> bool:
    return all(
        cell is None or _same(cell, _at(there, row, column))
        for row, cells in enumerate(written)
        for column, cell in enumerate(cells)
    )


def _at(rows: list[list[Cell]], row: int, column: int) -> Cell:
    return rows[row][column] if row < len(rows) and column < len(rows[row]) else ""


def _same(one: Cell, other: Cell) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def replace_tabs(client: Client, spreadsheet_id: str, contents: Mapping[str, Rows]) -> None:
    """Makes each tab of `contents` hold just these rows from A1 on; other tabs stay as they are.

    A tab that is missing is added. It gets as many rows as `contents` has, so that nothing old stays below; columns
    to the right of ours stay. One request to look, one to fit the tabs where they do not, and one for each PAYLOAD of
    values. Until it is done, readers may see old rows beside new ones. Raises GoogleError.
    """
    there = tabs(client, spreadsheet_id)
    known = {_nfc(tab.title): tab for tab in there}
    emptied = dict(_emptied(known.get(_nfc(title)), title, rows) for title, rows in contents.items())
    if requests := list(_fitting(there, emptied)):
        settled(
            partial(client.batch_update, spreadsheet_id, {"requests": requests}),
            lambda: not list(_fitting(tabs(client, spreadsheet_id), emptied)),
        )
    write(client, spreadsheet_id, dict(_pieces(emptied)))


def _emptied(tab: Tab | None, title: str, rows: Rows) -> tuple[str, list[list[Cell]]]:
    """A tab's title as it is there, and its rows with every cell said, so that none keeps what was there before."""
    width = max([1, *map(len, rows)])
    full = [["" if cell is None else cell for cell in row] + [""] * (width - len(row)) for row in rows]
    # A tab needs one row that is not frozen.
    height = tab.frozen_rows + 1 if tab else 1
    full += [[""] * width for _ in range(height - len(full))]
    return tab.title if tab else title, full


def _fitting(there: Iterable[Tab], contents: Mapping[str, list[list[Cell]]]) -> Iterator[dict[str, Any]]:
    """The requests after which each tab is there, with the rows that it needs and with columns enough."""
    known = {_nfc(tab.title): tab for tab in there}
    taken = {tab.sheet_id for tab in known.values()}
    for title, rows in contents.items():
        tab = known.get(_nfc(title))
        if tab is None:
            sheet_id = _free_id(title, taken)
            taken.add(sheet_id)
            grid = {"rowCount": len(rows), "columnCount": len(rows[0])}
            yield {"addSheet": {"properties": {"sheetId": sheet_id, "title": title, "gridProperties": grid}}}
            continue
        width = max(len(rows[0]), tab.columns)
        if (len(rows), width) != (tab.rows, tab.columns):
            yield _resized(tab.sheet_id, len(rows), width)


def _free_id(title: str, taken: set[int]) -> int:
    """An id that follows from the title: a tab that is added twice is refused the second time."""
    number = zlib.crc32(title.encode()) & 0x7FFFFFFF
    while number in taken:
        number = (number + 1) & 0x7FFFFFFF
    return number


def _resized(sheet_id: int, rows: int, columns: int) -> dict[str, Any]:
    properties = {"sheetId": sheet_id, "gridProperties": {"rowCount": rows, "columnCount": columns}}
    fields = "gridProperties.rowCount,gridProperties.columnCount"
    return {"updateSheetProperties": {"properties": properties, "fields": fields}}


def _pieces(contents: Mapping[str, list[list[Cell]]]) -> Iterator[tuple[str, list[list[Cell]]]]:
    """Ranges with their rows, each small beside PAYLOAD, so that they fill requests well."""
    for title, rows in contents.items():
        first, size = 0, 0
        for number, row in enumerate(rows):
            more = _size([row])
            if number > first and size + more > _PIECE:
                yield _range(title, first, rows[first:number]), rows[first:number]
                first, size = number, 0
            size += more
        yield _range(title, first, rows[first:]), rows[first:]


def _range(title: str, first_row: int, rows: list[list[Cell]]) -> str:
    return in_tab(title, f"{address(first_row, 0)}:{address(first_row + len(rows) - 1, len(rows[0]) - 1)}")


def protect(client: Client, spreadsheet_id: str, protections: Sequence[Protection]) -> None:
    """Adds those protections that are not there yet, by their descriptions; at most one request to look, one to write.

    Where the answer is lost it is read back and never repeated, because Google keeps a protection twice. Raises
    GoogleError, of the kind "no_range" where a tab is missing; then nothing is written.
    """
    ids, there = _looked_at(client, spreadsheet_id)
    missing = [each for each in protections if _nfc(each.description) not in there]
    if not missing:
        return
    requests = [_protecting(each, _id_of(each.title, ids)) for each in missing]
    try:
        client.batch_update(spreadsheet_id, {"requests": requests})
    except OutcomeUnknown as unknown:
        if not read_back(lambda: _are_there(client, spreadsheet_id, missing), unknown):
            raise


def _are_there(client: Client, spreadsheet_id: str, protections: Sequence[Protection]) -> bool:
    _ids, there = _looked_at(client, spreadsheet_id)
    return {_nfc(each.description) for each in protections} <= there


def _looked_at(client: Client, spreadsheet_id: str) -> tuple[dict[str, int], set[str]]:
    """The ids of tabs by their titles, and the descriptions of what is protected."""
    fields = "sheets(properties(sheetId,title),protectedRanges.description)"
    sheets = client.spreadsheets_get(spreadsheet_id, {"fields": fields})["sheets"]
    ids = {_nfc(sheet["properties"]["title"]): sheet["properties"].get("sheetId", 0) for sheet in sheets}
    protected = [each for sheet in sheets for each in sheet.get("protectedRanges", ())]
    return ids, {_nfc(each.get("description", "")) for each in protected}


def _id_of(title: str, ids: Mapping[str, int]) -> int:
    if _nfc(title) not in ids:
        raise GoogleError("no_range", _("The spreadsheet has no tab '{title}'.").format(title=title))
    return ids[_nfc(title)]


def _protecting(protection: Protection, sheet_id: int) -> dict[str, Any]:
    protected: dict[str, Any] = {"range": {"sheetId": sheet_id}, "description": protection.description}
    if protection.free:
        protected["unprotectedRanges"] = [_grid_range(sheet_id, area) for area in protection.free]
    if protection.editors:
        protected["editors"] = {"users": list(protection.editors)}
    return {"addProtectedRange": {"protectedRange": protected}}


def _grid_range(sheet_id: int, area: Area) -> dict[str, int]:
    return {
        "sheetId": sheet_id,
        "startRowIndex": area.first_row,
        "endRowIndex": area.end_row,
        "startColumnIndex": area.first_column,
        "endColumnIndex": area.end_column,
    }
