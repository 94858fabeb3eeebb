"""The Apps Script against the real server: a school sees in Google Sheets what `baocao check` says of its file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sync.addin.writing import inert
from sync.checking import check_files
from sync.intake.gsheet import SheetBook
from sync.outputs import layout as at
from tests.addin.google_script import NO, YES, run, started, told
from tests.fakes.addin_server import Served
from tests.fakes.offices import DONE, FAULTY, NARRATIVE
from tests.fakes.remote_books import sheets_of

FINDINGS = at.FINDINGS_SHEET
MANY: dict[tuple[str, str, str], Any] = {
    **DONE,
    ("activities", "I.1", "finished_on"): "31/02/2025",
    ("activities", "I.2", "status"): "Xong",
    ("activities", "I.2", "sessions"): "=1+1",
    ("activities", "I.3", "sessions"): -2.5,
    ("activities", "I.4", "results"): '=HYPERLINK("https://x.example";"Bấm")',
    ("statistics", "A.2", "total"): "",
}


@pytest.fixture(scope="module", autouse=True)
def _node() -> Iterator[None]:
    with started():
        yield


def book_of(content: bytes) -> dict[str, Any]:
    """The workbook as a spreadsheet of Google has it."""
    sheets = [
        {"name": name, "values": values, "hidden": name.startswith("_")} for name, values in sheets_of(content).items()
    ]
    return {"timeZone": "Asia/Ho_Chi_Minh", "sheets": sheets}


def said_of_file(server: Served, content: bytes, folder: Path) -> list[dict[str, Any]]:
    """The findings of `baocao check` on the file."""
    file = folder / "bao-cao.xlsx"
    file.write_bytes(content)
    opened = server.office()
    (verdict,), _failures = check_files([file], {opened.plan.code: opened.context}, opened.limits)
    findings: list[dict[str, Any]] = verdict["findings"]
    return findings


def rows_of(happened: dict[str, Any]) -> list[list[str]]:
    """Severity, sheet, cell, message and fix of each finding in `Kiểm tra`."""
    rows = happened["sheets"][FINDINGS][at.FINDINGS_FIRST_ROW :]
    return sorted([row[1], row[2], row[3], row[5], row[6]] for row in rows if row[1])


@pytest.mark.parametrize(("changes", "least"), [({}, 0), (FAULTY, 2), (MANY, 4)], ids=["sound", "faulty", "many"])
def test_the_sheet_says_what_check_says_of_the_file(
    server: Served, changes: dict[Any, Any], least: int, tmp_path: Path
) -> None:
    content = server.workbook(changes=changes)
    happened = run("checkReport", book_of(content), server.url, key=server.key)
    text = told(happened)
    found = said_of_file(server, content, tmp_path)
    assert len({f["code"] for f in found}) >= least
    expected = [
        [at.SEVERITY_TEXTS[f["severity"]], f["sheet"] or "", f["cell"] or "", inert(f["message"]), inert(f["fix"])]
        for f in found
    ]
    assert rows_of(happened) == sorted(expected)
    assert {sheet for sheet, _row, _column in happened["written"]} <= {FINDINGS}
    assert happened["formulas"] == 0
    errors = sum(f["severity"] == "error" for f in found)
    assert (f"{errors} lỗi" if errors else "không có lỗi") in text


def test_a_report_with_errors_is_not_handed_in_and_one_without_is_once(server: Served) -> None:
    key, before = server.key_of("CS01"), server.handed_in()
    faulty = book_of(server.workbook("CS01", FAULTY))
    assert "Lỗi" in told(run("submitReport", faulty, server.url, key=key, answers=[YES]))
    sound = book_of(server.workbook("CS01", {**DONE, ("activities", "I.1", "results"): NARRATIVE}))
    assert run("submitReport", sound, server.url, key=key, answers=[NO])["written"] == []
    assert server.handed_in() == before

    happened = run(["submitReport", "submitReport"], sound, server.url, key=key, answers=[YES, YES])
    assert told(happened).startswith("Đã nộp lúc")
    assert "Đã nộp một bản lúc" in happened["said"][2]["text"]
    (file,) = server.handed_in() - before
    cells = SheetBook(file.read_bytes(), 1_000_000).sheet("Phụ lục")
    assert cells
    (row,) = [row for row in cells.rows if row[0] == "I.1"]
    days = {DONE["activities", "I.1", each] for each in ("started_on", "finished_on")}
    assert {cell.date() for cell in row if isinstance(cell, datetime)} == days


def test_the_key_of_another_school_opens_nothing(server: Served) -> None:
    happened = run("checkReport", book_of(server.workbook()), server.url, key=server.key_of("MN01"))
    assert "MN01" in told(happened)
    assert happened["written"] == []


def test_a_key_that_nobody_issued_is_refused_before_the_report_travels(server: Served) -> None:
    wrong = server.key[:-4] + ("aaaa" if not server.key.endswith("aaaa") else "bbbb")
    happened = run("submitReport", book_of(server.workbook()), server.url, key=wrong)
    assert "Nhập mã truy cập" in told(happened)
    assert [each["method"] for each in happened["requests"]] == ["get"]


def test_a_spreadsheet_that_is_no_report_is_told_so(server: Served) -> None:
    other = {"timeZone": "Asia/Ho_Chi_Minh", "sheets": [{"name": FINDINGS, "values": [["x"]]}]}
    happened = run("checkReport", other, server.url, key=server.key)
    assert told(happened)
    assert happened["written"] == []
