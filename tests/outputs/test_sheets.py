"""What holds for every sheet of the finished workbook: it can be read on a screen and printed as it is."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import openpyxl  # type: ignore[import-untyped, unused-ignore]
import pytest

from sync import plan as plans
from sync.consolidate import Consolidated, consolidate
from sync.outputs.office_workbook import build
from tests.outputs import office_facts, tiny_plan
from tests.outputs.office_facts import NOW, OFFICE, make_facts
from tests.outputs.test_office_workbook import OTHER_PLAN

A4 = "9"
LIGHTEST_GREY = 0.75
"""The least lightness of a fill that a dark font can be read on when it is printed in grey."""
LISTS = ("Ma trận", "Tiến độ nộp", "Quá hạn", "Lỗi cần sửa", "Dữ liệu")
OVERVIEW = "Tổng quan"
"""The sheet that is one page: nothing of it scrolls and no head is repeated."""


def figures(name: str) -> Consolidated:
    if name == "empty":
        return consolidate(office_facts.without_reports(make_facts(plans.load("thu-thua-2020-2025"), 12), NOW))
    loaded = {"shipped": lambda: plans.load("thu-thua-2020-2025"), "other": lambda: plans.load(OTHER_PLAN)}
    plan = loaded[name]() if name in loaded else tiny_plan.load()
    return consolidate(make_facts(plan, 42))


@pytest.fixture(scope="module", params=["shipped", "other", "tiny", "empty"])
def book(request: pytest.FixtureRequest) -> Any:
    return openpyxl.load_workbook(io.BytesIO(build(figures(request.param), OFFICE, NOW)), data_only=True)


def sheets_of(book: Any) -> list[Any]:
    """The sheets that people see."""
    return [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]


def filled(sheet: Any) -> Iterator[Any]:
    return (cell for row in sheet.iter_rows() for cell in row if cell.value is not None)


def lightness(colour: str) -> float:
    """How light a colour (ARGB) is when it is printed in grey, 0 to 1 (Rec. 709)."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (2, 4, 6))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_sheet_but_the_overview_has_its_heads_frozen_and_repeated(book: Any) -> None:
    for sheet in sheets_of(book)[1:]:
        assert sheet.freeze_panes, sheet.title
        first, last = map(int, re.findall(r"\d+", sheet.print_title_rows))
        frozen = int(re.sub(r"\D", "", sheet.freeze_panes))
        assert first <= last == frozen - 1, sheet.title


def test_every_list_has_filters_over_all_its_columns(book: Any) -> None:
    for name in LISTS:
        sheet = next(sheet for sheet in book if sheet.title == name)
        found = [sheet.auto_filter.ref, *(table.autoFilter.ref for table in sheet.tables.values())]
        (area,) = [openpyxl.utils.cell.range_boundaries(ref) for ref in found if ref]
        left, top, right, bottom = area
        assert (left, top) == (1, int(re.sub(r"\D", "", sheet.freeze_panes)) - 1), name
        assert right == max(cell.column for cell in filled(sheet) if cell.row == top or name == "Ma trận"), name
        assert bottom > top, name


def test_every_sheet_is_printed_on_a4_with_its_name_and_page_numbers(book: Any) -> None:
    for sheet in sheets_of(book):
        assert str(sheet.page_setup.paperSize) == A4, sheet.title
        assert sheet.sheet_properties.pageSetUpPr.fitToPage or sheet.page_setup.scale, sheet.title
        upright = sheet.title in (OVERVIEW, "So sánh các kỳ")  # of one period alone
        assert sheet.page_setup.orientation == ("portrait" if upright else "landscape"), sheet.title
        assert "&P" in sheet.oddFooter.right.text, sheet.title


def test_every_text_is_in_times_new_roman(book: Any) -> None:
    for sheet in sheets_of(book):
        assert {cell.font.name for cell in filled(sheet)} == {"Times New Roman"}, sheet.title


def fills_of(sheet: Any) -> set[str]:
    """The colours of cells, of conditional formats and of scales."""
    rules = [rule for area in sheet.conditional_formatting for rule in area.rules]
    solid = [cell.fill.fgColor for row in sheet.iter_rows() for cell in row if cell.fill.fill_type == "solid"]
    marked = [rule.dxf.fill.bgColor for rule in rules if rule.dxf and rule.dxf.fill]
    scales = [colour for rule in rules if rule.colorScale for colour in rule.colorScale.color]
    return {str(colour.rgb) for colour in (*solid, *marked, *scales) if colour is not None}


def test_no_fill_is_too_dark_for_a_black_and_white_print(book: Any) -> None:
    fills = {sheet.title: fills_of(sheet) for sheet in sheets_of(book)}
    assert {(name, fill) for name, found in fills.items() for fill in found if lightness(fill) < LIGHTEST_GREY} == set()
    assert len(set.union(*fills.values())) > 3


def shown(value: float | datetime, number_format: str) -> str:
    """A number or a moment as long as it is shown, for the formats that the workbook uses."""
    if isinstance(value, datetime):
        return number_format
    if number_format.endswith("%"):
        return f"{value:.{max(number_format.count('0') - 1, 0)}%}"
    return f"{value:,.{2 if '.' in number_format else 0}f}" if "#,##0" in number_format else f"{value:g}"


def test_no_column_is_narrower_than_its_longest_number(book: Any) -> None:
    numbers = 0
    for sheet in sheets_of(book):
        wide = {cell for area in sheet.merged_cells.ranges for cell in area.cells}
        for cell in filled(sheet):
            if isinstance(cell.value, int | float | datetime) and (cell.row, cell.column) not in wide:
                width = sheet.column_dimensions[column_of(sheet, cell)].width
                # Half a character is what the edges of a cell take; a point or a slash is half a digit wide.
                text = shown(cell.value, cell.number_format)
                needed = len(text) - 0.5 * len(re.findall(r"[.,/: ]", text)) + 0.5
                assert needed <= width, (sheet.title, cell.coordinate, text, width)
                numbers += 1
    assert numbers > 10


def column_of(sheet: Any, cell: Any) -> str:
    """The letters under which openpyxl keeps the width: of the first of several equally wide columns."""
    spans = {letters: column for letters, column in sheet.column_dimensions.items() if column.min}
    return next(str(letters) for letters, column in spans.items() if column.min <= cell.column <= column.max)
