"""A workbook as cells: what a school's workbook says, without its looks, to be rearranged and written in any format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from sync.demo.report import Report
from sync.demo.soundness import Error, Odd
from sync.landmarks import CODE_HEADING, INFO_SHEET, META_KEYS, META_SHEET
from sync.outputs import layout as lay
from sync.plan import Plan
from sync.seal import seal
from sync.text import address

Content = str | float | int | date | Error
"""What stands in a cell."""
Move = Callable[[int], int | None]
"""Where a row or column goes; None where it is taken out."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a workbook says of itself on its sheet `_meta`."""

    plan: str
    template_version: str
    school: str
    period: str
    seal: str

    def values(self) -> Mapping[str, str]:
        """By the keys of `_meta`, in their order."""
        return {key: getattr(self, key) for key in META_KEYS}


@dataclass(frozen=True, slots=True)
class Sealer:
    """Makes identities that the office with this secret made."""

    secret: bytes
    plan: Plan

    def sealed(self, school: str, period: str, version: str | None = None, plan: str | None = None) -> Identity:
        """The identity of a school's workbook; of the plan's own version and code unless others are given."""
        code, version = plan or self.plan.code, version or self.plan.version
        value = seal(self.secret, plan=code, template_version=version, school=school, period=period)
        return Identity(code, version, school, period, value)


@dataclass
class Sheet:
    """A sheet: its cells by zero-based row and column, and where the cells of its table have gone."""

    name: str
    cells: dict[tuple[int, int], Content] = field(default_factory=dict)
    is_hidden: bool = False
    table: str | None = None
    rows: dict[str, int] = field(default_factory=dict)
    """Row code → row."""
    columns: dict[str, int] = field(default_factory=dict)
    """Id of a fill-in column → column."""
    code_column: int = 0
    heading_row: int = 0

    def address(self, row: str, column: str) -> str:
        """Where a fill-in cell of the table stands. Raises KeyError where its row or column was taken out."""
        return address(self.rows[row], self.columns[column])

    def move(self, rows: Move | None = None, columns: Move | None = None) -> None:
        """Puts every row and column elsewhere, or takes it out."""
        row_of, column_of = rows or _stay, columns or _stay
        moved = {(row_of(row), column_of(column)): value for (row, column), value in self.cells.items()}
        self.cells = {(row, column): value for (row, column), value in moved.items() if _both(row, column)}  # type: ignore[misc]
        self.rows = _moved(self.rows, row_of)
        self.columns = _moved(self.columns, column_of)
        self.code_column = column_of(self.code_column) or 0
        self.heading_row = row_of(self.heading_row) or 0

    def take_out_row(self, gone: int) -> None:
        """Deletes a row as Excel does: those below move up."""
        self.move(rows=lambda row: None if row == gone else row - (row > gone))

    def take_out_column(self, gone: int) -> None:
        """Deletes a column as Excel does: those to its right move left."""
        self.move(columns=lambda column: None if column == gone else column - (column > gone))

    def insert_row(self, at: int) -> None:
        """Inserts a blank row above row `at`."""
        self.move(rows=lambda row: row + (row >= at))

    def insert_column(self, at: int) -> None:
        """Inserts a blank column left of column `at`."""
        self.move(columns=lambda column: column + (column >= at))

    def swap_columns(self, one: int, other: int) -> None:
        """Lets two columns change places."""
        places = {one: other, other: one}
        self.move(columns=lambda column: places.get(column, column))


Book = list[Sheet]
"""The sheets of a workbook in their order."""


def book(report: Report, identity: Identity) -> Book:
    """The workbook of `report`, laid out as the office sends it."""
    layouts = lay.layout(report.plan)
    return [
        _info(report, identity),
        *(_table(layouts[table.id], report) for table in report.plan.all_tables),
        _meta(identity),
    ]


def sheet_of(sheets: Book, table: str) -> Sheet:
    """The sheet of a table. Raises StopIteration where there is none."""
    return next(sheet for sheet in sheets if sheet.table == table)


def _meta(identity: Identity) -> Sheet:
    values = identity.values()
    cells: dict[tuple[int, int], Content] = {}
    for row, key in enumerate(values):
        cells[row, 0], cells[row, 1] = key, values[key]
    return Sheet(META_SHEET, cells, is_hidden=True)


def _info(report: Report, identity: Identity) -> Sheet:
    school, period = report.school, report.period
    values: Mapping[str, Content | None] = {
        "plan": identity.plan,
        "school": identity.school,
        "school_name": school.name,
        "level": school.level,
        "unit": school.unit,
        "period": identity.period,
        "period_title": period.title,
        "starts_on": period.starts_on,
        "ends_on": period.ends_on,
        "due": period.schools_due.date() if period.schools_due else None,
    }
    cells: dict[tuple[int, int], Content] = {(lay.TITLE_ROW, 0): "THÔNG TIN"}
    for key, label in lay.INFO_LABELS.items():
        cells[lay.INFO_ROWS[key], lay.INFO_LABEL_COLUMN] = label
        value = values.get(key)
        if value:
            cells[lay.INFO_ROWS[key], lay.INFO_VALUE_COLUMN] = value
    return Sheet(INFO_SHEET, cells)


def _table(place: lay.SheetLayout, report: Report) -> Sheet:
    table = place.table
    sheet = Sheet(
        table.sheet,
        table=table.id,
        rows=dict(place.rows),
        columns=dict(place.columns),
        code_column=place.code_column,
        heading_row=place.heading_row,
    )
    sheet.cells[lay.TITLE_ROW, 0] = table.title
    sheet.cells[lay.PERIOD_ROW, 0] = f"{report.school.name} - {report.period.title}"
    _print_headings(sheet, place)
    _print_rows(sheet, place)
    for code, cells in report.filled.get(table.id, {}).items():
        for column, value in cells.items():
            if value is not None:
                sheet.cells[place.rows[code], place.columns[column]] = (
                    value.written if isinstance(value, Odd) else value
                )
    return sheet


def _print_headings(sheet: Sheet, place: lay.SheetLayout) -> None:
    sheet.cells[place.heading_row, place.code_column] = CODE_HEADING
    for column in place.table.fixed:
        sheet.cells[place.heading_row, place.fixed[column.id]] = column.heading
    for fill_in in place.table.columns:
        sheet.cells[place.heading_row, place.columns[fill_in.id]] = fill_in.heading


def _print_rows(sheet: Sheet, place: lay.SheetLayout) -> None:
    for section in place.table.sections:
        row = place.sections[section.code]
        sheet.cells[row, place.code_column] = section.code
        sheet.cells[row, place.code_column + 1] = section.title
    for printed in place.table.rows:
        row = place.rows[printed.code]
        sheet.cells[row, place.code_column] = printed.code
        for column in place.table.fixed:
            sheet.cells[row, place.fixed[column.id]] = printed.text(column.id)


def renamed(sheets: Book, table: str, name: str) -> Book:
    """The same workbook with a table's sheet under another name."""
    return [replace(sheet, name=name) if sheet.table == table else sheet for sheet in sheets]


def _stay(index: int) -> int:
    return index


def _both(row: int | None, column: int | None) -> bool:
    return row is not None and column is not None


def _moved(places: dict[str, int], move: Move) -> dict[str, int]:
    moved = {key: move(index) for key, index in places.items()}
    return {key: index for key, index in moved.items() if index is not None}
