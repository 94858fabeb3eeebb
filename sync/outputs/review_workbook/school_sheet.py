"""`Theo trường`: where every school stood in each period, and how often on time, late and missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sync.comparing import PeriodFigures, Review, school_counts
from sync.outputs.office_workbook import cells, formats
from sync.outputs.office_workbook.book import Book
from sync.outputs.office_workbook.standing_sheets import LABELS
from sync.schools import School
from sync.standing import Standing
from sync.text import address

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

SHEET = "Theo trường"
HEAD_ROW = 6
FIRST_ROW = HEAD_ROW + 1
COUNTED: tuple[Standing, ...] = ("on_time", "late", "to_mend", "missing", "excused")
_HEADINGS = {"Stt": 5.0, "Mã trường": 11.0, "Tên trường": 34.0, "Cấp học": 10.0, "Xã/phường": 18.0}
_WIDTH, _COUNT = 12.0, 8.0
_FILLS: Mapping[Standing, str] = {
    "late": formats.YELLOW,
    "to_mend": formats.ORANGE,
    "missing": formats.RED,
    "excused": formats.GREY,
}
_NOT_OWED = "–"


def write(book: Book, sheet: Worksheet, review: Review) -> None:
    """The whole sheet: a row per school that owed a report in one of the periods with reports, in their order."""
    periods = [each for each in review.figures if each.has_reports]
    counts = school_counts(periods)
    schools = [school for school in review.schools if school.code in counts]
    widths = [*_HEADINGS.values(), *([_WIDTH] * len(periods)), *([_COUNT] * len(COUNTED))]
    formats.set_widths(sheet, widths)
    told = "Chỉ tính các kỳ có báo cáo. – : trường không phải báo cáo kỳ đó."
    book.head(sheet, "TÌNH HÌNH BÁO CÁO CỦA TỪNG TRƯỜNG", [review.period.title, told], widths)
    _write_headings(book, sheet, periods)
    for number, school in enumerate(schools, 1):
        _write_school(book, sheet, number, school, periods, counts[school.code])
    sheet.autofilter(HEAD_ROW, 0, HEAD_ROW + max(len(schools), 1), len(widths) - 1)
    sheet.freeze_panes(FIRST_ROW, 3)
    formats.set_up_page(sheet, book.office, repeat=(HEAD_ROW, HEAD_ROW))


def _write_headings(book: Book, sheet: Worksheet, periods: list[PeriodFigures]) -> None:
    counted = [f"Số kỳ {LABELS[standing].lower()}" for standing in COUNTED]
    titles = [each.period.title for each in periods]
    for column, text in enumerate([*_HEADINGS, *titles, *counted]):
        sheet.write_string(HEAD_ROW, column, text, book.formats.heading())
    texts = [*((title, _WIDTH - 2) for title in titles), *((text, _COUNT - 2) for text in counted)]
    sheet.set_row(HEAD_ROW, formats.height_for(texts, bold=True))


def _write_school(
    book: Book,
    sheet: Worksheet,
    number: int,
    school: School,
    periods: list[PeriodFigures],
    counts: Mapping[Standing, int],
) -> None:
    row, form = HEAD_ROW + number, book.formats
    sheet.write_number(row, 0, number, form.boxed(align="center"))
    for column, text in enumerate((school.code, school.name, school.level, school.unit), 1):
        align = "left" if column in (2, 4) else "center"
        sheet.write_string(row, column, cells.clean(text), form.boxed(align=align))
    first = len(_HEADINGS)
    for column, figures in enumerate(periods, first):
        standing = figures.schools.get(school.code)
        fill = {"bg_color": _FILLS[standing]} if standing and standing in _FILLS else {}
        sheet.write_string(row, column, LABELS[standing] if standing else _NOT_OWED, form.boxed(align="center", **fill))
    places = f"{address(row, first)}:{address(row, first + len(periods) - 1)}"
    for column, standing in enumerate(COUNTED, first + len(periods)):
        formula = f"=COUNTIF({places},{cells.criterion(LABELS[standing])})"
        sheet.write_formula(row, column, formula, form.count(), counts.get(standing, 0))
    sheet.set_row(row, formats.height_for([(school.name, 33.0), (school.unit, 17.0)]))
