"""What the officer decides in the consolidated workbook changes figures, standings, findings and returned workbooks."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sync import checking, cli, facts, office, passes, period_findings
from sync.beside import compared
from sync.ledger import Ledger
from sync.outputs import layout as at
from sync.passes import PassResult
from sync.periods import due_moment
from tests.fakes.decisions import decide
from tests.fakes.offices import DONE, FAULTY, PERIOD, PLAN, YEAR, ZONE, send
from tests.reminding.offices import make_office

REASON = "Số liệu mục II.3 chưa khớp biên bản."
FIRST, NEXT, LATER = "2025-01-20T08:00", "2025-01-21T08:00", "2025-01-22T08:00"
HOA_SEN = "TH01 - Trường Tiểu học Hoa Sen.xlsx"
LATE_PASS = "2025-06-03T08:00"
UNDER_WAY = {("activities", "I.1", "status"): "Đang thực hiện", ("activities", "I.1", "finished_on"): None}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """An office to which TH01 and MN01 sent sound reports; a pass took them in."""
    made = make_office(tmp_path / "office")
    send(made, "TH01", DONE)
    send(made, "MN01", {("statistics", "A.2", "total"): 412})
    run_pass(made, FIRST)
    return made


def run_pass(workspace: Path, moment: str) -> PassResult:
    return passes.run(office.open_office(workspace, datetime.fromisoformat(moment).replace(tzinfo=ZONE)))


def status(workspace: Path, moment: str = NEXT) -> dict[str, dict[str, Any]]:
    """What is known of each school, by its code."""
    opened = office.open_office(workspace, datetime.fromisoformat(moment).replace(tzinfo=ZONE))
    with Ledger.open(opened.ledger_url) as ledger:
        _period, frame = facts.status_of(opened.informed(ledger), ledger, PERIOD)
    return {str(row["code"]): {str(name): value for name, value in row.items()} for row in frame.to_dict("records")}


def standings(workspace: Path, moment: str = NEXT) -> dict[str, str]:
    return {code: row["standing"] for code, row in status(workspace, moment).items()}


def codes(workspace: Path, moment: str, period: str = PERIOD) -> set[tuple[str, str]]:
    opened = office.open_office(workspace, datetime.fromisoformat(moment).replace(tzinfo=ZONE))
    with Ledger.open(opened.ledger_url) as ledger:
        opened = opened.informed(ledger)
        frame = period_findings.findings_in_sight(opened, ledger, opened.period(period))
    return set(zip(frame["school"], frame["code"], strict=True))


def words_of(file: Path) -> str:
    opened = openpyxl.load_workbook(file, data_only=True)
    cells = (value for sheet in opened for row in sheet.iter_rows(values_only=True) for value in row)
    return "\n".join(str(value) for value in cells if value is not None)


def to_mend_sheet(workspace: Path) -> str:
    """What the consolidated workbook says has to be mended."""
    opened = openpyxl.load_workbook(workspace / "tong-hop" / "tong-hop-2024-2025-HK1.xlsx", data_only=True)
    rows = opened["Lỗi cần sửa"].iter_rows(values_only=True)
    return "\n".join(str(value) for row in rows for value in row if value is not None)


def returned_copy(workspace: Path) -> dict[str, Any]:
    """The lines above the findings of TH01's returned workbook, and the findings: severity, message."""
    sheet = openpyxl.load_workbook(workspace / "tra-lai" / "2024-2025-HK1" / HOA_SEN)[at.FINDINGS_SHEET]
    rows = sheet.iter_rows(min_row=at.FINDINGS_FIRST_ROW + 1, min_col=2, max_col=6, values_only=True)
    return {"outcome": sheet["B3"].value, "findings": [(row[0], row[4]) for row in rows if row[0]]}


# Reports that go back


