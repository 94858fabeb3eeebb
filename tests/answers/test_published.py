"""What somebody types into the published spreadsheet is heard, and nothing of it is lost when it is filled anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sync import passes
from sync.answers import listening, published
from sync.decisions import COLUMNS, Field
from sync.landmarks import PROGRESS_SHEET, SCHOOL_HEADING
from sync.ledger import Ledger
from sync.passes import PassResult
from sync.spreadsheets import link_of
from sync.text import address
from tests.fakes import officer
from tests.fakes.google import NOT_SHARED, GoogleServer
from tests.fakes.google_offices import NOW, Office, google_at, never_wait
from tests.fakes.offices import DONE, send

pytestmark = pytest.mark.usefixtures("english")

BOOK = "tong-hop/tong-hop-2024-2025-HK1.xlsx"
READ = "sheets.spreadsheets.values.batchGet"


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
    work(made)
    google.reset_log()
    return made


def work(office: Office, minutes: int = 0) -> PassResult:
    return passes.run(office.open(NOW + timedelta(minutes=minutes)), wait=never_wait)


def place(google: GoogleServer, target: str, school: str, field: Field) -> str:
    rows = google.tab(target, PROGRESS_SHEET)
    [heading] = [number for number, row in enumerate(rows) if SCHOOL_HEADING in row]
    code = rows[heading].index(SCHOOL_HEADING)
    [row] = [number for number, row in enumerate(rows) if number > heading and len(row) > code and row[code] == school]
    return address(row, rows[heading].index(COLUMNS[field]))


def said(office: Office) -> list[tuple[str, str, str, str | None]]:
    with Ledger.open(office.open().ledger_url) as ledger:
        return [(each.school, each.field, each.value, each.base) for each in ledger.decisions.all()]


def test_what_is_typed_there_is_heard_by_the_next_pass_and_shown_in_both_places(
    office: Office, google: GoogleServer, target: str
) -> None:
    google.edit(target, PROGRESS_SHEET, place(google, target, "MN01", "extended_to"), 45698)
    google.edit(target, PROGRESS_SHEET, place(google, target, "CS01", "note"), "Đã gọi điện")
    result = work(office, 1)
    assert said(office) == [("MN01", "extended_to", "2025-02-10", ""), ("CS01", "note", "Đã gọi điện", "")]
    book = office.workspace.path / BOOK
    assert officer.shown(book, "CS01", "note") == "Đã gọi điện"
    rows = google.tab(target, PROGRESS_SHEET)
    assert any("10/02/2025" in row for row in rows)
    assert (result.problems, result.notes) == ([], [])
    work(office, 2)
    assert len(said(office)) == 2


def test_a_pass_without_news_reads_it_once_and_writes_nothing(
    office: Office, google: GoogleServer, target: str
) -> None:
    work(office, 1)
    assert google.counted(READ, "sheets.spreadsheets.get", "sheets.spreadsheets.values.batchUpdate") == {READ: 1}


def test_what_is_cleared_there_is_taken_back(office: Office, google: GoogleServer, target: str) -> None:
    officer.type_in(office.workspace.path / BOOK, "MN01", "note", "Đã gọi điện")
    work(office, 1)
    google.edit(target, PROGRESS_SHEET, place(google, target, "MN01", "note"), "")
    work(office, 2)
    assert [each[:3] for each in said(office)] == [("MN01", "note", "Đã gọi điện"), ("MN01", "note", "")]
    assert officer.shown(office.workspace.path / BOOK, "MN01", "note") is None


def test_what_is_typed_elsewhere_there_is_kept_as_a_workbook_and_told(
    office: Office, google: GoogleServer, target: str
) -> None:
    google.edit(target, "Tổng quan", "B40", "Nhớ gọi cho ông Ba")
    send(office.workspace.path, "MN01")
    [note] = work(office, 1).notes
    [kept] = (office.workspace.path / "tong-hop").glob("*bản có sửa trên Google*")
    assert ("Tổng quan: B40" in note, kept.name in note) == (True, True)
    assert openpyxl.load_workbook(kept)["Tổng quan"]["B40"].value == "Nhớ gọi cho ông Ba"
    work(office, 2)
    assert len(list((office.workspace.path / "tong-hop").glob("*bản có sửa*"))) == 1


def test_a_spreadsheet_that_cannot_be_read_is_a_problem_and_is_not_filled(
    office: Office, google: GoogleServer, target: str
) -> None:
    google.edit(target, PROGRESS_SHEET, place(google, target, "MN01", "note"), "Đã gọi điện")
    send(office.workspace.path, "MN01")
    google.fail(READ, NOT_SHARED, times=2)
    failed = work(office, 1)
    assert ["published" in problem for problem in failed.problems] == [True, True]
    assert (failed.accepted, said(office)) == (2, [])
    assert work(office, 2).problems == []
    assert [each[:3] for each in said(office)] == [("MN01", "note", "Đã gọi điện")]


def test_what_it_was_filled_with_may_be_lost(office: Office, google: GoogleServer, target: str) -> None:
    officer.type_in(office.workspace.path / BOOK, "CS01", "note", "Hỏi lại")
    work(office, 1)
    (office.workspace.state / f"published {target}.xlsx").unlink()
    google.edit(target, PROGRESS_SHEET, place(google, target, "MN01", "note"), "Đã gọi điện")
    work(office, 2)
    assert [each[:3] for each in said(office)][1:] == [("MN01", "note", "Đã gọi điện")]


def test_a_pass_that_dies_after_filling_it_takes_nothing_back(
    office: Office, google: GoogleServer, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_arguments: object) -> None:
        raise KeyboardInterrupt

    officer.type_in(office.workspace.path / BOOK, "MN01", "note", "Đã gọi điện")
    with monkeypatch.context() as patched:
        patched.setattr(published, "done", dies)
        with pytest.raises(KeyboardInterrupt):
            work(office, 1)
    officer.type_in(office.workspace.path / BOOK, "MN01", "note", "Đã gọi lại")
    work(office, 2)
    assert [each[:3] for each in said(office)] == [("MN01", "note", "Đã gọi điện"), ("MN01", "note", "Đã gọi lại")]
    assert place(google, target, "MN01", "note")
    assert any("Đã gọi lại" in row for row in google.tab(target, PROGRESS_SHEET))


def test_what_is_typed_there_while_the_workbook_is_built_is_heard_in_the_same_pass(
    office: Office, google: GoogleServer, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = listening.Answers.place

    def late(self: listening.Answers, *arguments: Any) -> Path:
        if not typed:
            typed.append(True)
            google.edit(target, PROGRESS_SHEET, place(google, target, "MN01", "note"), "phút chót")
        return whole(self, *arguments)

    typed: list[bool] = []
    monkeypatch.setattr(listening.Answers, "place", late)
    send(office.workspace.path, "MN01")
    work(office, 1)
    assert [each[:3] for each in said(office)] == [("MN01", "note", "phút chót")]
    assert officer.shown(office.workspace.path / BOOK, "MN01", "note") == "phút chót"
    assert any("phút chót" in row for row in google.tab(target, PROGRESS_SHEET))
