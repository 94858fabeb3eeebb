"""The consolidated workbook's sheets in a spreadsheet of the office."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from sync import passes
from sync.answers.published import values_of
from sync.passes import PassResult
from sync.spreadsheets import link_of
from tests.fakes.google import NOT_SHARED, GoogleServer
from tests.fakes.google_offices import NOW, Office, google_at, never_wait
from tests.fakes.offices import DONE, PERIOD, YEAR, send

pytestmark = pytest.mark.usefixtures("english")

SHEETS_WRITES = ("sheets.spreadsheets.batchUpdate", "sheets.spreadsheets.values.batchUpdate")
BOOK = "tong-hop/tong-hop-2024-2025-HK1.xlsx"


@pytest.fixture
def google() -> Iterator[GoogleServer]:
    with google_at() as server:
        yield server


@pytest.fixture
def target(google: GoogleServer) -> str:
    return google.add_spreadsheet("Tổng hợp của phòng", {"Ghi chú riêng": [["giữ lại"]]})


@pytest.fixture
def office(google: GoogleServer, target: str, tmp_path: Path) -> Office:
    made = Office(google, tmp_path, shared_drive="", publish_to=link_of(target))
    send(made.workspace.path, "TH01", DONE)
    return made


def work(office: Office, minutes: int = 0, period: str | None = None) -> PassResult:
    return passes.run(office.open(NOW + timedelta(minutes=minutes)), period=period, wait=never_wait)


def shown(office: Office) -> list[str]:
    """The titles of the sheets of the workbook that people see."""
    book = CalamineWorkbook.from_filelike(io.BytesIO((office.workspace.path / BOOK).read_bytes()))
    return [each.name for each in book.sheets_metadata if each.visible == SheetVisibleEnum.Visible]


def test_every_sheet_that_people_see_is_there_beside_what_was_there_before(
    office: Office, google: GoogleServer, target: str
) -> None:
    assert work(office).problems == []
    assert google.titles(target) == ["Ghi chú riêng", *shown(office)]
    assert google.tab(target, "Ghi chú riêng") == [["giữ lại"]]
    assert google.counted(*SHEETS_WRITES) == dict.fromkeys(SHEETS_WRITES, 1)


def test_the_cells_are_the_workbooks_own_and_days_are_readable(
    office: Office, google: GoogleServer, target: str
) -> None:
    work(office)
    rows = google.tab(target, "Dữ liệu")
    [row] = [each for each in rows if "I.1" in each]
    assert "Trường Tiểu học Hoa Sen" in row
    assert "01/10/2024" in row
    assert 4 in row
    assert "KH 12/KH-TH ngày 05/10/2024" in row


def test_rows_begin_at_a1_and_what_people_do_not_see_is_left_out() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet("Tổng quan")
        sheet.write_string("B3", "=1+1")
        sheet.write_formula("C3", "=1+1", None, 2)
        sheet.write_number("D3", 45_677.5, book.add_format({"num_format": "dd/mm/yyyy hh:mm"}))
        sheet.write_number("E3", 98.5)
        book.add_worksheet("Danh mục").hide()
    assert values_of(content.getvalue()) == {
        "Tổng quan": [["", "", "", "", ""], ["", "", "", "", ""], ["", "=1+1", 2, "20/01/2025 12:00", 98.5]]
    }


def test_what_did_not_change_is_not_published_again(office: Office, google: GoogleServer, target: str) -> None:
    work(office)
    google.reset_log()
    work(office, 1)
    send(office.workspace.path, "TH01", DONE, name="ban-sao/TH01.xlsx")
    work(office, 2)
    assert google.counted(*SHEETS_WRITES) == {}


def test_what_changed_is_published_with_one_write(office: Office, google: GoogleServer, target: str) -> None:
    work(office)
    google.reset_log()
    send(office.workspace.path, "MN01", {("activities", "I.1", "difficulties"): "Thiếu phòng họp"})
    assert work(office, 5).problems == []
    assert google.counted("sheets.spreadsheets.values.batchUpdate") == {"sheets.spreadsheets.values.batchUpdate": 1}
    assert any("Thiếu phòng họp" in row for row in google.tab(target, "Dữ liệu"))


def test_a_failure_is_a_problem_of_the_pass_and_the_next_one_tries_again(
    office: Office, google: GoogleServer, target: str
) -> None:
    google.fail("sheets.spreadsheets.get", NOT_SHARED)
    failed = work(office)
    assert ["could not be published" in each for each in failed.problems] == [True]
    assert (failed.accepted, (office.workspace.path / BOOK).is_file()) == (1, True)
    again = work(office, 1)
    assert (again.problems, again.periods[0]["rebuilt"]) == ([], False)
    assert google.titles(target)[1:] == shown(office)


def test_only_the_current_period_is_published(office: Office, google: GoogleServer, target: str) -> None:
    assert work(office, period=YEAR).problems == []
    assert google.titles(target) == ["Ghi chú riêng"]
    work(office, 1, PERIOD)
    assert len(google.titles(target)) > 1


def test_what_is_no_link_is_told_at_each_pass(google: GoogleServer, tmp_path: Path) -> None:
    office = Office(google, tmp_path, shared_drive="", publish_to="Tổng hợp")
    for minutes in (0, 1):
        assert work(office, minutes).problems == ["publish_to in [google] is no link to a Google Sheet."]