def test_a_report_that_goes_back_counts_no_more_and_has_to_be_mended(workspace: Path) -> None:
    decide(workspace, "TH01", "returned", REASON, "2025-01-20T10:00")
    told = run_pass(workspace, NEXT)
    assert (told.accepted, told.to_mend, told.new) == (1, 1, 0)
    assert told.periods[0]["rebuilt"]
    assert standings(workspace) == {"TH01": "to_mend", "MN01": "on_time", "CS01": "due_soon"}
    school = status(workspace)["TH01"]
    assert (school["errors"], school["returned"]) == (1, REASON)
    assert str(school["accepted_at"]) == "NaT"
    opened = office.open_office(workspace, datetime(2025, 1, 21, 8, tzinfo=ZONE))
    with Ledger.open(opened.ledger_url) as ledger:
        opened = opened.informed(ledger)
        figures = facts.figures_of(opened, ledger, opened.period(PERIOD))
    assert figures.progress.set_index("code")["counted"].to_dict() == {"TH01": False, "MN01": True, "CS01": False}
    assert figures.tables["statistics"].sums.loc["A.2", "total"] == 412


def test_the_school_reads_why_in_its_returned_workbook(workspace: Path) -> None:
    assert returned_copy(workspace)["findings"] == []
    decide(workspace, "TH01", "returned", REASON, "2025-01-20T10:00")
    assert run_pass(workspace, NEXT).periods[0]["returned"] == [f"tra-lai/2024-2025-HK1/{HOA_SEN}"]
    told = returned_copy(workspace)
    [(severity, message)] = told["findings"]
    assert (severity, REASON in message) == ("Lỗi", True)
    assert told["outcome"] == "Đơn vị quản lý trả lại báo cáo này: xem lý do bên dưới. Sửa rồi gửi lại."


def test_the_officer_reads_it_among_what_has_to_be_mended(workspace: Path) -> None:
    decide(workspace, "TH01", "returned", REASON, "2025-01-20T10:00")
    run_pass(workspace, NEXT)
    assert codes(workspace, NEXT) == {("TH01", "returned-by-office")}
    sheet = openpyxl.load_workbook(workspace / "tong-hop" / "tong-hop-2024-2025-HK1.xlsx")["Lỗi cần sửa"]
    rows = [row for row in sheet.iter_rows(values_only=True) if any(REASON in str(value) for value in row)]
    assert len(rows) == 1
    assert "TH01" in rows[0]


@pytest.mark.parametrize("reason", ["=1+1", "{school} {0} {{ 7*7 }} %s", "<b>&amp;\x00\x1b[2J", "'; --", "x" * 40_000])
def test_whatever_is_typed_as_a_reason_is_told_as_text(workspace: Path, reason: str) -> None:
    decide(workspace, "TH01", "returned", reason, "2025-01-20T10:00")
    assert run_pass(workspace, NEXT).problems == []
    [(_severity, message)] = returned_copy(workspace)["findings"]
    assert reason[:4].strip("\x00") in message
    opened = openpyxl.load_workbook(workspace / "tong-hop" / "tong-hop-2024-2025-HK1.xlsx")
    told = [cell for row in opened["Lỗi cần sửa"].iter_rows() for cell in row if message in str(cell.value)]
    assert [cell.data_type for cell in told] == ["s"]


def test_a_newer_report_ends_it_and_an_older_one_does_not_count_again(workspace: Path) -> None:
    decide(workspace, "TH01", "returned", REASON, "2025-01-20T10:00")
    run_pass(workspace, NEXT)
    send(workspace, "TH01", FAULTY, "lan 2.xlsx", "2025-01-21T10:00")
    run_pass(workspace, "2025-01-21T11:00")
    assert standings(workspace, "2025-01-21T11:00")["TH01"] == "to_mend"
    assert ("TH01", "returned-by-office") not in codes(workspace, "2025-01-21T11:00")
    send(workspace, "TH01", name="lan 3.xlsx", modified="2025-01-21T15:00")
    run_pass(workspace, LATER)
    told = status(workspace, LATER)["TH01"]
    assert (told["standing"], told["errors"], told["returned"]) == ("on_time", 0, None)
    assert codes(workspace, LATER) == set()


