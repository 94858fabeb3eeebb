"""`Tiến độ nộp` (where every school stands) and `Quá hạn`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pandas import DataFrame

from sync import i18n, standing
from sync.consolidate import STANDINGS, Consolidated
from sync.landmarks import PROGRESS_SHEET
from sync.outputs.office_workbook import answer_columns, cells, formats, lists
from sync.outputs.office_workbook.book import Book
from sync.outputs.office_workbook.links import Links
from sync.outputs.office_workbook.lists import ListColumn
from sync.standing import Standing

__all__ = [
    "LABELS",
    "OVERDUE_SHEET",
    "PROGRESS_SHEET",
    "ProgressNames",
    "name_ranges",
    "write_overdue",
    "write_progress",
]

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

OVERDUE_SHEET = "Quá hạn"

with i18n.using("vi"):
    LABELS: Mapping[Standing, str] = {name: i18n.gettext(standing.LABELS[name]) for name in STANDINGS}
"""The same words as on the screen; the workbook is Vietnamese whatever the screen is."""
_FILLS: Mapping[Standing, str] = {
    "on_time": formats.GREEN,
    "late": formats.YELLOW,
    "to_mend": formats.ORANGE,
    "missing": formats.RED,
    "due_soon": formats.BLUE,
    "excused": formats.GREY,
}
_HOW_TO = "Chỉ gõ vào các cột tô màu ở cuối bảng; lượt đồng bộ sau sẽ đọc và ghi nhớ."
_LEVEL, _UNIT, _STANDING, _RECEIVED, _COUNTED = 3, 4, 6, 7, 9


@dataclass(frozen=True)
class ProgressNames:
    """Names of the ranges of `Tiến độ nộp`."""

    code: str
    level: str
    unit: str
    standing: str
    received: str
    counted: str


def name_ranges(book: Book, sheet: Worksheet, consolidated: Consolidated) -> ProgressNames:
    """Defines the names that formulas count over."""

    def name(heading: str, column: int) -> str:
        return book.name_range("td", heading, sheet, column, lists.FIRST_ROW, len(consolidated.progress))

    return ProgressNames(
        code=name("Mã trường", 1),
        level=name("Cấp học", _LEVEL),
        unit=name("Xã/phường", _UNIT),
        standing=name("Tình trạng", _STANDING),
        received=name("Nhận lần đầu", _RECEIVED),
        counted=name("Bản được tính", _COUNTED),
    )


def write_progress(book: Book, sheet: Worksheet, consolidated: Consolidated) -> None:
    """One row per school that owes a report, with the officer's columns; see answer_columns."""
    progress, values = consolidated.progress, answer_columns.shown(consolidated)
    facts = [
        *_school_columns(book, progress),
        ListColumn("Nhận lần đầu", 15.5, "moment", cells.serials(progress["received_at"], book.zone)),
        ListColumn("Đạt lần đầu", 15.5, "moment", cells.serials(progress["first_accepted_at"], book.zone)),
        ListColumn("Bản được tính", 15.5, "moment", cells.serials(progress["counted_at"], book.zone)),
        ListColumn("Số ngày muộn", 7, "whole", cells.numbers(progress["days_late"])),
        ListColumn("Số lần nhận", 7, "whole", cells.numbers(progress["receipts"])),
        ListColumn("Lỗi phải sửa", 7, "whole", cells.numbers(progress["errors"])),
        ListColumn("Cảnh báo", 7, "whole", cells.numbers(progress["warnings"])),
        ListColumn("Tệp được tính", 26, "text", Links(consolidated.spreadsheets).files(progress)),
        ListColumn("Lần nhận", 14, "code", cells.receipts(progress["sha256"])),
    ]
    typed = answer_columns.columns(consolidated, values)
    # On a page of their own: the file that counts, and what the officer typed.
    _write(book, sheet, [*facts, *typed], consolidated, "TIẾN ĐỘ NỘP BÁO CÁO", _HOW_TO, len(facts) - 1)
    answer_columns.dress(book, sheet, len(facts) + 1, typed, consolidated)
    _colour(book, sheet, len(progress))
    if progress.empty:
        columns = len(facts) + len(typed)
        lists.empty_line(book, sheet, columns, "Không có trường nào phải báo cáo trong kỳ này.")


def write_overdue(book: Book, sheet: Worksheet, consolidated: Consolidated) -> None:
    """The schools that reported late or still owe what was due."""
    overdue = consolidated.overdue
    columns = [
        *_school_columns(book, overdue),
        ListColumn("Số ngày muộn", 8, "whole", cells.numbers(overdue["days_late"])),
        ListColumn("Nhận lần đầu", 16, "moment", cells.serials(overdue["received_at"], book.zone)),
        ListColumn("Đạt lần đầu", 16, "moment", cells.serials(overdue["first_accepted_at"], book.zone)),
        ListColumn("Lỗi phải sửa", 8, "whole", cells.numbers(overdue["errors"])),
    ]
    _write(book, sheet, columns, consolidated, "DANH SÁCH TRƯỜNG QUÁ HẠN")
    _colour(book, sheet, len(overdue))
    if overdue.empty:
        lists.empty_line(book, sheet, len(columns), "Không có trường nào quá hạn.")


def _write(
    book: Book,
    sheet: Worksheet,
    columns: list[ListColumn],
    consolidated: Consolidated,
    title: str,
    more: str = "",
    first_page: int | None = None,
) -> None:
    subtitle = f"{consolidated.period.title} – Tính đến {cells.local(book.now, book.zone)}"
    subtitles = [subtitle, *([more] if more else [])]
    lists.write(book, sheet, columns, title=title, subtitles=subtitles, first_page=first_page)


def _school_columns(book: Book, schools: DataFrame) -> list[ListColumn]:
    return [
        ListColumn("Mã trường", 11, "code", cells.texts(schools["code"])),
        ListColumn("Tên trường", 27, "text", cells.texts(schools["name"])),
        ListColumn("Cấp học", 9.5, "code", cells.texts(schools["level"])),
        ListColumn("Xã/phường", 14, "text", cells.texts(schools["unit"])),
        ListColumn("Hạn nộp", 15.5, "moment", cells.serials(schools["due"], book.zone)),
        ListColumn("Tình trạng", 14, "code", cells.texts(schools["standing"].map(LABELS))),
    ]


def _colour(book: Book, sheet: Worksheet, rows: int) -> None:
    last = lists.FIRST_ROW + max(rows, 1) - 1
    for name, fill in _FILLS.items():
        rule = {
            "type": "cell",
            "criteria": "==",
            "value": cells.quoted(LABELS[name]),
            "format": book.formats.fill(fill),
        }
        sheet.conditional_format(lists.FIRST_ROW, _STANDING, last, _STANDING, rule)
