"""The writers: the same cells in three formats, and a workbook filled in like one that was built."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook, PasswordError, SheetVisibleEnum

from sync import periods
from sync import plan as plans
from sync.config import Office
from sync.demo import files, reports
from sync.demo.book import Book, Content, Sealer, Sheet
from sync.demo.cast import invent
from sync.demo.report import Report
from sync.demo.soundness import Error, Odd
from sync.demo.typing_in import Typist
from sync.intake.sniff import sniff
from sync.outputs.layout import layout
from sync.outputs.school_workbook import Form, build
from tests.demo.inboxes import OpenWorkbook

KINDS = ("xlsx", "ods", "xls")
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=30).filter(
    lambda text: not text.startswith("#")
)
CONTENTS = st.one_of(TEXT, st.integers(0, 10**6), st.dates(date(2000, 1, 1), date(2099, 12, 31)))
CELLS = st.dictionaries(st.tuples(st.integers(0, 30), st.integers(0, 20)), CONTENTS, min_size=1, max_size=12)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(cells=CELLS)
def test_what_is_written_is_read_back_from_the_same_cells(kind: str, cells: dict[tuple[int, int], Content]) -> None:
    content = files.write([Sheet("Một"), Sheet("Hai & <ba>", dict(cells))], kind)
    assert sniff(content).kind == kind
    assert OpenWorkbook(content).cells == {"Một": {}, "Hai & <ba>": cells}


@pytest.mark.parametrize("kind", KINDS)
def test_a_hidden_sheet_is_hidden(kind: str) -> None:
    content = files.write([Sheet("a", {(0, 0): 1}), Sheet("_meta", {(0, 0): "x"}, is_hidden=True)], kind)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert [sheet.visible for sheet in book.sheets_metadata] == [SheetVisibleEnum.Visible, SheetVisibleEnum.Hidden]


def test_an_error_is_an_error_in_xlsx_and_refused_elsewhere() -> None:
    sheets: Book = [Sheet("a", {(0, 0): Error("#DIV/0!")})]
    assert OpenWorkbook(files.write(sheets, "xlsx")).shown("a", "A1") == "#DIV/0!"
    for kind in ("ods", "xls"):
        with pytest.raises(TypeError):
            files.write(sheets, kind)


def test_a_locked_workbook_asks_for_its_password(tmp_path: Path) -> None:
    file = tmp_path / "locked.xlsx"
    file.write_bytes(files.locked(random.Random(1).randbytes(8192)))
    assert sniff(file.read_bytes()).kind == "encrypted"
    with pytest.raises(PasswordError):
        CalamineWorkbook.from_path(file)


@pytest.mark.parametrize(
    ("content", "kind"),
    [(files.pdf(), "pdf"), (files.word_document("a < b"), "docx"), (files.web_page("a < b"), "html")],
)
def test_what_is_no_workbook_is_what_it_looks_like(content: bytes, kind: str) -> None:
    assert sniff(content).kind == kind


@pytest.fixture(scope="module")
def typed() -> list[tuple[Report, bytes, bytes]]:
    """Reports of one school of each level: filled in, and built."""
    plan = plans.load("thu-thua-2020-2025")
    period = next(p for p in periods.proposed(plan, ZoneInfo("Asia/Ho_Chi_Minh")) if p.key == "2024-2025/HK1")
    office = Office(name="PHÒNG <A> & B", parent="ỦY BAN")
    typist, sealer = Typist(office), Sealer(bytes(32), plan)
    return list(_typed(reports.sound(plan, invent(plan, 4, random.Random(7)), period, 7), typist, sealer))


def _typed(drafted: list[Report], typist: Typist, sealer: Sealer) -> Iterator[tuple[Report, bytes, bytes]]:
    for report in drafted:
        report.filled["activities"]["I.1"]["results"] = '  a < b & "c"\n=1+1 '
        report.filled["activities"]["I.2"]["sessions"] = Odd("khoảng 5")
        identity = sealer.sealed(report.school.code, report.period.key)
        fill = {
            (table, row, column): value.written if isinstance(value, Odd) else value
            for table, rows in report.filled.items()
            for row, cells in rows.items()
            for column, value in cells.items()
        }
        form = Form(report.plan, report.school, report.period, typist.office, identity.seal)
        yield report, typist.filled_in(report, identity), build(form, fill)


def test_a_workbook_that_is_filled_in_says_what_a_built_one_says(typed: list[tuple[Report, bytes, bytes]]) -> None:
    """Everywhere but where formulas stand: their results are cleared, to be calculated when the file is opened."""
    for report, filled_in, built in typed:
        one, other = OpenWorkbook(filled_in), OpenWorkbook(built)
        assert one.names == other.names
        places = {place.sheet: place for place in layout(report.plan).values()}
        for name in one.names:
            formulas = set(range(places[name].verdict_column, 200)) if name in places else set()
            found = {at: value for at, value in one.cells[name].items() if at[1] not in formulas}
            wanted = {at: value for at, value in other.cells[name].items() if at[1] not in formulas}
            live = {at for at in wanted if at not in found}
            assert {at: value for at, value in wanted.items() if at not in live} == found
            # The live count above a table, and all counts of the sheet of findings.
            assert len(live) <= (1 if name in places else 20 if name == "Kiểm tra" else 0), (name, live)