def test_a_report_that_came_between_the_workbook_and_the_officers_word_is_not_meant(workspace: Path) -> None:
    send(workspace, "TH01", name="lan 2.xlsx", modified="2025-01-20T09:00")
    decide(workspace, "TH01", "returned", REASON, "2025-01-20T10:00")
    run_pass(workspace, NEXT)
    assert (standings(workspace)["TH01"], codes(workspace, NEXT)) == ("on_time", set())


def test_a_cleared_cell_lets_the_report_count_again(workspace: Path) -> None:
    decide(workspace, "TH01", "returned", REASON, "2025-01-20T10:00")
    run_pass(workspace, NEXT)
    decide(workspace, "TH01", "returned", "", "2025-01-21T10:00")
    told = run_pass(workspace, LATER)
    assert (told.accepted, told.to_mend) == (2, 0)
    assert standings(workspace, LATER)["TH01"] == "on_time"
    assert returned_copy(workspace) == {
        "outcome": "Đạt lúc 09:00 ngày 18/01/2025; bản này được tính.",
        "findings": [],
    }
    assert REASON not in to_mend_sheet(workspace)


def test_another_reason_is_told_in_the_place_of_the_first(workspace: Path) -> None:
    for at_, reason in (("2025-01-20T10:00", REASON), ("2025-01-20T11:00", "Thiếu chữ ký.")):
        decide(workspace, "TH01", "returned", reason, at_)
        run_pass(workspace, at_.replace(":00", ":05"))
    assert "Thiếu chữ ký." in to_mend_sheet(workspace)
    assert REASON not in to_mend_sheet(workspace)
    assert "Thiếu chữ ký." in returned_copy(workspace)["findings"][0][1]


def test_a_pass_after_a_decision_is_a_whole_one_and_the_next_is_not(workspace: Path) -> None:
    assert not run_pass(workspace, "2025-01-20T08:05").periods[0]["rebuilt"]
    decide(workspace, "TH01", "note", "Đã gọi điện.", "2025-01-20T10:00")
    assert run_pass(workspace, "2025-01-20T10:05").periods[0]["rebuilt"]
    assert not run_pass(workspace, "2025-01-20T10:10").periods[0]["rebuilt"]


def test_later_reports_are_not_compared_with_one_that_went_back(workspace: Path) -> None:
    send(workspace, "TH01", {**DONE, **UNDER_WAY}, "nam.xlsx", "2025-06-01T09:00", YEAR)
    run_pass(workspace, LATE_PASS)
    assert codes(workspace, LATE_PASS, YEAR) == {("TH01", "undone")}
    decide(workspace, "TH01", "returned", REASON, "2025-06-03T09:00")
    assert codes(workspace, LATE_PASS, YEAR) == set()
    opened = office.open_office(workspace, datetime.fromisoformat(LATE_PASS).replace(tzinfo=ZONE))
    (verdict,), _failures = checking.check_files(
        [workspace / "nhan" / "nam.xlsx"],
        {PLAN.code: opened.context},
        compare=lambda readings, judged: compared(opened, readings, judged),
    )
    assert verdict["findings"] == []


# Schools that owe nothing, and schools that have more time


def test_an_excused_school_owes_nothing_and_what_it_sent_counts(workspace: Path) -> None:
    for school in ("TH01", "CS01"):
        decide(workspace, school, "excused", "Sáp nhập từ 01/01.", "2025-01-20T10:00")
    told = run_pass(workspace, "2025-02-10T08:00")
    assert told.missing == 0
    assert standings(workspace, "2025-02-10T08:00") == {"TH01": "excused", "MN01": "on_time", "CS01": "excused"}
    assert status(workspace)["CS01"]["excused"] == "Sáp nhập từ 01/01."
    opened = office.open_office(workspace, datetime(2025, 2, 10, 8, tzinfo=ZONE))
    with Ledger.open(opened.ledger_url) as ledger:
        figures = facts.figures_of(opened.informed(ledger), ledger, opened.period(PERIOD))
    assert figures.progress.set_index("code")["counted"].to_dict() == {"TH01": True, "MN01": True, "CS01": False}
    assert figures.tables["statistics"].sums.loc["A.2", "total"] == 712
    assert list(figures.overdue["code"]) == []


