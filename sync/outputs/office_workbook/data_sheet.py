"""`Dữ liệu`: one row per entry, an Excel table; every total of the workbook counts over its columns by name."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pandas import DataFrame

from sync.consolidate import Consolidated
from sync.outputs.office_workbook import cells, formats
from sync.outputs.office_workbook.book import Book
from sync.outputs.office_workbook.links import Link, Links
from sync.plan import Column, Plan, Row, Table, TableId
from sync.text import address, fold

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

SHEET = "Dữ liệu"
TABLE = "DuLieu"

_BEFORE = {
    "Mã trường": 11.0,
    "Tên trường": 26.0,
    "Cấp học": 10.0,
    "Xã/phường": 14.0,
    "Kỳ": 14.0,
    "Bảng": 10.0,
    "Mã dòng": 8.0,
    "Nội dung": 40.0,
}
_AFTER = {"Tệp": 32.0, "Sheet": 10.0, "Ô": 6.0, "Lần nhận": 15.0, "Thời điểm nhận": 16.0, "Khoá": 14.0}
_LEVEL, _UNIT, _TABLE, _TEXT = 2, 3, 5, 7
_PAGE = 215.0
"""Characters across a landscape page."""
_HEIGHT = 13.5
"""One line of letters, and nothing of the next."""
_HEIGHT_LIMIT = 1_048_576


class TooManyEntriesError(ValueError):
    """More entries than one sheet has rows."""


@dataclass(frozen=True)
class DataColumn:
    """A fill-in column of `Dữ liệu`, shared by all columns of the plan with the same heading and kind."""

    heading: str
    column: Column
    members: frozenset[tuple[TableId, str]]


@dataclass(frozen=True)
class DataNames:
    """Names of the ranges that formulas count over."""

    key: str
    table: str
    level: str
    unit: str
    columns: Mapping[tuple[TableId, str], str]

    def matches(self, table: Table, row: Row) -> str:
        """The criterion pair of COUNTIFS that picks the entries of one row of the plan."""
        return f"{self.key},{cells.criterion(key_of(table, row.code))}"


def key_of(table: Table, code: str) -> str:
    """What stands in the column `Khoá`: no code can be taken for a number or a date there."""
    return f"{table.sheet}|{code}"


def data_columns(plan: Plan) -> tuple[DataColumn, ...]:
    """The fill-in columns of all tables, in the plan's order; headings are made different where kinds differ."""
    groups: dict[tuple[str, str, bool], list[tuple[Table, Column]]] = {}
    for table in plan.all_tables:
        for column in table.columns:
            groups.setdefault((fold(column.heading), column.kind, column.free), []).append((table, column))
    often = Counter(heading for heading, _, _ in groups)
    taken = {fold(heading) for heading in (*_BEFORE, *_AFTER)}
    found = []
    for (folded, _, _), members in groups.items():
        table, column = members[0]
        heading = column.heading if often[folded] == 1 else f"{column.heading} ({table.sheet})"
        heading = _unused(heading, taken)
        found.append(DataColumn(heading, column, frozenset((of.id, member.id) for of, member in members)))
    return tuple(found)


def _unused(heading: str, taken: set[str]) -> str:
    heading = cells.clean(heading)[:240]
    name, number = heading, 2
    while fold(name) in taken:
        name, number = f"{heading} ({number})", number + 1
    taken.add(fold(name))
    return name


def name_ranges(book: Book, sheet: Worksheet, consolidated: Consolidated) -> DataNames:
    """Defines the names of the ranges of `Dữ liệu`; raises TooManyEntriesError where the sheet has no room."""
    rows = sum(len(entries) for entries in consolidated.entries.values())
    if rows >= _HEIGHT_LIMIT:
        raise TooManyEntriesError(f"{rows} entries do not fit into one sheet")
    columns = data_columns(consolidated.plan)
    named: dict[tuple[TableId, str], str] = {}

    def name(heading: str, column: int) -> str:
        return book.name_range("dl", heading, sheet, column, 1, rows)

    for number, column in enumerate(columns, len(_BEFORE)):
        if column.column.is_number or column.column.kind == "choice":
            named.update(dict.fromkeys(column.members, name(column.heading, number)))
    key = len(_BEFORE) + len(columns) + len(_AFTER) - 1
    return DataNames(
        key=name("Khoá", key),
        table=name("Bảng", _TABLE),
        level=name("Cấp học", _LEVEL),
        unit=name("Xã/phường", _UNIT),
        columns=named,
    )


def write(book: Book, sheet: Worksheet, consolidated: Consolidated) -> None:
    """All entries, table after table, in the order of the schools."""
    columns = data_columns(consolidated.plan)
    row, links = 1, Links(consolidated.spreadsheets)
    for table in consolidated.plan.all_tables:
        entries = consolidated.entries[table.id]
        _write_fixed(book, sheet, row, table, entries, consolidated.period.key)
        for number, column in enumerate(columns, len(_BEFORE)):
            for identifier in [name for of, name in column.members if of == table.id]:
                _write_column(book, sheet, (row, number), entries, table.columns_by_id[identifier])
        _write_source(book, sheet, (row, len(_BEFORE) + len(columns)), table, entries, links.cells(entries))
        row += len(entries)
    _finish(book, sheet, columns, max(row - 1, 1))


