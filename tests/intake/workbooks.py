"""Small workbooks for the tests of reading: a table is written as a list of rows, as it would look on screen."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter

from sync.intake.reading import ColumnSpec, PlanSpec, TableSpec

Cell = str | float | int | bool | date | datetime | None
Grid = Sequence[Sequence[Cell]]

SPEC = PlanSpec(
    code="garden",
    version="2",
    tables=(
        TableSpec(
            id="activities",
            sheet="Phụ lục",
            headings=("Stt", "Nội dung"),
            columns=(
                ColumnSpec("status", "Tình trạng", "choice", ("Chưa thực hiện", "Đang thực hiện", "Hoàn thành")),
                ColumnSpec("finished_on", "Ngày kết thúc", "date"),
                ColumnSpec("children", "Số trẻ em", "whole"),
                ColumnSpec("results", "Kết quả", "text"),
            ),
            codes=("I.1", "I.2", "II.1"),
            sections=("I", "II"),
            printed=(("1", "Gieo hạt"), ("2", "Tưới cây"), ("1", "Thu hoạch")),
        ),
        TableSpec(
            id="statistics",
            sheet="Số liệu",
            headings=("Nội dung",),
            columns=(ColumnSpec("total", "Tổng số", "whole"), ColumnSpec("share", "Tỷ lệ", "number")),
            codes=("A.1", "A.2"),
            sections=("A",),
        ),
    ),
)
SPECS = {SPEC.code: SPEC}

META: Grid = (
    ("plan", "garden"),
    ("template_version", "2"),
    ("school", "TH01"),
    ("period", "2024-2025/HK1"),
    ("seal", "f00d"),
)
ACTIVITIES: Grid = (
    ("Mã", "Stt", "Nội dung", "Tình trạng", "Ngày kết thúc", "Số trẻ em", "Kết quả"),
    ("I", "", "Mục một"),
    ("I.1", "1", "Gieo hạt", "Hoàn thành", date(2024, 10, 15), 12, "Tốt"),
    ("I.2", "2", "Tưới cây", "Đang thực hiện", None, 30, None),
    ("II", "", "Mục hai"),
    ("II.1", "1", "Thu hoạch", None, None, None, None),
)
STATISTICS: Grid = (("Mã", "Nội dung", "Tổng số", "Tỷ lệ"), ("A.1", "Số lớp", 9, None), ("A.2", "Số trẻ", 250, 98.5))


def sheets(**replaced: Grid) -> dict[str, Grid]:
    """The sheets of a sound workbook; keyword arguments replace `activities`, `statistics` or `meta`."""
    return {
        "Phụ lục": replaced.get("activities", ACTIVITIES),
        "Số liệu": replaced.get("statistics", STATISTICS),
        "_meta": replaced.get("meta", META),
    }


def xlsx(tables: Mapping[str, Grid], options: Mapping[str, Any] | None = None, at: tuple[int, int] = (0, 0)) -> bytes:
    """An xlsx with these sheets, their first cell `at` (row, column), zero-based."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {"in_memory": True, "default_date_format": "dd/mm/yyyy", "strings_to_formulas": False, **(options or {})},
    )
    for name, rows in tables.items():
        sheet = book.add_worksheet(name)
        if name.startswith("_"):
            sheet.hide()
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if cell is not None:
                    sheet.write(at[0] + row, at[1] + column, cell)
    book.close()
    return target.getvalue()


def without_row(grid: Grid, row: int) -> Grid:
    return [*grid[:row], *grid[row + 1 :]]


def with_row(grid: Grid, row: int, cells: Sequence[Cell]) -> Grid:
    return [*grid[:row], cells, *grid[row:]]


def without_column(grid: Grid, column: int) -> Grid:
    return [[*cells[:column], *cells[column + 1 :]] for cells in grid]


def with_column(grid: Grid, column: int, cell: Cell) -> Grid:
    return [[*cells[:column], cell, *cells[column:]] for cells in grid]


def with_cell(grid: Grid, row: int, column: int, cell: Cell) -> Grid:
    padded = [*grid[row], *[None] * (column + 1 - len(grid[row]))]
    return [*grid[:row], [*padded[:column], cell, *padded[column + 1 :]], *grid[row + 1 :]]
