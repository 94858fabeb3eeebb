"""The cells of a Google Sheet as canonical bytes, and read like the workbook of the same cells."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.intake.gsheet import to_bytes
from sync.intake.guard import Limits
from sync.intake.pool import Pool
from sync.intake.reader import prepare, read
from sync.intake.reading import Reading
from sync.landmarks import SHEET_MAGIC
from tests.intake.workbooks import ACTIVITIES, META, SPECS, STATISTICS, Cell, Grid, sheets, with_cell, xlsx

PLANS = prepare(SPECS)
cells = st.one_of(
    st.text(max_size=6), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), st.booleans()
)
rows = st.lists(st.lists(cells, max_size=4), max_size=5)
books = st.dictionaries(st.text(min_size=1, max_size=4), rows, max_size=3)


def as_google(tables: Mapping[str, Grid]) -> dict[str, list[list[Any]]]:
    """The cells as Google gives them: dates as serial numbers, empty cells as empty texts."""
    return {title: [[_value(cell) for cell in row] for row in grid] for title, grid in tables.items()}


def _value(cell: Cell) -> Any:
    if isinstance(cell, date):
        return (cell - date(1899, 12, 30)).days
    return "" if cell is None else cell


def of_google(tables: Mapping[str, Grid]) -> Reading:
    return read(to_bytes(as_google(tables), "TH01"), PLANS, Limits())


# The bytes


@given(books)
def test_the_same_cells_are_the_same_bytes_whatever_blanks_follow(book: dict[str, list[list[object]]]) -> None:
    padded = {title: [[*row, "", ""] for row in grid] + [[""] * 7, []] for title, grid in reversed(list(book.items()))}
    assert to_bytes(padded, "TH01") == to_bytes(book, "TH01")
    assert to_bytes(book, "TH01").startswith(SHEET_MAGIC)


@given(books, books)
def test_other_cells_are_other_bytes(one: dict[str, list[list[object]]], other: dict[str, list[list[object]]]) -> None:
    assert (to_bytes(one, "TH01") == to_bytes(other, "TH01")) == (_filled(one) == _filled(other))


def _filled(book: Mapping[str, Sequence[Sequence[object]]]) -> dict[str, dict[tuple[int, int], str]]:
    """What is filled, as text, so that 1, 1.0 and True are three things."""
    return {
        title: {
            (row, column): _written(cell)
            for row, line in enumerate(grid)
            for column, cell in enumerate(line)
            if cell != ""
        }
        for title, grid in book.items()
    }


def _written(cell: object) -> str:
    return cell.encode("utf-8", "replace").decode() if isinstance(cell, str) else f"\0{cell!r}"


def test_what_one_school_copies_of_another_is_another_content() -> None:
    tabs = as_google(sheets())
    assert to_bytes(tabs, "TH01") != to_bytes(tabs, "TH02")
    assert read(to_bytes(tabs, "TH01"), PLANS, Limits()) == read(to_bytes(tabs, "TH02"), PLANS, Limits())


# What is read of them


def test_a_sheet_reads_like_the_workbook_of_the_same_cells() -> None:
    reading = of_google(sheets())
    assert reading == read(xlsx(sheets()), PLANS, Limits())
    assert [table.id for table in reading.tables] == ["activities", "statistics"]
    assert reading.tables[0].rows[0].values == ("Hoàn thành", date(2024, 10, 15), 12, "Tốt")


@pytest.mark.parametrize(
    ("row", "column", "cell"),
    [
        (2, 4, date(2024, 2, 29)),
        (2, 4, "15/10/2024"),
        (2, 4, "không rõ"),
        (2, 5, 98.5),
        (2, 5, -3),
        (2, 5, "1.234"),
        (2, 5, "  12  "),
        (2, 5, "mười"),
        (2, 5, True),
        (2, 3, False),
        (2, 5, 1e300),
        (2, 6, "=SUM(A1:A9)"),
        (2, 6, "+84 901"),
        (2, 6, "dòng một\ndòng hai"),
        (2, 6, 12.5),
        (2, 0, "I.9"),
        (0, 5, "Số trẻ"),
    ],
)
def test_every_kind_of_cell_reads_as_in_a_workbook(row: int, column: int, cell: Cell) -> None:
    tables = sheets(activities=with_cell(ACTIVITIES, row, column, cell))
    # As text, because 3 == 3.0 == True.
    assert repr(of_google(tables)) == repr(read(xlsx(tables), PLANS, Limits()))


def test_a_decimal_number_stays_what_it_is() -> None:
    tables = sheets(statistics=with_cell(STATISTICS, 2, 3, 98.25))
    (_activities, statistics) = of_google(tables).tables
    assert statistics.rows[1].values == (250, 98.25)


@pytest.mark.parametrize("text", ["#DIV/0!", "#REF!", "#N/A", "#VALUE!", "#NAME?", "#NUM!", "#ERROR!"])
def test_an_error_is_told_at_its_cell_and_the_row_stays(text: str) -> None:
    reading = of_google(sheets(activities=with_cell(ACTIVITIES, 2, 5, text)))
    (seen,) = reading.observations
    assert (seen.table, seen.cell, seen.row, seen.column) == ("activities", "F3", "I.1", "children")
    assert [row.code for row in reading.tables[0].rows] == ["I.1", "I.2", "II.1"]


def test_a_tab_that_was_renamed_is_known_by_its_content_and_one_that_is_missing_is_told() -> None:
    renamed = {("Sheet1" if title == "Phụ lục" else title): grid for title, grid in sheets().items()}
    assert [table.sheet for table in of_google(renamed).tables] == ["Sheet1", "Số liệu"]
    del renamed["Sheet1"]
    assert [seen.code for seen in of_google(renamed).observations] == ["sheet-missing"]


def test_whose_report_it_is_stands_in_the_hidden_tab() -> None:
    reading = of_google(sheets(meta=META))
    assert (reading.plan, reading.school, reading.period, reading.seal) == ("garden", "TH01", "2024-2025/HK1", "f00d")
    empty = of_google({})
    assert (empty.refused, empty.observations[0].code, empty.school) == (True, "not-our-workbook", None)


# What is hostile

DEEP = b'{"baocao":"google-sheet","tabs":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
HOSTILE: dict[str, bytes] = {
    "deep": DEEP,
    "deep object": SHEET_MAGIC + b',"tabs":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
    "deep cell": SHEET_MAGIC + b',"tabs":[{"title":"a","rows":[[' + b"[" * 5000 + b"]" * 5000 + b"]]}]}",
    "cut": SHEET_MAGIC + b',"tabs":[{"title":"a","rows":[["x"',
    "magic alone": SHEET_MAGIC,
    "no tabs": SHEET_MAGIC + b"}",
    "tabs null": SHEET_MAGIC + b',"tabs":null}',
    "tabs number": SHEET_MAGIC + b',"tabs":7}',
    "tab a text": SHEET_MAGIC + b',"tabs":["a"]}',
    "no rows": SHEET_MAGIC + b',"tabs":[{"title":"a"}]}',
    "rows number": SHEET_MAGIC + b',"tabs":[{"title":"a","rows":7}]}',
    "row number": SHEET_MAGIC + b',"tabs":[{"title":"a","rows":[7]}]}',
    "cell null": SHEET_MAGIC + b',"tabs":[{"title":"a","rows":[[null]]}]}',
    "cell object": SHEET_MAGIC + b',"tabs":[{"title":"a","rows":[[{}]]}]}',
    "NaN": SHEET_MAGIC + b',"tabs":[{"title":"a","rows":[[NaN]]}]}',
    "infinite": SHEET_MAGIC + b',"tabs":[{"title":"a","rows":[[-Infinity]]}]}',
    "overflowing": SHEET_MAGIC + b',"tabs":[{"title":"a","rows":[[1e999]]}]}',
    "huge number": SHEET_MAGIC + b',"tabs":[{"title":"a","rows":[[' + b"9" * 4000 + b"]]}]}",
    "no UTF-8": SHEET_MAGIC + b',"tabs":[{"title":"\xff","rows":[]}]}',
    "wide": SHEET_MAGIC + b',"tabs":[{"title":"a","rows":[[' + b"1," * 3000 + b"1]" + b",[]" * 3000 + b"]}]}",
    "text as row": SHEET_MAGIC + b',"tabs":[{"title":"a","rows":["abc"]}]}',
    "rows object": SHEET_MAGIC + b',"tabs":[{"title":"a","rows":{"b":1}}]}',
    "two documents": SHEET_MAGIC + b',"tabs":[]}{}',
}


def test_what_is_no_sheet_is_refused_as_damaged_in_the_child_process(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number:02}.gsheet" for number in range(len(HOSTILE) + 1)]
    for path, content in zip(paths, [*HOSTILE.values(), to_bytes(as_google(sheets()), "TH01")], strict=True):
        path.write_bytes(content)
    limits = replace(Limits(), max_cells=2_000_000, memory_bytes=768 << 20, cpu_seconds=3, wall_seconds=6)
    with Pool(SPECS, limits, workers=1) as pool:
        *intakes, sound = pool.read(paths)
    told = {name: _outcome(intake.reading) for name, intake in zip(HOSTILE, intakes, strict=True)}
    assert told == dict.fromkeys(HOSTILE, "damaged")
    assert sound.reading == of_google(sheets())


def _outcome(reading: Reading | None) -> str:
    assert reading is not None
    return reading.observations[0].code if reading.refused else "read"


def test_bytes_are_json_that_says_what_it_is() -> None:
    document = json.loads(to_bytes({"Một": [["à", 1.5, True, ""], [""]]}, "TH01"))
    assert document == {
        "baocao": "google-sheet",
        "school": "TH01",
        "tabs": [{"title": "Một", "rows": [["à", 1.5, True]]}],
    }
