"""What `check` writes into an open workbook, and where it writes nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sync import addin
from sync.addin.errors import NotAReport, OtherSchool
from sync.addin.writing import inert
from sync.outputs import layout
from tests.addin.offices import PLACE, AddinOffice, addin_office
from tests.fakes.excel_engine import Excel
from tests.fakes.offices import DONE
from tests.fakes.remote_books import Written, payload_of, payload_of_sheets, remote_book, sheets_of

NOW = "2025-01-18T09:00"
TYPED = {**DONE, ("activities", "I.1", "sessions"): "=1+1", ("activities", "I.2", "status"): "@SUM(A1)"}
"""What a person may type where a number and a choice belong."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> AddinOffice:
    return addin_office(tmp_path_factory.mktemp("office"))


def _checked(office: AddinOffice, payload: dict[str, Any], school: str | None = None) -> tuple[addin.Outcome, Written]:
    book = remote_book(payload)
    try:
        return addin.check(book, office.open(NOW), school), Written(payload, book.json())
    finally:
        book.close()


def test_the_verdict_goes_into_its_place_in_two_calls_and_clears_the_one_before(office: AddinOffice) -> None:
    outcome, written = _checked(office, payload_of(office.workbook("TH01", TYPED)), "TH01")
    assert (outcome.accepted, outcome.submitted, outcome.errors) == (False, False, 2)
    assert (outcome.due, outcome.school) == ("2025-01-22T23:59:59+07:00", "TH01")
    assert (written.calls, set(written.cells)) == (2, {PLACE})
    last = layout.FINDINGS_FIRST_ROW + layout.FINDINGS_ROWS
    rows = {f"{letter}{row}" for letter in "ABCDEFG" for row in range(layout.FINDINGS_FIRST_ROW + 1, last + 1)}
    assert written.cells[PLACE].keys() == rows | {"B2", "B3"}
    assert {value for place, value in written.cells[PLACE].items() if int(place[1:]) > 15} == {""}


def test_what_a_school_typed_is_no_formula_in_the_answer(office: AddinOffice) -> None:
    _outcome, written = _checked(office, payload_of(office.workbook("TH01", TYPED)))
    texts = [str(value) for value in written.cells[PLACE].values()]
    assert {"“=1+1”", "“@SUM(A1)”"} <= set(texts)
    assert not any(text.startswith(("=", "+", "-", "@")) for text in texts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("=A1", "“=A1”"), (" \t=A1", "“ \t=A1”"), ("-2", "-2"), ("-2,5", "-2,5"), ("-2+3", "“-2+3”"), ("2=2", "2=2")],
)
def test_only_what_would_be_a_formula_is_put_in_quotation_marks(text: str, expected: str) -> None:
    assert inert(text) == expected


def test_a_report_without_errors_says_that_it_is_not_handed_in_yet(office: AddinOffice) -> None:
    outcome, written = _checked(office, payload_of(office.workbook("TH01", DONE)))
    assert (outcome.accepted, outcome.submitted) == (True, False)
    assert written.filled(PLACE) == {
        "B2": "Đã kiểm tra lúc 09:00 ngày 18/01/2025.",
        "B3": "Báo cáo không có lỗi và chưa nộp: bấm Nộp để nộp.",
    }


def test_only_the_sheets_that_are_needed_need_travel(office: AddinOffice) -> None:
    content = office.workbook("TH01", TYPED)
    needed = {"_meta", "Thông tin", "Phụ lục", "Chỉ tiêu", "Nhiệm vụ", "Số liệu"}
    assert _checked(office, payload_of(content, needed))[0] == _checked(office, payload_of(content))[0]


@pytest.mark.parametrize("name", ["Sheet1", PLACE])
def test_nothing_is_written_into_a_workbook_that_is_none_of_ours(office: AddinOffice, name: str) -> None:
    book = remote_book(payload_of_sheets({name: [["Thu", "Chi"], [1, 2]]}))
    with pytest.raises(NotAReport):
        addin.check(book, office.open(NOW))
    assert book.json() == {"actions": []}
    book.close()


def test_nothing_is_written_into_the_workbook_of_another_school(office: AddinOffice) -> None:
    book = remote_book(payload_of(office.workbook("TH01")))
    with pytest.raises(OtherSchool):
        addin.check(book, office.open(NOW), "MN01")
    assert book.json() == {"actions": []}
    book.close()


def test_a_workbook_that_does_not_say_whose_it_is_is_the_keys(office: AddinOffice) -> None:
    sheets = {name: rows for name, rows in sheets_of(office.workbook("TH01")).items() if name != "_meta"}
    sheets["Thông tin"] = [[]]
    outcome, written = _checked(office, payload_of_sheets(sheets), "TH01")
    assert (outcome.school, outcome.accepted) == ("TH01", False)
    assert "no-identity" in {finding["code"] for finding in outcome.findings}
    assert written.filled(PLACE)["B3"] == "Không nộp được báo cáo này: xem lý do bên dưới."


def test_outside_a_workspace_a_report_is_judged_by_the_shipped_plans(office: AddinOffice) -> None:
    book = remote_book(payload_of(office.workbook("TH01", TYPED)))
    outcome = addin.check(book, None)
    assert (outcome.errors, outcome.due, outcome.standing) == (2, None, None)
    book.close()


def test_excel_on_the_desktop_gets_the_same_answer_in_few_calls(office: AddinOffice) -> None:
    content = office.workbook("TH01", TYPED)
    outcome, written = _checked(office, payload_of(content))
    excel = Excel(content, str(Path("C:/bao-cao.xlsx")))
    assert addin.check(excel.book, office.open(NOW)) == outcome
    sheet = excel.sheet(PLACE).entries()
    told = {place: text for place, text in written.filled(PLACE).items() if place[0] != "E"}
    assert {place: sheet.get(place) for place in told} == told
    assert excel.count("Range.Value") == 6
    assert excel.count("Range.Value=") == 2
    assert excel.count() < 100


def test_the_functions_are_imported_without_xlwings_and_pandas() -> None:
    script = "import sys, sync.addin; print(sorted({'xlwings', 'pandas', 'sqlalchemy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
