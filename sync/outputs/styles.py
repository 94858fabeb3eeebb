"""What all workbooks share: formats, page set-up, the heading of an administrative document, row heights.

XlsxWriter measures row heights and column widths in points and characters; so does this module.
"""

from __future__ import annotations

import io
import math
import unicodedata
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

FONT = "Times New Roman"
COUNTRY = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"

# Light fills with dark fonts only: they survive every program that opens workbooks.
HEADING_FILL = "#D9E2F3"
SECTION_FILL = "#EEF2F8"
OPEN_FILL = "#EAF4FE"
CLOSED_FILL = "#E7E6E6"
TODO_FILL = "#FFF8D6"
WARNING_FILL = "#FFE3C2"
ERROR_FILL = "#FFCFCF"
DONE_FILL = "#E2F2DA"
GREY_FONT = "#7F7F7F"
BORDER = "#8C8C8C"

_HORN = "\u031b"
_WIDTHS = {
    character: width
    for width, characters in (
        (0.28, "ijlt/,.:;!'|"),
        (0.33, "rfI-()[]"),
        (0.39, "sJ"),
        (0.44, "acez“”?"),
        (0.56, "PFS+=<>"),
        (0.61, "LETZ"),
        (0.67, "BCR"),
        (0.78, "m&"),
        (0.83, "w%"),
        (1.0, "MW@…—"),
    )
    for character in characters
}
_POINTS_PER_CHARACTER = 5.25
_PADDING = 2.0
_LINE = 1.19
_SAFETY = 1.02