def test_more_time_moves_the_due_moment_of_one_school(workspace: Path) -> None:
    decide(workspace, "CS01", "extended_to", "10/02/2025", "2025-01-20T10:00")
    run_pass(workspace, "2025-02-06T08:00")
    row = status(workspace, "2025-02-06T08:00")["CS01"]
    due = due_moment(date(2025, 2, 10), ZONE)
    assert (row["standing"], row["due"], row["extended_to"], row["days_late"]) == ("due_soon", due, due, 0)
    assert status(workspace, "2025-02-06T08:00")["TH01"]["extended_to"] is None


def test_the_workbook_is_built_anew_when_the_time_that_was_given_is_over(workspace: Path) -> None:
    decide(workspace, "CS01", "extended_to", "10/02/2025", "2025-01-20T10:00")
    rebuilt = [run_pass(workspace, f"2025-02-{day}:00").periods[0]["rebuilt"] for day in ("07T08", "07T09", "11T08")]
    assert (rebuilt[1:], standings(workspace, "2025-02-11T08:00")["CS01"]) == ([False, True], "missing")


# What the commands say


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    def run_(*arguments: str | Path) -> str:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main([str(argument) for argument in arguments])
        assert ended.value.code in (0, None)
        return capsys.readouterr().out

    return run_


def test_status_says_what_was_decided(run: Any, workspace: Path) -> None:
    decide(workspace, "TH01", "returned", REASON, "2025-01-20T10:00")
    decide(workspace, "MN01", "excused", "Sáp nhập.\x1b[2J", "2025-01-20T10:00")
    decide(workspace, "CS01", "extended_to", "10/02/2025 17:00", "2025-01-20T10:00")
    decide(workspace, "CS01", "note", "Đã gọi điện.", "2025-01-20T10:00")
    told = json.loads(run("status", "-w", workspace, "--as-of", NEXT, "--json"))
    decided = {each["code"]: (each["returned"], each["excused"], each["extended_to"], each["note"], each["errors"])
               for each in told["schools"]}  # fmt: skip
    assert decided == {
        "TH01": (REASON, None, None, None, 1),
        "MN01": (None, "Sáp nhập. [2J", None, None, 0),
        "CS01": (None, None, "2025-02-10T17:00:00+07:00", "Đã gọi điện.", 0),
    }
    screen = run("status", "-w", workspace, "--as-of", NEXT, "--lang", "en")
    assert f"TH01: report given back: {REASON}\n" in screen
    assert "MN01: excused: Sáp nhập. [2J\n" in screen
    assert "CS01: more time, until 10/02/2025 17:00.\n" in screen
    assert "CS01: note: Đã gọi điện.\n" in screen


def test_status_says_nothing_of_decisions_where_there_are_none(run: Any, workspace: Path) -> None:
    assert "The office decided" not in run("status", "-w", workspace, "--as-of", NEXT, "--lang", "en")


def test_the_schools_workbook_prints_the_time_that_it_was_given(run: Any, workspace: Path) -> None:
    decide(workspace, "CS01", "extended_to", "10/02/2025", "2025-01-20T10:00")
    run("templates", "-w", workspace, "--period", PERIOD, "--json")
    printed = {code: words_of(workspace / "mau" / "2024-2025-HK1" / f"{code}.xlsx") for code in ("CS01", "TH01")}
    assert ("10/02/2025" in printed["CS01"], "10/02/2025" in printed["TH01"]) == (True, False)
