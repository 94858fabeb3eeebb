"""Where everything stands in a school's workbook. Pure: from the plan alone, the same for every school and period.

All rows and columns are zero-based; `cell` and the reference helpers give Excel's own addresses.

A table's sheet, from left to right: the code, the printed columns, the fill-in columns, the verdict; then hidden
helpers: one per rule (1 where it fires), one per fill-in column for what its own kind says, one per fill-in column for
its mark, one per fill-in column for its message, the number of filled cells and the state of the row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sync.landmarks import INFO_IDENTITY, INFO_SHEET, META_SHEET
from sync.plan import Plan, Table
from sync.text import address, column_letters

GUIDE_SHEET = "Hướng dẫn"
FINDINGS_SHEET = "Kiểm tra"

# Above a table: two rows of administrative heading, a gap, title, subject, school and period, a live count.
TITLE_ROW = 3
SUBJECT_ROW = 4
PERIOD_ROW = 5
COUNT_ROW = 6
HEADING_ROW = 7
CODE_COLUMN = 0

INFO_FIRST_ROW = 5
INFO_LABEL_COLUMN = 0
INFO_VALUE_COLUMN = 1
INFO_LABELS: Mapping[str, str] = {
    "plan": INFO_IDENTITY["plan"],
    "school": INFO_IDENTITY["school"],
    "school_name": "Tên trường",
    "level": "Cấp học",
    "unit": "Xã/phường",
    "period": INFO_IDENTITY["period"],
    "period_title": "Kỳ báo cáo",
    "starts_on": "Từ ngày",
    "ends_on": "Đến ngày",
    "due": "Hạn nộp",
}
"""Labels of the sheet `Thông tin` in their order; the row of `unit` is left out of sight where a school has no unit."""
INFO_OPEN_LABELS = ("Người lập báo cáo", "Chức vụ", "Số điện thoại", "Ngày lập")
"""Cells that a school may fill and nobody reads."""
INFO_ROWS: Mapping[str, int] = {key: INFO_FIRST_ROW + index for index, key in enumerate(INFO_LABELS)}
INFO_OPEN_FIRST_ROW = INFO_FIRST_ROW + len(INFO_LABELS) + 1

# `Kiểm tra`: two rows for receipts, live counts, then the findings that a service or the add-in writes.
RECEIPT_FIRST_ROW = 1
RECEIPT_ROWS = 2
TOTAL_ROW = 3
COUNT_HEADING_ROW = 5
COUNT_FIRST_ROW = 6
FINDINGS_COUNT_ROW = 11
"""Its first column counts the findings; the marks ask it first."""
FINDINGS_HEADING_ROW = 12
FINDINGS_FIRST_ROW = 13
FINDINGS_ROWS = 200
FINDINGS_KEY_COLUMN = 0
FINDINGS_SEVERITY_COLUMN = 1
FINDINGS_SHEET_COLUMN = 2
FINDINGS_CELL_COLUMN = 3
FINDINGS_VALUE_COLUMN = 4
FINDINGS_MESSAGE_COLUMN = 5
FINDINGS_FIX_COLUMN = 6
FINDINGS_HEADINGS = ("Khoá", "Mức độ", "Sheet", "Ô", "Giá trị", "Vấn đề", "Cách sửa")
SEVERITY_TEXTS: Mapping[str, str] = {"error": "Lỗi", "warning": "Cảnh báo"}
"""What stands in the column `Mức độ`: anything but the text of a warning marks its cell as an error."""

KIND_CLOSED = -2
KIND_BLANK = -1
KIND_SOUND = 0
KIND_WRONG = 1
KIND_UNFIT = 2
KIND_LOW = 3
KIND_HIGH = 4
KIND_ERROR = 5
"""Values of a kind helper: filled although closed, blank, sound, of another kind or not in the list, not whole or too
long, under the minimum, over the maximum, an error of Excel's."""

MARK_TODO = 1
MARK_WARNING = 2
MARK_ERROR = 3
"""Values of a mark helper; 0 where there is nothing to say."""

STATE_TODO = 1
STATE_MEND = 2
STATE_WARNED = 3
STATE_DONE = 4
STATE_OPTIONAL = 5
"""Values of the row's state helper: not begun, has errors, has warnings only, sound, blank and nothing is required."""