def _write_fixed(book: Book, sheet: Worksheet, row: int, table: Table, entries: DataFrame, period: str) -> None:
    form = book.formats.get()
    for number, name in enumerate(("school", "name", "level", "unit")):
        cells.write_texts(sheet, row, number, cells.texts(entries[name]), form)
    cells.write_texts(sheet, row, 4, [cells.clean(period)] * len(entries), form)
    cells.write_texts(sheet, row, 5, [cells.clean(table.sheet)] * len(entries), form)
    cells.write_texts(sheet, row, 6, cells.texts(entries["row"]), form)
    contents = {each.code: content_of(table, each) for each in table.rows}
    cells.write_texts(sheet, row, _TEXT, cells.texts(entries["row"].map(contents)), _cut_off(book))


def content_of(table: Table, row: Row) -> str:
    """What a row is about: the longest of its printed texts' columns, by width."""
    widest = max(table.fixed, key=lambda fixed: fixed.width)
    return row.text(widest.id)


def _write_column(book: Book, sheet: Worksheet, at: tuple[int, int], entries: DataFrame, column: Column) -> None:
    values, form = entries[column.id], _look(book, column)
    if column.is_number:
        cells.write_numbers(sheet, *at, cells.numbers(values), form)
    elif column.kind == "date":
        cells.write_numbers(sheet, *at, cells.serials(values, book.zone), form)
    else:
        cells.write_texts(sheet, *at, cells.texts(values), _cut_off(book))


def _cut_off(book: Book) -> Format:
    """Of long texts: all rows are one line high, and what does not fit must not run over the cells beside."""
    return book.formats.get(text_wrap=True, valign="top")


def _look(book: Book, column: Column) -> Format:
    kinds = {"whole": formats.WHOLE, "number": formats.NUMBER, "date": formats.DATE}
    return book.formats.get(num_format=kinds.get(column.kind, "General"))


def _write_source(
    book: Book,
    sheet: Worksheet,
    at: tuple[int, int],
    table: Table,
    entries: DataFrame,
    links: Sequence[Link | str | None],
) -> None:
    row, column = at
    form = book.formats.get()
    cells.write_texts(sheet, row, column, cells.texts(entries["file"]), _cut_off(book))
    cells.write_texts(sheet, row, column + 1, cells.texts(entries["sheet"]), form)
    cells.write_links(sheet, row, column + 2, links, book.formats.get(**formats.LINK), form)
    cells.write_texts(sheet, row, column + 3, cells.receipts(entries["sha256"]), form)
    moments = cells.serials(entries["received_at"], book.zone)
    cells.write_numbers(sheet, row, column + 4, moments, book.formats.get(num_format=formats.MOMENT))
    keys = {each.code: key_of(table, each.code) for each in table.rows}
    cells.write_texts(sheet, row, column + 5, cells.texts(entries["row"].map(keys)), form)


def _finish(book: Book, sheet: Worksheet, columns: tuple[DataColumn, ...], last_row: int) -> None:
    header = book.formats.heading()
    sheet.set_default_row(_HEIGHT)
    headings = [*_BEFORE, *(column.heading for column in columns), *_AFTER]
    widths = [*_BEFORE.values(), *(_width(column.column) for column in columns), *_AFTER.values()]
    formats.set_widths(sheet, widths)
    sheet.set_column(len(widths) - 1, len(widths) - 1, widths[-1], None, {"hidden": True})
    _add_table(sheet, headings, header, last_row)
    sheet.set_row(0, formats.height_for(zip(headings, (width - 2 for width in widths), strict=True)))
    sheet.freeze_panes(1, 2)
    sheet.hide_gridlines(0)
    # On one page across nobody could read it.
    sheet.repeat_columns(0, 1)
    repeated = sum(widths[:2])
    across = math.ceil((sum(widths[:-1]) - repeated) / (_PAGE - repeated))
    formats.set_up_page(sheet, book.office, repeat=(0, 0), across=across)


def _add_table(sheet: Worksheet, headings: Sequence[str], header: Format, last_row: int) -> None:
    columns = [{"header": heading, "header_format": header} for heading in headings]
    options = {"name": TABLE, "style": "Table Style Light 15", "columns": columns}
    sheet.add_table(0, 0, 1, len(headings) - 1, options)
    # XlsxWriter would remember every cell of the table, to no use here: 1 GB for 5,000 schools.
    whole = f"A1:{address(last_row, len(headings) - 1)}"
    sheet.tables[-1].update({"range": whole, "a_range": whole, "autofilter": whole})


def _width(column: Column) -> float:
    return 15.0 if column.free else min(max(column.width, 12.0), 24.0)