def new_workbook(buffer: io.BytesIO, title: str, author: str, created: datetime) -> Workbook:
    """An empty workbook that is written to `buffer` on closing; equal contents give equal bytes.

    Nothing that looks like a formula, a link or a number in a text becomes one.
    """
    book = Workbook(
        buffer,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    book.set_properties({"title": title, "author": author, "created": created})
    book.set_calc_mode("auto")
    return book


class Styles:
    """Formats of one workbook, each made once; the font is Times New Roman, the size 12 unless told."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def get(self, **properties: Any) -> Format:
        """The format with XlsxWriter's `properties`."""
        wanted = {"font_name": FONT, "font_size": 12, "valign": "vcenter", **properties}
        key = tuple(sorted(wanted.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(wanted)
        return self._formats[key]

    def boxed(self, **properties: Any) -> Format:
        """A cell of a table: a thin frame and wrapped text."""
        return self.get(**{"border": 1, "border_color": BORDER, "text_wrap": True, **properties})

    def heading(self, **properties: Any) -> Format:
        """A cell of a table's heading row."""
        return self.boxed(**{"bold": True, "align": "center", "bg_color": HEADING_FILL, **properties})

    def fill(self, colour: str, *, framed: bool = False) -> Format:
        """A conditional format's fill, with a thin frame where a cell has none of its own."""
        frame = {"border": 1, "border_color": BORDER} if framed else {}
        return self._conditional("fill", {"bg_color": colour, **frame})

    def frame(self) -> Format:
        """A conditional format's thin frame."""
        return self._conditional("frame", {"border": 1, "border_color": BORDER})

    def _conditional(self, name: str, properties: dict[str, Any]) -> Format:
        # Only what it changes: a conditional format with a font's name or size is an error to Excel.
        key = (("conditional", name), *properties.items())
        if key not in self._formats:
            self._formats[key] = self._book.add_format(properties)
        return self._formats[key]


def page(
    sheet: Worksheet,
    *,
    print_area: tuple[int, int, int, int] | None = None,
    footer: str = "",
    repeat_row: int | None = None,
    one_page: bool = False,
) -> None:
    """A4 landscape, one page wide, page numbers; `print_area` is first row, first column, last row, last column;
    without it, whatever is filled is printed."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.3, right=0.3, top=0.45, bottom=0.55)
    sheet.fit_to_pages(1, 1 if one_page else 0)
    if print_area is not None:
        sheet.print_area(*print_area)
    if repeat_row is not None:
        sheet.repeat_rows(repeat_row)
    font = f'&"{FONT},Regular"&9 '
    # A header holds 255 characters, and '&' is its own sign in it.
    text = footer[:80].replace("&", "&&")
    sheet.set_footer(f"&L{font}{text}&R{font}Trang &P/&N", {"margin": 0.25})


def administrative_heading(
    sheet: Worksheet,
    styles: Styles,
    widths: Sequence[float],
    superior: str,
    issuer: str,
    first_row: int = 0,
    left_end: int | None = None,
) -> None:
    """Two rows: superior body and issuer on the left, the country and its motto on the right.

    `widths` are the widths of the printed columns from the first one on; hidden columns have width 0. `left_end` is
    the last column of the left block, chosen by the widths where it is None.
    """
    left, right = heading_spans(widths)
    left = left if left_end is None else (0, left_end)
    texts: tuple[tuple[str, str, dict[str, Any], dict[str, Any]], ...] = (
        (superior.upper(), COUNTRY, {}, {"bold": True}),
        (issuer.upper(), MOTTO, {"bold": True}, {"bold": True, "underline": 1, "font_size": 13}),
    )
    for row, (office, country, office_font, country_font) in enumerate(texts, start=first_row):
        centre: dict[str, Any] = {"align": "center", "text_wrap": True}
        across(sheet, row, left, office, styles.get(**centre, **office_font))
        across(sheet, row, right, country, styles.get(**centre, **country_font))
        width = sum(widths[left[0] : left[1] + 1])
        sheet.set_row(row, height([(office, width, 12, True)], least=16))


def heading_spans(widths: Sequence[float]) -> tuple[tuple[int, int], tuple[int, int]]:
    """First and last column of the left and of the right block of an administrative heading."""
    total = sum(widths)
    edges = [sum(widths[: index + 1]) for index in range(len(widths))]
    left_end = min(range(len(widths)), key=lambda index: abs(edges[index] - total * 0.42))
    right_start = min(range(len(widths)), key=lambda index: abs(edges[index] - widths[index] - total * 0.58))
    left_end = min(left_end, len(widths) - 2)
    return (0, left_end), (max(right_start, left_end + 1), len(widths) - 1)


def across(sheet: Worksheet, row: int, columns: tuple[int, int], text: str, style: Format) -> None:
    """Writes `text` over `columns` (first, last) of `row`, merged where they are more than one."""
    if columns[0] < columns[1]:
        sheet.merge_range(row, columns[0], row, columns[1], "", style)
    sheet.write_string(row, columns[0], text, style)


def signatures(
    sheet: Worksheet, styles: Styles, row: int, widths: Sequence[float], left: str, right: str, place: str = ""
) -> None:
    """Two places to sign. All of it is one tall row, because a page break cannot cut a row in two."""
    spans = heading_spans(widths)
    style = styles.get(align="center", valign="top", text_wrap=True)
    bold, slanted = styles.get(bold=True), styles.get(italic=True)
    dated = f"{place + ', ' if place else ''}ngày …… tháng …… năm 20……\n"
    for columns, parts in (
        (spans[0], (slanted, "\n", bold, left.upper(), slanted, "\n(Ký, ghi rõ họ tên)")),
        (spans[1], (slanted, dated, bold, right.upper(), slanted, "\n(Ký tên, đóng dấu)")),
    ):
        if columns[0] < columns[1]:
            sheet.merge_range(row, columns[0], row, columns[1], "", style)
        sheet.write_rich_string(row, columns[0], *parts, style)
    sheet.set_row(row, 120)


def protect(sheet: Worksheet) -> None:
    """Locks the sheet's locked cells, without a password; columns and rows may still be resized."""
    sheet.protect("", {"format_columns": True, "format_rows": True})


def height(texts: Collection[tuple[str, float, float, bool]], least: float = 18) -> float:
    """The height in points that a row needs for wrapped `texts`: (text, column width, font size, bold) each."""
    needed = [lines(text, width, size, bold) * size * _LINE + 6 for text, width, size, bold in texts]
    return min(409.0, math.ceil(max([least, *needed])))


def lines(text: str, width: float, size: float, bold: bool = False) -> int:
    """How many lines wrapped `text` takes in a column of `width` characters in Times New Roman of `size` points."""
    room = max(width * _POINTS_PER_CHARACTER - _PADDING, size) / (size * _SAFETY * (1.06 if bold else 1.0))
    return sum(_lines_of_paragraph(paragraph, room) for paragraph in text.split("\n"))


def _lines_of_paragraph(text: str, room: float) -> int:
    count, used = 1, 0.0
    for word in text.split(" "):
        length = sum(map(_em, word))
        if used and used + 0.25 + length > room:
            count, used = count + 1, 0.0
        elif used:
            used += 0.25
        used += length
        if used > room:
            # A word longer than the line is broken anywhere.
            count += int(used // room)
            used %= room
    return count


@cache
def _em(character: str) -> float:
    """The width of a character of Times New Roman, in ems; a letter's marks have no width, but a horn has."""
    letter = unicodedata.normalize("NFD", character)
    return _WIDTHS.get(letter[0], 0.72 if letter[0].isupper() else 0.5) + (0.06 if _HORN in letter else 0.0)
