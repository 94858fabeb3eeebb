"""The officer's columns of `Tiến độ nộp`, and the hidden sheet that says what they held when they were written.

Their cells are unlocked, for an office that protects the sheet itself. It is not protected from here: Excel does not
sort a protected sheet that has a locked cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sync.decisions import COLUMNS, FIELDS, Field, due_in, log
from sync.landmarks import BASE_KIND, BASE_SHEET, SCHOOL_HEADING
from sync.outputs import styles
from sync.outputs.office_workbook import cells, formats, lists
from sync.outputs.office_workbook.lists import ListColumn
from sync.periods import END_OF_DAY, Period

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from sync.consolidate import Consolidated
    from sync.outputs.office_workbook.book import Book

_WIDTHS: Mapping[Field, float] = {"extended_to": 16, "returned": 26, "excused": 22, "note": 28}
_HINTS: Mapping[Field, str] = {
    "extended_to": "Ghi ngày/tháng/năm, có thể kèm giờ, ví dụ 10/02/2025 hoặc 10/02/2025 17:00. Chỉ ghi ngày thì được "
    "đến hết ngày đó. Xoá ô là bỏ gia hạn.",
    "returned": "Ghi lý do trả lại. Trường sẽ nhận thư kèm lý do; báo cáo đang có không được tính cho đến khi trường "
    "gửi bản mới. Xoá ô là thôi trả lại.",
    "excused": "Ghi lý do miễn. Trường không phải nộp kỳ này và không bị nhắc. Xoá ô là thôi miễn.",
    "note": "Ghi chú của đơn vị quản lý; được giữ lại trong các bản sau.",
}
_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  # days of Excel have no time zone

Shown = Mapping[tuple[str, Field], str]


def shown(consolidated: Consolidated) -> Shown:
    """What stands in the columns, by school and column."""
    return log.shown(consolidated.decisions, consolidated.period.key, consolidated.answered)


def columns(consolidated: Consolidated, values: Shown) -> list[ListColumn]:
    """The columns of the list, in their order."""
    schools = [str(code) for code in consolidated.progress["code"]]
    return [
        ListColumn(
            COLUMNS[field],
            _WIDTHS[field],
            "moment" if field == "extended_to" else "text",
            [_cell(values.get((school, field), ""), field, consolidated.period) for school in schools],
        )
        for field in FIELDS
    ]


def dress(book: Book, sheet: Worksheet, first: int, listed: Sequence[ListColumn], consolidated: Consolidated) -> None:
    """Marks the columns, of which the first is number `first` on the sheet, as those that may be typed into."""
    for number, (field, column) in enumerate(zip(FIELDS, listed, strict=True), first):
        sheet.write_string(lists.HEADER_ROW, number, column.heading, book.formats.heading(bg_color=styles.TODO_FILL))
        for row, value in enumerate(column.values, lists.FIRST_ROW):
            _write(sheet, row, number, value, _format(book, field, value, consolidated.period))
        _advise(sheet, number, field, len(column.values), consolidated.period)


def write_base(book: Book, consolidated: Consolidated, values: Shown) -> None:
    """Adds the hidden sheet: what is needed to tell later which cells were typed into."""
    sheet = book.add_sheet(BASE_SHEET)
    sheet.very_hidden()
    run = consolidated.outlook.run
    said = ("kind", BASE_KIND), ("period", consolidated.period.key), ("run", "" if run is None else str(run))
    for row, (key, value) in enumerate((*said, ("built_at", book.now.isoformat()))):
        sheet.write_string(row, 0, key)
        sheet.write_string(row, 1, value)
    heading = len(said) + 1
    for column, text in enumerate((SCHOOL_HEADING, *COLUMNS.values())):
        sheet.write_string(heading, column, text)
    listed = [str(code) for code in consolidated.progress["code"]]
    for row, school in enumerate((code for code in listed if any((code, field) in values for field in FIELDS)), 1):
        sheet.write_string(heading + row, 0, cells.clean(school))
        for column, field in enumerate(FIELDS, 1):
            sheet.write_string(heading + row, column, cells.clean(values.get((school, field), "")))


def _cell(value: str, field: Field, period: Period) -> str | float | None:
    """What is written: a real date where one is understood."""
    moment = due_in(value, period) if field == "extended_to" and value else None
    if moment is None:
        return value or None
    if moment.time() == END_OF_DAY:
        return float((moment.date() - _ZERO.date()).days)
    return (moment.replace(tzinfo=None) - _ZERO) / timedelta(days=1)


def _format(book: Book, field: Field, value: object, period: Period) -> Any:
    look: dict[str, Any] = {"bg_color": styles.OPEN_FILL, "locked": False}
    if field == "extended_to":
        is_day = not isinstance(value, float) or value.is_integer()
        look |= {"align": "center", "num_format": formats.DATE if is_day else formats.MOMENT}
        if isinstance(value, str) and not log.is_understood(field, value, period):
            look["bg_color"] = styles.ERROR_FILL
    return book.formats.boxed(**look)


def _write(sheet: Worksheet, row: int, column: int, value: object, form: Any) -> None:
    if isinstance(value, str):
        sheet.write_string(row, column, cells.clean(value), form)
    elif isinstance(value, float):
        sheet.write_number(row, column, value, form)
    else:
        sheet.write_blank(row, column, None, form)


def _advise(sheet: Worksheet, column: int, field: Field, rows: int, period: Period) -> None:
    """What is told while a cell is chosen; a date that cannot be is warned of and never refused."""
    rule: dict[str, Any] = {"validate": "any"}
    if field == "extended_to":
        begin = datetime.combine(period.starts_on, datetime.min.time())
        rule = {"validate": "date", "criteria": ">=", "value": begin, "error_type": "warning"}
        rule |= {"error_title": "Ngày gia hạn", "error_message": f"Ghi ngày từ {period.starts_on:%d/%m/%Y} trở đi."}
    hint = {"input_title": COLUMNS[field], "input_message": _HINTS[field], "ignore_blank": True}
    sheet.data_validation(lists.FIRST_ROW, column, lists.FIRST_ROW + max(rows, 1) - 1, column, {**rule, **hint})
