"""One open workbook made what another one is: any cells, and many schools in few calls and bounded memory."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Mapping
from datetime import timedelta

import pytest
import xlsxwriter
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sync.addin.built import BuiltBook
from sync.addin.in_place import LiveSheets, NotWritten, bring_up
from sync.addin.rewriting import MOST_RECTANGLES
from sync.consolidate import consolidate
from sync.outputs.office_workbook import build
from tests.fakes.excel_engine import Excel
from tests.outputs import tiny_plan
from tests.outputs.office_facts import NOW, OFFICE, make_facts

HOSTILE = (
    "=1+1",
    "+84 912",
    "-",
    "@SUM(A1)",
    "'",
    "'12",
    "007",
    "1/2",
    "31-12-2024",
    "TRUE",
    "1,5",
    "50%",
    "(5)",
    "  x",
)
TEXTS = st.sampled_from((*HOSTILE, "Chưa thực hiện", "x" * 9000, "hai\ndòng")) | st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=9
).filter(lambda text: not text.startswith("<r>"))
FORMULA_TEXTS = ("=SUM(A1:A3)", '=A1&"\'x"', "='Hai'!B2+1", '=HYPERLINK("../nhan/a.xlsx","a")')
FORMULAS = st.sampled_from(FORMULA_TEXTS)
NUMBERS = st.integers(-5, 50_000) | st.floats(-1e9, 1e9).map(lambda value: round(value, 4))
SHEET = st.dictionaries(st.tuples(st.integers(0, 25), st.integers(0, 5)), TEXTS | FORMULAS | NUMBERS, max_size=14)
MERGED = st.sampled_from(((), ("B30:D30",), ("B30:D30", "B31:C32"), ("C31:D31",)))

Cells = Mapping[tuple[int, int], str | float]


def workbook(sheets: Mapping[str, Cells], merged: tuple[str, ...] = ()) -> bytes:
    """A workbook of these cells; what is no formula of ours is text."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        for name, cells in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.write_string(0, 7, "đầu")
            for each in merged:
                sheet.merge_range(each, "gộp")
            for (row, column), entry in cells.items():
                if entry in FORMULA_TEXTS:
                    sheet.write_formula(row, column, str(entry), None, 1)
                elif isinstance(entry, str):
                    sheet.write_string(row, column, entry)
                else:
                    sheet.write_number(row, column, entry)
    return content.getvalue()


@example({(20, 1): "cũ"}, {(0, 0): "x" * 9000, (1, 1): "b"}, {}, {}, (), ())
@settings(max_examples=50)
@given(SHEET, SHEET, SHEET, SHEET, MERGED, MERGED)
def test_whatever_stood_there_every_cell_is_then_what_it_is_in_the_built_workbook(
    one: Cells, other: Cells, second: Cells, typed: Cells, merged: tuple[str, ...], before: tuple[str, ...]
) -> None:
    old, new = workbook({"Một": one}, before), workbook({"Một": other, "Hai": second}, merged)
    excel, wanted = Excel(old, "C:/a.xlsx"), Excel(new, "")
    for (row, column), value in typed.items():
        excel.sheet("Một").cells[row + 1, column + 1] = (value, None)

    bring_up(excel.book, BuiltBook(new), BuiltBook(old), LiveSheets(excel.book))

    for sheet in wanted.sheets:
        assert excel.sheet(sheet.name).entries() == sheet.entries()
        assert excel.sheet(sheet.name).merged == sheet.merged
    excel.calls.clear()
    excel.calculate(new)
    assert bring_up(excel.book, BuiltBook(new), BuiltBook(new), LiveSheets(excel.book)).sheets == []
    assert excel.count("Range.Value=", "Range.ClearContents", "Range.Merge", "Range.UnMerge") == 0


def test_changes_all_over_a_sheet_take_few_calls() -> None:
    old = {(row, 0): float(row) for row in range(300)}
    new = {(row, 0): float(row) + (row % 4 == 0) for row in range(300)}
    excel, built = Excel(workbook({"Một": old}), "C:/a.xlsx"), workbook({"Một": new})

    bring_up(excel.book, BuiltBook(built), None, LiveSheets(excel.book))

    assert excel.sheet("Một").entries() == Excel(built, "").sheet("Một").entries()
    assert excel.count("Range.Value=") <= MOST_RECTANGLES


def test_a_protected_sheet_is_named_and_excel_draws_and_calculates_again() -> None:
    old, new = workbook({"Một": {(0, 0): 1}}), workbook({"Một": {(0, 0): 2}})
    excel = Excel(old, "C:/a.xlsx")
    excel.sheet("Một").is_protected = True

    with pytest.raises(NotWritten, match="Một"):
        bring_up(excel.book, BuiltBook(new), BuiltBook(old), LiveSheets(excel.book))
    assert excel.settings == {"screen_updating": True, "calculation": "automatic", "display_alerts": True}


def test_five_hundred_schools_take_few_calls_and_bounded_memory() -> None:
    plan = tiny_plan.load()
    old, new = (
        build(consolidate(make_facts(plan, 500, rate=rate)), OFFICE, NOW + timedelta(hours=rate))
        for rate in (0.60, 0.85)
    )
    excel = Excel(old, "C:/tong-hop.xlsx")
    book, few = BuiltBook(new), MOST_RECTANGLES * len(BuiltBook(new).names)

    tracemalloc.start()
    written = bring_up(excel.book, book, BuiltBook(old), LiveSheets(excel.book))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    wanted = Excel(new, "")
    assert all(excel.sheet(sheet.name).entries() == sheet.entries() for sheet in wanted.sheets)
    assert excel.names == wanted.names
    assert excel.sheet("Dữ liệu").table == wanted.sheet("Dữ liệu").table
    assert written.cells > 10_000
    assert excel.count("Range.Value=") <= written.rectangles <= few
    assert excel.count() < 800
    assert peak < 1000 * written.cells
