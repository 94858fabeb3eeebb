"""Sheets with a row per figure and a column per period: `Số liệu`, and how the schools reported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sync.comparing import Review, sum_lines
from sync.outputs.office_workbook import formats
from sync.outputs.office_workbook.book import Book
from sync.outputs.office_workbook.period_table import (
    NUMBER_WIDTH,
    TEXT_WIDTH,
    FigureRow,
    PeriodColumn,
    Writer,
    row_of,
    school_rows,
)
from sync.plan import Plan

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

STANDINGS_SHEET = "Tiến độ nộp"
HEAD_ROW = 6
FIRST_ROW = HEAD_ROW + 2
_WIDTH = 12.5


def sums(plan: Plan) -> list[FigureRow]:
    """The totals of the plan's statistics."""
    return [row_of(line) for line in sum_lines(plan)]


def write_sums(book: Book, sheet: Worksheet, review: Review) -> None:
    """The whole sheet: totals of each period."""
    title = review.plan.tables["statistics"].title
    _write(book, sheet, review, sums(review.plan), title, "Kỳ năm học gồm cả học kỳ: không cộng các kỳ với nhau.")


def write_standings(book: Book, sheet: Worksheet, review: Review) -> None:
    """The whole sheet: where the schools stand in each period."""
    _write(book, sheet, review, school_rows(), "TIẾN ĐỘ NỘP BÁO CÁO QUA CÁC KỲ", "Số trường của từng kỳ.")


def _write(book: Book, sheet: Worksheet, review: Review, rows: Sequence[FigureRow], title: str, told: str) -> None:
    periods = [PeriodColumn(each) for each in review.shown]
    widths = [NUMBER_WIDTH, TEXT_WIDTH, *([_WIDTH] * max(len(periods), 4))]
    formats.set_widths(sheet, widths)
    gaps = " Ô xám: kỳ không có báo cáo." if any(not each.has_reports for each in review.shown) else ""
    book.head(sheet, title, [review.period.title, told + gaps], widths)
    _write_headings(book, sheet, periods)
    writer = Writer(book, sheet)
    for at, row in enumerate(rows, FIRST_ROW):
        writer.write_labels(at, row)
        for column, period in enumerate(periods, 2):
            writer.write((at, column), row, period)
    sheet.freeze_panes(FIRST_ROW, 2)
    formats.set_up_page(sheet, book.office, repeat=(HEAD_ROW, HEAD_ROW + 1))


def _write_headings(book: Book, sheet: Worksheet, periods: Sequence[PeriodColumn]) -> None:
    header, small = book.formats.heading(), book.formats.heading(bold=False, italic=True, font_size=9)
    for column, text in enumerate(("Stt", "Nội dung")):
        formats.merge(sheet, (HEAD_ROW, column, HEAD_ROW + 1, column), text, header)
    for column, each in enumerate(periods, 2):
        sheet.write_string(HEAD_ROW, column, each.figures.period.title, header)
        sheet.write_string(HEAD_ROW + 1, column, each.figures.workbook, small)
    titles = [(each.figures.period.title, _WIDTH - 1.5) for each in periods]
    sheet.set_row(HEAD_ROW, formats.height_for(titles, bold=True))
    sheet.set_row(HEAD_ROW + 1, formats.height_for([(each.figures.workbook, _WIDTH) for each in periods]))