@dataclass(frozen=True)
class SheetLayout:
    """Where a table stands on its sheet; every mapping gives zero-based indexes in the plan's order."""

    table: Table
    sheet: str
    heading_row: int
    code_column: int
    fixed: Mapping[str, int]
    """Fixed column id → column."""
    columns: Mapping[str, int]
    """Fill-in column id → column."""
    verdict_column: int
    rule_columns: Mapping[str, int]
    """Rule id → helper column: 1 where the rule fires."""
    kind_columns: Mapping[str, int]
    """Fill-in column id → helper column: what the cell's own kind says of it."""
    mark_columns: Mapping[str, int]
    """Fill-in column id → helper column: MARK_…"""
    message_columns: Mapping[str, int]
    """Fill-in column id → helper column: the sentence for the marked cell."""
    filled_column: int
    """Helper column: how many fill-in cells of the row are filled."""
    state_column: int
    """Helper column: STATE_…"""
    rows: Mapping[str, int]
    """Row code → row."""
    sections: Mapping[str, int]
    """Section code → row."""

    @property
    def first_row(self) -> int:
        """The first row below the headings."""
        return self.heading_row + 1

    @cached_property
    def last_row(self) -> int:
        """The last row of the table."""
        return max([*self.rows.values(), *self.sections.values()])

    @property
    def signature_row(self) -> int:
        """The first of the rows below the table where people sign."""
        return self.last_row + 2

    @cached_property
    def sections_and_rows(self) -> tuple[tuple[int, str, bool], ...]:
        """(row, code, whether it is a section) from top to bottom."""
        both = [(row, code, True) for code, row in self.sections.items()]
        return tuple(sorted([*both, *((row, code, False) for code, row in self.rows.items())]))

    def cell(self, row_code: str, column_id: str) -> str:
        """The address of a fill-in cell, such as 'H8'. Raises KeyError for an unknown code or column."""
        return address(self.rows[row_code], self.columns[column_id])

    def reference(self, row_code: str, column_id: str) -> str:
        """The absolute reference to a fill-in cell from another sheet, such as `'Số liệu'!$E$8`."""
        return absolute(self.sheet, self.rows[row_code], self.columns[column_id])

    def down(self, first_column: int, last_column: int | None = None) -> str:
        """The absolute range of whole columns of the table's rows, such as `$H$9:$J$32`."""
        last = first_column if last_column is None else last_column
        return absolute_range(self.first_row, first_column, self.last_row, last)


def layout(plan: Plan) -> Mapping[str, SheetLayout]:
    """The layout of each table of `plan`, by table id, in the order of the sheets."""
    return {table.id: _of_table(table) for table in plan.all_tables}


def sheet_names(plan: Plan) -> list[str]:
    """All sheets of a school's workbook, in their order."""
    return [GUIDE_SHEET, INFO_SHEET, *(table.sheet for table in plan.all_tables), FINDINGS_SHEET, META_SHEET]


def finding_key(table_id: str, cell: str) -> str:
    """What stands in the hidden first column of `Kiểm tra` for a finding on `cell` ('H8') of a table."""
    return f"{table_id}!{cell}"


def info_reference(key: str) -> str:
    """The absolute reference to the value of a label of `Thông tin`."""
    return absolute(INFO_SHEET, INFO_ROWS[key], INFO_VALUE_COLUMN)


def period_references() -> dict[str, str]:
    """The cells behind the names of the period in rules."""
    return {"period.starts_on": info_reference("starts_on"), "period.ends_on": info_reference("ends_on")}


def figure_references(plan: Plan, sheets: Mapping[str, SheetLayout]) -> dict[str, str]:
    """The cells behind the names school.<figure> in rules."""
    return {
        f"school.{name}": sheets[figure.table].reference(figure.row, figure.column)
        for name, figure in plan.figures.items()
    }


def findings_range(column: int) -> str:
    """The absolute reference, from any sheet, to one column of the findings of `Kiểm tra`."""
    last = FINDINGS_FIRST_ROW + FINDINGS_ROWS - 1
    return f"{quoted_sheet(FINDINGS_SHEET)}!{absolute_range(FINDINGS_FIRST_ROW, column, last, column)}"


def quoted_sheet(name: str) -> str:
    """A sheet's name as it stands in a reference."""
    return "'" + name.replace("'", "''") + "'"


def absolute(sheet: str, row: int, column: int) -> str:
    """An absolute reference with its sheet, such as `'Số liệu'!$E$8`."""
    return f"{quoted_sheet(sheet)}!${column_letters(column)}${row + 1}"


def absolute_range(first_row: int, first_column: int, last_row: int, last_column: int) -> str:
    """An absolute range such as `$A$14:$A$213`."""
    return f"${column_letters(first_column)}${first_row + 1}:${column_letters(last_column)}${last_row + 1}"


class _Counter:
    """Hands out columns from left to right."""

    def __init__(self, start: int) -> None:
        self.next = start

    def one(self) -> int:
        self.next += 1
        return self.next - 1

    def each(self, ids: list[str]) -> dict[str, int]:
        return {name: self.one() for name in ids}


def _of_table(table: Table) -> SheetLayout:
    rows, sections = _rows_of(table, HEADING_ROW + 1)
    ids = [column.id for column in table.columns]
    take = _Counter(CODE_COLUMN + 1)
    return SheetLayout(
        table=table,
        sheet=table.sheet,
        heading_row=HEADING_ROW,
        code_column=CODE_COLUMN,
        fixed=take.each([column.id for column in table.fixed]),
        columns=take.each(ids),
        verdict_column=take.one(),
        rule_columns=take.each([rule.id for rule in table.rules]),
        kind_columns=take.each(ids),
        mark_columns=take.each(ids),
        message_columns=take.each(ids),
        filled_column=take.one(),
        state_column=take.one(),
        rows=rows,
        sections=sections,
    )


def _rows_of(table: Table, first: int) -> tuple[dict[str, int], dict[str, int]]:
    take = _Counter(first)
    rows = take.each([row.code for row in table.rows if row.section is None])
    sections: dict[str, int] = {}
    for section in table.sections:
        sections[section.code] = take.one()
        rows |= take.each([row.code for row in table.rows_of(section.code)])
    return rows, sections
