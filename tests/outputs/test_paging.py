"""How sheets lie on printed pages, as the workbook says it."""

from __future__ import annotations

import io
from typing import Any

import openpyxl  # type: ignore[import-untyped, unused-ignore]
import pytest

from sync.outputs import styles
from sync.outputs.office_workbook import formats, lists
from sync.outputs.office_workbook.book import Book
from sync.outputs.office_workbook.lists import ListColumn
from tests.outputs.office_facts import NOW, OFFICE

PAGE = 523
"""Points between the margins of a landscape page."""


def sheet_with(rows: int, height: float = 20, width: float = 20) -> Any:
    """A sheet of one narrow column with a heading row, and its print set-up as it is saved."""
    book = Book(OFFICE, NOW, "Thử")
    sheet = book.add_sheet("Thử", "#5B9BD5")
    formats.set_widths(sheet, [width])
    for row in range(rows):
        sheet.write_string(row, 0, "chữ", book.formats.get())
        sheet.set_row(row, height)
    formats.set_up_page(sheet, OFFICE, repeat=(0, 0))
    return openpyxl.load_workbook(io.BytesIO(book.close()))["Thử"]


def test_what_fits_on_one_page_is_kept_on_one() -> None:
    assert sheet_with(PAGE // 20).page_setup.fitToHeight in (None, 1)


def test_a_few_rows_too_many_make_print_smaller_and_no_second_page() -> None:
    assert sheet_with(PAGE // 20 + 4).page_setup.fitToHeight in (None, 1)


def test_a_page_that_is_half_full_is_left() -> None:
    assert sheet_with(PAGE // 20 * 3 // 2 + 1).page_setup.fitToHeight == 2


def test_print_is_never_made_much_smaller() -> None:
    # Six rows of a third of a page each stand on two pages, three on each; seven on three.
    assert sheet_with(7, PAGE / 3.02).page_setup.fitToHeight == 3


def test_the_last_page_of_many_is_saved_with_less() -> None:
    a_page = PAGE // 20 - 1
    assert sheet_with(a_page + 9 * (a_page - 1) + 6).page_setup.fitToHeight == 10


def test_sheets_are_centred_on_their_page_and_have_coloured_tabs() -> None:
    sheet = sheet_with(3)
    assert sheet.print_options.horizontalCentered
    assert sheet.sheet_properties.tabColor.rgb == "FF5B9BD5"


def widths_of(sheet: Any) -> list[float]:
    """Of the ten columns."""
    found = sorted(sheet.column_dimensions.values(), key=lambda each: each.min)
    return [each.width for each in found for _ in range(each.min, each.max + 1)]


def list_on_two_pages(title: str) -> Any:
    book = Book(OFFICE, NOW, "Thử")
    sheet = book.add_sheet("Thử")
    columns = [ListColumn(f"Cột {number}", 12 if number < 2 else 40, "text", ["chữ"]) for number in range(9)]
    lists.write(book, sheet, columns, title=title, subtitles=[], first_page=6)
    return openpyxl.load_workbook(io.BytesIO(book.close()))["Thử"]


def test_a_list_on_two_pages_across_breaks_where_it_is_told_and_repeats_the_first_columns() -> None:
    sheet = list_on_two_pages("DANH SÁCH")
    assert [each.id for each in sheet.col_breaks.brk] == [6]
    assert sheet.print_title_cols == "$A:$C"
    assert not sheet.sheet_properties.pageSetUpPr or not sheet.sheet_properties.pageSetUpPr.fitToPage
    widths = widths_of(sheet)
    assert len(widths) == 10
    pages = sum(widths[:6]), sum(widths[:3]) + sum(widths[6:])
    # A character takes up to 8 pixels; between the margins are 1045.
    assert max(pages) * 8 * sheet.page_setup.scale / 100 <= 1050


@pytest.mark.parametrize("title", ["DANH SÁCH", "DANH SÁCH " + "DÀI " * 30])
def test_no_title_reaches_from_the_columns_that_are_repeated_over_a_page_break(title: str) -> None:
    sheet = list_on_two_pages(title.strip())
    cells = [cell for row in sheet.iter_rows(max_row=5) for cell in row if cell.value]
    areas = {area.coord.split(":")[0]: area for area in sheet.merged_cells.ranges}
    assert len(cells) == 5
    for cell in cells:
        area = areas[cell.coordinate]
        inside = area.max_col <= 3 or area.min_col > 3
        widths = widths_of(sheet)
        room = sum(widths[area.min_col - 1 : area.max_col]) - 2 * sum(widths[:3])
        assert area.max_col <= 6
        assert inside or styles.lines(str(cell.value), room, cell.font.size, bool(cell.font.bold)) == 1, cell.value
