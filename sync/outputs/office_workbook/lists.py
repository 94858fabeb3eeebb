"""A framed list below the heading of a sheet: heading row, filters, frozen rows, heights that show every text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sync.outputs.office_workbook import cells, formats, paging
from sync.outputs.office_workbook.book import Book
from sync.outputs.office_workbook.links import Link

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

HEADER_ROW = 6
"""Zero-based row of the column headings, below the administrative heading and two lines of title."""
FIRST_ROW = HEADER_ROW + 1
_REPEATED = 2
"""The last column that stays in sight, on the screen and on every page across: number, code and name."""

_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "text": {},
    "code": {"align": "center"},
    "whole": {"align": "center", "num_format": formats.WHOLE},
    "moment": {"align": "center", "num_format": formats.MOMENT},
}


@dataclass(frozen=True)
class ListColumn:
    """A column of a list; `look` is text, code, whole or moment (numbers: serial days); any may hold links."""

    heading: str
    width: float
    look: str
    values: Sequence[Link | str | float | None]


def write(
    book: Book,
    sheet: Worksheet,
    columns: Sequence[ListColumn],
    *,
    title: str,
    subtitles: Sequence[str],
    first_page: int | None = None,
) -> None:
    """The whole sheet: heading, title, at most two subtitles, the list; a running number is put before it.

    `first_page` is how many columns (with the running number) stand on the first page across, all where it is None;
    those after them follow on a second page, beside the first three once more.
    """
    rows = len(columns[0].values)
    listed = [ListColumn("Stt", 5, "code", [float(number) for number in range(1, rows + 1)]), *columns]
    widths = [column.width for column in listed]
    formats.set_widths(sheet, widths)
    book.head(sheet, title, subtitles, widths[:first_page], _REPEATED if first_page else None)
    header = book.formats.heading()
    for number, column in enumerate(listed):
        sheet.write_string(HEADER_ROW, number, column.heading, header)
        _write_column(book, sheet, number, column)
    sheet.set_row(HEADER_ROW, formats.height_for([(column.heading, column.width - 2) for column in listed]))
    _set_heights(sheet, listed, rows)
    sheet.autofilter(HEADER_ROW, 0, HEADER_ROW + max(rows, 1), len(listed) - 1)
    sheet.freeze_panes(FIRST_ROW, _REPEATED + 1)
    formats.set_up_page(sheet, book.office, repeat=(HEADER_ROW, HEADER_ROW))
    if first_page:
        _print_on_two_pages(sheet, first_page)


def _print_on_two_pages(sheet: Worksheet, second: int) -> None:
    """Columns from `second` on stand on a page of their own across; all on one would be too small to read."""
    sheet.set_print_scale(paging.scale(sheet, [second], _REPEATED + 1))
    sheet.set_v_pagebreaks([second])
    sheet.repeat_columns(0, _REPEATED)


def _write_column(book: Book, sheet: Worksheet, number: int, column: ListColumn) -> None:
    form = book.formats.boxed(**_LOOKS[column.look])
    link = book.formats.boxed(**_LOOKS[column.look], **formats.LINK)
    for row, value in enumerate(column.values, FIRST_ROW):
        if value is None:
            sheet.write_blank(row, number, None, form)
        elif isinstance(value, Link):
            sheet.write_formula(row, number, value.formula, link, value.text)
        elif isinstance(value, str):
            sheet.write_string(row, number, cells.clean(value), form)
        else:
            sheet.write_number(row, number, value, form)


def _set_heights(sheet: Worksheet, columns: Sequence[ListColumn], rows: int) -> None:
    wrapped = [column for column in columns if column.look in ("text", "code")]
    for row in range(rows):
        shown = [(_text(column.values[row]), column.width) for column in wrapped]
        sheet.set_row(FIRST_ROW + row, formats.height_for(shown))


def _text(value: Link | str | float | None) -> str:
    return value.text if isinstance(value, Link) else str(value or "")


def empty_line(book: Book, sheet: Worksheet, columns: int, text: str) -> None:
    """What an empty list says instead of its first row."""
    formats.merge(sheet, (FIRST_ROW, 0, FIRST_ROW, columns), text, book.formats.boxed(italic=True, align="center"))
