"""Cells of an open workbook: the same whichever engine it is open in, and never more than cells."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from sync.addin import cells
from sync.addin.errors import NotAReport
from sync.intake.gsheet import SheetBook, to_bytes
from sync.intake.guard import Limits
from tests.fakes.excel_engine import Excel
from tests.fakes.remote_books import payload_of_sheets, remote_book, sent

NAME = "Một"
LIMITS = Limits()
_DAY = datetime.fromisoformat("2024-11-01")
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r", exclude_categories=["C"]), max_size=12)
CELLS = st.one_of(
    st.just(""),
    TEXTS,
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.floats(-1e9, 1e9).map(lambda number: round(number, 4)),
    st.dates(date(1950, 1, 1), date(2099, 12, 31)).map(lambda day: datetime.combine(day, datetime.min.time())),
    st.sampled_from(["#N/A", "#REF!", "#SPILL!", "2024-11-01T00:00:00", "=1+1", "98,5"]),
)


def _open(values: Any) -> cells.Rows:
    """The cells of a sheet whose JSON is `values`."""
    payload = payload_of_sheets({NAME: []})
    payload["sheets"][0]["values"] = values
    book = remote_book(payload)
    try:
        return cells.rows(book.sheets[NAME], LIMITS)
    finally:
        book.close()


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=4))
def test_cells_come_through_json_and_the_archive_as_they_are_in_the_file(grid: list[list[Any]]) -> None:
    content = to_bytes({NAME: _open([[sent(cell) for cell in row] for row in grid])}, "TH01")
    kept = SheetBook(content, LIMITS.max_cells).sheet(NAME)
    assert kept is not None
    assert _cells(kept.rows) == _cells([[float(c) if type(c) in (int, float) else c for c in row] for row in grid])
    assert to_bytes({NAME: kept.rows}, "TH01") == content


def _cells(rows: Any) -> dict[tuple[int, int], Any]:
    """The cells that hold something, with their types: True is not 1."""
    return {(r, c): (type(cell), cell) for r, row in enumerate(rows) for c, cell in enumerate(row) if cell != ""}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=8,
)


@given(JSON)
def test_whatever_a_client_sends_gives_cells_or_a_clear_refusal(values: Any) -> None:
    try:
        rows = _open(values)
    except NotAReport:
        return
    assert SheetBook(to_bytes({NAME: rows}, ""), LIMITS.max_cells).sheet(NAME) is not None


@pytest.mark.parametrize(
    ("json", "expected"),
    [
        (10**400, "#NUM!"),
        (float("nan"), "#NUM!"),
        ("2024-11-01T00:00:00.000Z", _DAY),
        ("2024-11-01T00:00:00", "2024-11-01T00:00:00"),
        ("2024-99-01T00:00:00.000Z", "2024-99-01T00:00:00.000Z"),
        ("1899-12-30T07:30:00.000Z", time(7, 30)),
        (None, ""),
    ],
)
def test_a_cell_is_what_excel_shows(json: Any, expected: Any) -> None:
    assert _open([[json]]) == [[expected]]


@pytest.mark.parametrize("number", [2015, 2042, 2045, 2050])
def test_an_error_of_excel_is_its_text_also_where_xlwings_has_no_word_for_it(number: int) -> None:
    error = _in_excel({(1, 1): -2146828288 + number})[0][0]
    assert error == {2015: "#VALUE!", 2042: "#N/A", 2045: "#SPILL!", 2050: "#CALC!"}[number]


def _excel(held: dict[tuple[int, int], Any]) -> Excel:
    """Excel with a sheet that holds these values, as COM gives them, by row and column from 1."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    book.add_worksheet(NAME).write("A1", "x")
    book.close()
    excel = Excel(target.getvalue(), "a.xlsx")
    excel.sheet(NAME).cells = {at: (value, None) for at, value in held.items()}
    return excel


def _in_excel(held: dict[tuple[int, int], Any]) -> list[list[Any]]:
    return [list(row) for row in cells.rows(_excel(held).book.sheets[NAME], LIMITS)]


def test_a_used_range_that_does_not_begin_at_a1_keeps_its_addresses() -> None:
    utc = datetime(2024, 11, 1, tzinfo=UTC)
    held = {(3, 4): "chữ", (3, 5): 2.5, (3, 6): True, (3, 7): utc, (4, 4): Decimal("12.5"), (4, 7): None}
    expected = [[], [], ["", "", "", "chữ", 2.5, True, _DAY], ["", "", "", 12.5, "", "", ""]]
    assert _in_excel(held) == expected


def test_a_sheet_that_reaches_over_too_many_cells_is_not_read() -> None:
    excel = _excel({(1, 1): "x", (1_000_000, 16_000): "y"})
    with pytest.raises(NotAReport):
        cells.rows(excel.book.sheets[NAME], LIMITS)
    assert excel.count("Range.Value") == 0
