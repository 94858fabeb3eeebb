"""What shows beside other reports: earlier periods, other schools, a report taken back; and what is withheld."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from sync import checking, facts, i18n, office, passes, period_findings
from sync.beside import compared
from sync.checks.texts import WITHHELD
from sync.ledger import Ledger
from tests.fakes import offices
from tests.fakes.offices import NARRATIVE, PERIOD, PLAN, YEAR, ZONE, many_figures, office_of_cast, send

SEMESTER_PASS = datetime(2025, 1, 20, 8, tzinfo=ZONE)
YEAR_PASS = datetime(2025, 6, 3, 8, tzinfo=ZONE)
Spot = tuple[str, str, str | None]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    made = office_of_cast(tmp_path / "office")
    return made.path


def found(workspace: Path, now: datetime, period: str = PERIOD) -> set[Spot]:
    """(school, code, cell) of everything that is told of a period after a pass."""
    opened = office.open_office(workspace, now)
    passes.run(opened)
    with Ledger.open(opened.ledger_url) as ledger:
        frame = period_findings.findings_in_sight(opened, ledger, opened.period(period))
    return set(zip(frame["school"], frame["code"], frame["cell"], strict=True))


DONE = {
    **offices.DONE,
    ("activities", "I.1", "results"): "Đã tổ chức bốn buổi tuyên truyền dưới cờ cho học sinh và cha mẹ học sinh.",
}
UNDER_WAY = {("activities", "I.1", "status"): "Đang thực hiện", ("activities", "I.1", "finished_on"): None}


def test_nothing_is_said_of_sound_reports(workspace: Path) -> None:
    send(workspace, "TH01", DONE)
    send(workspace, "CS01", {("statistics", "A.2", "total"): 412})
    assert found(workspace, SEMESTER_PASS) == set()


def test_the_year_is_compared_with_the_semester_that_it_includes(workspace: Path) -> None:
    send(workspace, "TH01", DONE)
    found(workspace, SEMESTER_PASS)
    now = {**DONE, **UNDER_WAY, ("activities", "I.1", "sessions"): 3, ("statistics", "A.2", "total"): 150}
    send(workspace, "TH01", now, "nam.xlsx", "2025-06-01T09:00", YEAR)
    told = found(workspace, YEAR_PASS, YEAR)
    assert {(school, code) for school, code, _cell in told} == {
        ("TH01", "undone"),
        ("TH01", "figure-fell"),
        ("TH01", "figure-jumped"),
    }
    assert all(cell for _school, _code, cell in told)


def test_a_report_that_only_repeats_the_last_one_is_asked_about(workspace: Path) -> None:
    send(workspace, "TH01", DONE)
    found(workspace, SEMESTER_PASS)
    send(workspace, "TH01", DONE, "nam.xlsx", "2025-06-01T09:00", YEAR)
    assert found(workspace, YEAR_PASS, YEAR) == {("TH01", "same-as-before", None)}


def test_last_semesters_file_sent_now_is_told_to_the_officer(workspace: Path) -> None:
    send(workspace, "TH01", DONE, modified="2025-06-02T09:00")
    assert found(workspace, YEAR_PASS, YEAR) == {("TH01", "earlier-period", None)}


def test_an_emptied_workbook_does_not_take_a_report_back(workspace: Path) -> None:
    send(workspace, "TH01", DONE)
    found(workspace, SEMESTER_PASS)
    blank = dict.fromkeys(_all_cells())
    send(workspace, "TH01", blank, "trong.xlsx", "2025-01-20T09:00")
    told = found(workspace, datetime(2025, 1, 21, 8, tzinfo=ZONE))
    assert ("TH01", "emptied-report", None) in told
    opened = office.open_office(workspace, datetime(2025, 1, 21, 9, tzinfo=ZONE))
    with Ledger.open(opened.ledger_url) as ledger:
        _period, frame = facts.status_of(opened, ledger, PERIOD)
    assert frame.set_index("code")["standing"]["TH01"] == "on_time"


def _all_cells() -> list[tuple[str, str, str]]:
    return [(t.id, r.code, c.id) for t in PLAN.all_tables for r in t.rows for c in t.columns]


def test_a_narrative_of_another_school_is_told_to_both(workspace: Path) -> None:
    cell = ("activities", "II.3", "results")
    send(workspace, "TH01", {cell: NARRATIVE})
    send(workspace, "CS01", {cell: NARRATIVE.replace("xã", "thị trấn"), ("statistics", "A.2", "total"): 512})
    assert {(school, code) for school, code, _cell in found(workspace, SEMESTER_PASS)} == {
        ("TH01", "copied-text"),
        ("CS01", "copied-text"),
    }


def test_a_workbook_of_another_schools_figures_is_told_to_both(workspace: Path) -> None:
    figures = many_figures()
    send(workspace, "TH01", figures)
    send(workspace, "CS01", {**figures, ("activities", "I.1", "sessions"): 77})
    told = {(school, code) for school, code, _cell in found(workspace, SEMESTER_PASS)}
    assert told == {("TH01", "copied-workbook"), ("CS01", "copied-workbook")}


PRIVATE = "Em Nguyễn Văn Bê lớp 5A bị bạn đánh, đã mời phụ huynh đến làm việc."


def test_what_names_a_child_is_withheld_everywhere_and_never_repeated(workspace: Path) -> None:
    cell = ("activities", "I.1", "results")
    send(workspace, "TH01", {**DONE, cell: PRIVATE})
    told = found(workspace, SEMESTER_PASS)
    assert {(school, code) for school, code, _cell in told} == {("TH01", "private-data")}
    outputs = [*(workspace / "tong-hop").rglob("*.xlsx"), *(workspace / ".baocao").glob("*.json")]
    assert len(outputs) >= 2
    for path in outputs:
        assert "Nguyễn Văn Bê" not in _words_of(path)
    assert WITHHELD in _words_of(next(iter((workspace / "tong-hop").glob("*.xlsx"))))


def test_a_text_that_passes_stands_in_the_data(workspace: Path) -> None:
    send(workspace, "TH01", DONE)
    found(workspace, SEMESTER_PASS)
    (workbook,) = (workspace / "tong-hop").glob("*.xlsx")
    assert str(DONE["activities", "I.1", "results"]) in _words_of(workbook)


def _words_of(path: Path) -> str:
    if path.suffix != ".xlsx":
        return path.read_text(encoding="utf-8")
    opened = openpyxl.load_workbook(path, data_only=True)
    cells = (value for sheet in opened for row in sheet.iter_rows(values_only=True) for value in row)
    return "\n".join(str(value) for value in cells if value is not None)


def test_check_in_a_workspace_compares_with_earlier_reports_and_writes_nothing(workspace: Path) -> None:
    send(workspace, "TH01", DONE)
    found(workspace, SEMESTER_PASS)
    file = send(workspace, "TH01", {**DONE, **UNDER_WAY}, "../nam.xlsx", "2025-06-01T09:00", YEAR)
    before = _files(workspace)
    opened = office.open_office(workspace, YEAR_PASS)
    (verdict,), failures = checking.check_files(
        [file], {PLAN.code: opened.context}, compare=lambda readings, judged: compared(opened, readings, judged)
    )
    assert failures == []
    assert [finding["code"] for finding in verdict["findings"]] == ["undone"]
    assert verdict["accepted"]
    json.dumps(verdict)
    assert _files(workspace) == before


def _files(workspace: Path) -> dict[Path, int]:
    """What lies in the workspace and when it was written, but for what SQLite keeps beside its file to read it."""
    files = (path for path in workspace.rglob("*") if path.is_file() and "sqlite" not in path.name)
    return {path: path.stat().st_mtime_ns for path in files}


def test_findings_are_told_in_the_language_in_use(workspace: Path) -> None:
    send(workspace, "TH01", {**DONE, ("activities", "I.1", "results"): PRIVATE})
    opened = office.open_office(workspace, SEMESTER_PASS)
    passes.run(opened)
    with Ledger.open(opened.ledger_url) as ledger, i18n.using("en"):
        frame = period_findings.findings_in_sight(opened, ledger, opened.period(PERIOD))
    assert "withheld" in frame["message"].iloc[0]
