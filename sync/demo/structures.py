"""Workbooks that people rearranged: some harm the report, some must not."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping

from sync.demo.book import Book, Content, Sheet, sheet_of
from sync.demo.faults import CannotPlantError, Draft, Planting
from sync.demo.planted import Spot
from sync.demo.report import Report
from sync.demo.soundness import broken_rules
from sync.plan import Column, Row, Table
from sync.text import address

Rearrangement = Callable[[Book, Report], list[Spot]]
"""Changes a workbook in place and says which findings that gives. Raises CannotPlantError, having changed nothing."""


def sheet_missing(sheets: Book, report: Report) -> list[Spot]:
    """The last sheet whose loss is no one else's concern is deleted."""
    tables = report.plan.all_tables
    for table in reversed(tables):
        left = {name: rows for name, rows in report.filled.items() if name != table.id}
        if len(tables) > 1 and not broken_rules(report.plan, [left], report.period):
            sheets.remove(sheet_of(sheets, table.id))
            return [Spot("sheet-missing")]
    raise CannotPlantError("sheet-missing")


def column_missing(sheets: Book, report: Report) -> list[Spot]:
    """A column that need not be filled is deleted."""
    found = [(table, column) for table in report.plan.all_tables for column in table.columns if not column.required]
    report.rng.shuffle(found)
    for table, column in found:
        if _can_be_missing(report, table, column):
            sheet = sheet_of(sheets, table.id)
            sheet.take_out_column(sheet.columns[column.id])
            return [Spot("column-missing", sheet.name)]
    raise CannotPlantError("column-missing")


def row_missing(sheets: Book, report: Report) -> list[Spot]:
    """A row is deleted."""
    table, row = _any_row(report)
    sheet = sheet_of(sheets, table.id)
    sheet.take_out_row(sheet.rows[row.code])
    return [Spot("row-missing", sheet.name)]


def row_twice(sheets: Book, report: Report) -> list[Spot]:
    """A row is copied below itself."""
    table, row = _any_row(report)
    sheet = sheet_of(sheets, table.id)
    return [Spot("row-twice", sheet.name, _copy_below(sheet, row.code))]


def row_unknown(sheets: Book, report: Report) -> list[Spot]:
    """A row of the school's own is added."""
    table, row = _any_row(report)
    sheet = sheet_of(sheets, table.id)
    prefix = row.code.rpartition(".")[0]
    number = next(n for n in range(len(table.rows), 1000) if f"{prefix}.{n}".strip(".") not in table.rows_by_code)
    place = _copy_below(sheet, row.code)
    sheet.cells[sheet.rows[row.code] + 1, sheet.code_column] = f"{prefix}.{number}".strip(".")
    return [Spot("row-unknown", sheet.name, place)]


def fixed_text_changed(sheets: Book, report: Report) -> list[Spot]:
    """A printed text is written over."""
    table, row = _any_row(report)
    sheet = sheet_of(sheets, table.id)
    widest = max(table.fixed, key=lambda fixed: fixed.width)
    headings = {value: column for (at, column), value in sheet.cells.items() if at == sheet.heading_row}
    place = (sheet.rows[row.code], headings[widest.heading])
    sheet.cells[place] = "Việc khác của trường"
    return [Spot("fixed-text-changed", sheet.name, address(*place))]


FAULTS: Mapping[str, Rearrangement] = {
    "sheet-missing": sheet_missing,
    "column-missing": column_missing,
    "row-missing": row_missing,
    "row-twice": row_twice,
    "row-unknown": row_unknown,
    "fixed-text-changed": fixed_text_changed,
}


def shifted(sheets: Book, report: Report) -> list[Spot]:
    """Columns are inserted before the tables, and blank rows in and above them."""
    for table in report.plan.all_tables:
        sheet = sheet_of(sheets, table.id)
        sheet.insert_column(0)
        sheet.insert_row(0)
        sheet.insert_row(sheet.rows[table.rows[-1].code])
    return []


def reordered(sheets: Book, report: Report) -> list[Spot]:
    """Fill-in columns have changed places, and so have sheets."""
    for table in report.plan.all_tables:
        sheet = sheet_of(sheets, table.id)
        first, last = (sheet.columns[table.columns[at].id] for at in (0, -1))
        sheet.swap_columns(first, last)
    sheets.reverse()
    return []


def renamed(sheets: Book, report: Report) -> list[Spot]:
    """Sheets have stray spaces and capitals in their names; headings and codes are typed in another way."""
    for table in report.plan.all_tables:
        sheet = sheet_of(sheets, table.id)
        sheet.name = f" {table.sheet.upper()}  "
        for row in sheet.rows.values():
            sheet.cells[row, sheet.code_column] = f"{sheet.cells[row, sheet.code_column]} ".lower()
        for column in sheet.columns.values():
            place = (sheet.heading_row, column)
            sheet.cells[place] = unicodedata.normalize("NFD", str(sheet.cells[place]))
    return []


SOUND: Mapping[str, Rearrangement] = {"shifted": shifted, "reordered": reordered, "renamed": renamed}


def spots(sheets: Book, draft: Draft) -> frozenset[Spot]:
    """Where the findings of `draft` stand in a workbook."""
    return frozenset(_spot(sheets, planting) for planting in draft.plantings)


def _spot(sheets: Book, planting: Planting) -> Spot:
    if planting.table is None or planting.row is None or planting.column is None:
        return Spot(planting.code)
    sheet = sheet_of(sheets, planting.table)
    return Spot(planting.code, sheet.name, sheet.address(planting.row, planting.column))


def _any_row(report: Report) -> tuple[Table, Row]:
    """A filled row that gives no figure: other rows are judged by those."""
    figures = {(figure.table, figure.row) for figure in report.plan.figures.values()}
    found = [
        (table, row) for table, row in report.rows()
        if (table.id, row.code) not in figures and report.filled.get(table.id, {}).get(row.code)
    ]  # fmt: skip
    if not found:
        raise CannotPlantError("a row")
    return report.rng.choice(found)


def _can_be_missing(report: Report, table: Table, column: Column) -> bool:
    """Whether no rule breaks without the column, but those that would mark the column itself."""
    figures = {(figure.table, figure.column) for figure in report.plan.figures.values()}
    if (table.id, column.id) in figures or not any(column.id in row for row in report.filled[table.id].values()):
        return False
    without = report.copy()
    for cells in without.filled[table.id].values():
        cells.pop(column.id, None)
    broken = broken_rules(report.plan, [without.filled], report.period)
    return {report.plan.rules_by_id[rule].cell for rules in broken.values() for rule in rules} <= {column.id}


def _copy_below(sheet: Sheet, code: str) -> str:
    """Copies a row below itself and gives the address of the first fill-in cell of the copy that is filled."""
    row = sheet.rows[code]
    copied: dict[int, Content] = {column: value for (at, column), value in sheet.cells.items() if at == row}
    sheet.insert_row(row + 1)
    sheet.cells.update({(row + 1, column): value for column, value in copied.items()})
    return address(row + 1, min(column for column in sheet.columns.values() if column in copied))
