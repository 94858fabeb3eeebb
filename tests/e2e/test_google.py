"""Google Sheets as a home of equal rights: the same results, few requests, each receipt a state that there was."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped, unused-ignore]
import pytest
import tomlkit

from sync import control, demo, facts, office, passes
from sync.archive import Archive
from sync.intake.gsheet import to_bytes
from sync.landmarks import INFO_SHEET, META_SHEET
from sync.ledger import Ledger
from sync.office import OpenOffice
from sync.outputs import layout as at
from sync.period_findings import findings_in_sight
from sync.schools import School, Schools
from tests.fakes.google import GoogleServer
from tests.fakes.offices import CAST, DONE, FAULTY, PERIOD, PLAN
from tests.fakes.sheets import FAST, SESSIONS, TAB, SheetsOffice, sheets_office, tabs_of

READ_TABS = [META_SHEET, INFO_SHEET, *(table.sheet for table in PLAN.all_tables)]


@pytest.fixture
def there(tmp_path: Path) -> Iterator[SheetsOffice]:
    with sheets_office(tmp_path) as made:
        yield made


# The demo, half of it in Google Sheets


@dataclass
class Results:
    """What a pass over a demo came to, by school where there is one."""

    standings: dict[str, str]
    counts: tuple[int, ...]
    statuses: dict[str, list[tuple[str, Any]]]
    findings: set[tuple[Any, ...]]
    entries: set[tuple[Any, ...]]
    figures: dict[str, list[list[Any]]]


def results(opened: OpenOffice) -> Results:
    told = passes.run(opened)
    assert told.problems == []
    with Ledger.open(opened.ledger_url) as ledger:
        period, frame = facts.status_of(opened, ledger, None)
        receipts = ledger.receipts().sort_values(["received_at", "school"])
        found = findings_in_sight(opened, ledger, period)
        everything = facts.receipts_of(opened, ledger, period, facts.all_receipts(ledger, ()))
        entries = facts.entries_of(ledger, opened.plan, everything.counted)
    mine = receipts[receipts["school"].notna()]
    return Results(
        standings=dict(zip(frame["code"], frame["standing"], strict=True)),
        counts=(told.received, told.new, told.accepted, told.to_mend, told.refused, told.missing),
        statuses={
            str(school): list(zip(each["status"], each["received_at"], strict=True))
            for school, each in mine.groupby("school")
        },
        findings=set(found[["school", "code", "sheet", "cell"]].astype(str).itertuples(index=False, name=None)),
        entries={
            (table, *map(str, row))
            for table, each in entries.items()
            for row in each.drop(columns=["receipt"]).itertuples(index=False, name=None)
        },
        figures=_figures(opened.workspace.path / str(told.workbook)),
    )


def _figures(path: Path) -> dict[str, list[list[Any]]]:
    book = openpyxl.load_workbook(path, data_only=True)
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets}


def into_google(folder: Path, google: GoogleServer, planted: demo.Planted) -> dict[str, str]:
    """Moves the reports of half of the schools into spreadsheets, with their times; gives these by school.

    Those that sent one file, a workbook that opens as .xlsx: a spreadsheet cannot be a file of another format, be
    there twice, or be nobody's.
    """
    sent = {code: [file for file in planted.files if file.school == code] for code in planted.standings}
    single = [files[0] for code, files in sorted(sent.items()) if len(files) == 1]
    moved = [file for file in single if file.path.endswith(".xlsx") and file.status != "refused"][: len(sent) // 2]
    ids = {}
    for file in moved:
        path = folder / "nhan" / file.path
        tabs, hidden = tabs_of(path.read_bytes())
        # Workbooks that people made themselves have no place for findings; the office's spreadsheets have one.
        tabs.setdefault(TAB, [])
        ids[str(file.school)] = google.add_spreadsheet(file.path, tabs, hidden=hidden)
        google.file(ids[str(file.school)]).modified = file.mtime.astimezone(UTC)
        path.unlink()
    opened = office.open_office(folder)
    schools = [replace(each, spreadsheet=ids.get(each.code, "")) for each in opened.control.schools]
    control.write(opened.workspace.control_file, replace(opened.control, schools=Schools(tuple(schools))), PLAN)
    return ids


def test_the_demo_comes_to_the_same_whether_schools_send_files_or_share_sheets(tmp_path: Path) -> None:
    planted = demo.make(tmp_path / "files", PLAN)
    demo.make(tmp_path / "both", PLAN)
    expected = results(office.open_office(tmp_path / "files"))
    with GoogleServer(quota=None, clock=lambda: planted.as_of) as google:
        moved = into_google(tmp_path / "both", google, planted)
        settings = tomlkit.parse((tmp_path / "both" / "config.toml").read_text(encoding="utf-8"))
        settings["google"] = {"key_file": str(google.key_file(tmp_path)), "endpoint": google.url, **FAST}
        (tmp_path / "both" / "config.toml").write_text(tomlkit.dumps(settings), encoding="utf-8")
        found = results(office.open_office(tmp_path / "both"))
        told = {code: len(google.tab(file, TAB)) for code, file in moved.items()}
    assert len(moved) == len(planted.standings) // 2
    assert found.standings == expected.standings == dict(planted.standings)
    assert found.counts == expected.counts
    assert found.statuses == expected.statuses
    assert found.findings == expected.findings
    assert found.entries == expected.entries
    assert figures_without_files(found) == figures_without_files(expected)
    assert all(told.values()), "each has its verdict in its own tab"
    copies = {
        path.stem.partition(" - ")[0] for path in (tmp_path / "both" / "tra-lai").rglob("*.xlsx") if reports(path)
    }
    assert copies == {file.school for file in planted.files if file.status != "refused"} - moved.keys() - {None}


def reports(path: Path) -> bool:
    """Whether a returned copy is of a report, and not about a file in the inbox that is nobody's."""
    return "không nhận được" not in path.stem


def figures_without_files(found: Results) -> dict[str, list[list[Any]]]:
    """The consolidated workbook without the names of files and receipts: those of a spreadsheet are its own."""
    return {
        title: [[cell for cell in row if not _names_a_file(cell)] for row in rows]
        for title, rows in found.figures.items()
    }


def _names_a_file(cell: object) -> bool:
    """Or where files come from."""
    if not isinstance(cell, str):
        return False
    return cell in ("Tệp", "Google Sheets") or "." in cell[-8:] or re.fullmatch("[0-9a-f]{12}", cell) is not None


# Requests


def test_a_pass_over_five_hundred_sheets_asks_only_for_what_changed(tmp_path: Path) -> None:
    schools = Schools(tuple(School(f"TH{number:03}", f"Trường {number}", "TH", "Xã Một") for number in range(500)))
    with sheets_office(tmp_path, schools) as there:
        for code in schools.by_code:
            there.add(code, small(code), [], bind=False)
        there.bind()
        first = there.run()
        assert (first.refused, first.problems) == (500, [])
        assert there.asked() == {"list": 1, "batchGet": 500, "batchUpdate": 500}
        # Our own verdict changed each of them: it is looked at once more.
        assert there.run().refused == 500
        assert there.asked() == {"list": 1, "batchGet": 500}
        assert there.run().unchanged == 500
        assert there.asked() == {"list": 1}
        for code in ("TH007", "TH100", "TH499"):
            there.type_in(code, 7)
        assert there.run().new == 3
        assert there.asked() == {"list": 1, "batchGet": 3, "batchUpdate": 3}
        there.run()
        assert there.asked() == {"list": 1, "batchGet": 3}
        there.run()
        assert there.asked() == {"list": 1}
        assert len(there.google.requests) == 2, "one for the token, one for the list"


def small(code: str) -> dict[str, list[list[str]]]:
    """The tabs of a report, with nothing in them but whose it is: what it costs is the same, but for the bytes."""
    meta = [["plan", PLAN.code], ["school", code], ["period", PERIOD]]
    return {**{title: [] for title in [*READ_TABS, TAB]}, META_SHEET: meta}


# Twenty editors


def test_each_receipt_is_a_state_that_the_sheet_had_and_the_last_one_comes_in(tmp_path: Path) -> None:
    schools = Schools(tuple(School(f"TH{number}", f"Trường {number}", "TH", "Xã Một") for number in range(4)))
    with sheets_office(tmp_path, schools) as there:
        there.fill_many(list(schools.by_code), DONE)
        there.run()
        ended = threading.Event()
        editors = [threading.Thread(target=write, args=(there, number, ended)) for number in range(20)]
        for editor in editors:
            editor.start()
        try:
            assert [problem for _pass in range(4) for problem in there.run().problems] == []
        finally:
            ended.set()
            for editor in editors:
                editor.join()
        assert there.run().problems == []
        there.run()
        assert (there.run().new, there.asked()) == (0, {"list": 1})
        for code in schools.by_code:
            had = [
                to_bytes({tab: state[tab] for tab in READ_TABS}, code)
                for state in there.google.history(there.ids[code])
            ]
            archive = Archive(there.open().workspace.archive)
            contents = [archive.path(sha256).read_bytes() for _status, sha256 in there.receipts(code)]
            assert len(contents) > 3
            assert set(contents) <= set(had)
            assert contents[-1] == had[-1]
            assert len(set(contents)) == len(contents)


def write(there: SheetsOffice, number: int, ended: threading.Event) -> None:
    """Types several cells at once in one spreadsheet after the other, never the same twice, until it is ended."""
    rng = random.Random(number)
    turn = 0
    while not ended.wait(rng.uniform(0.05, 0.15)):
        turn += 1
        count = turn * 20 + number
        cells = {f"J{row}": count for row in range(10, 14)}
        there.google.edit_all(there.ids[f"TH{(turn + number) % 4}"], SESSIONS[0], cells)


# Whose it is


def test_a_sheet_that_claims_to_be_another_schools_is_refused_and_its_own_school_is_told(there: SheetsOffice) -> None:
    there.fill("CS01", DONE, bind=False)
    there.fill("TH01", DONE)
    assert there.run().accepted == 2
    other, _hidden = tabs_of(there.workbook("CS01", FAULTY))
    for title in (META_SHEET, INFO_SHEET):
        there.google.replace_tab(there.ids["TH01"], title, other[title])
    result = there.run()
    assert (result.accepted, result.refused) == (1, 1)
    assert [status for status, _sha in there.receipts("TH01")] == ["accepted", "refused"]
    assert [status for status, _sha in there.receipts("CS01")] == ["accepted"]
    assert standings(there)["TH01"] == "on_time"
    (row,) = there.told("TH01")
    assert "TH01" in row[5]
    assert "CS01" in row[5]
    assert there.told("CS01") == []
    assert codes(there) == {("TH01", "bound-to-other")}


def test_a_sheet_that_is_a_copy_of_another_schools_takes_nothing_from_that_school(there: SheetsOffice) -> None:
    tabs, hidden = tabs_of(there.workbook("CS01", DONE))
    for code in ("CS01", "MN01", "TH01"):
        there.add(code, tabs, hidden)
    result = there.run()
    assert (result.accepted, result.refused) == (1, 2)
    assert codes(there) == {("MN01", "bound-to-other"), ("TH01", "bound-to-other")}
    assert standings(there)["CS01"] == "on_time"
    assert [len(there.told(code)) for code in ("CS01", "MN01", "TH01")] == [0, 1, 1]


def codes(there: SheetsOffice) -> set[tuple[str, str]]:
    opened = there.open()
    with Ledger.open(opened.ledger_url) as ledger:
        found = findings_in_sight(opened, ledger, opened.period(PERIOD))
    return set(found[["school", "code"]].itertuples(index=False, name=None))


def standings(there: SheetsOffice) -> dict[str, str]:
    opened = there.open()
    with Ledger.open(opened.ledger_url) as ledger:
        _period, frame = facts.status_of(opened, ledger, PERIOD)
    return dict(zip(frame["code"], frame["standing"], strict=True))


@pytest.mark.parametrize("text", ['=IMPORTXML("http://example.org";"//a")', "+1+1", "-2+3", "@SUM(A1)", "=1+1"])
def test_what_looks_like_a_formula_stays_a_text(tmp_path: Path, text: str) -> None:
    with sheets_office(tmp_path, Schools((School("TH01", text, "TH", text), *tuple(CAST)[1:]))) as there:
        there.fill("TH01", {("activities", "I.1", "status"): text, ("activities", "I.1", "evidence"): text})
        there.run()
        assert text in {row[4] for row in there.told("TH01")}
        (tab,) = [tab for tab in there.google.file(there.ids["TH01"]).tabs if tab.title == TAB]
        written = [cell for row in tab.rows[at.FINDINGS_FIRST_ROW :] for cell in row[: at.FINDINGS_FIX_COLUMN + 1]]
        assert {type(cell) for cell in written} <= {str, type(None)}


# What is not there any more


@pytest.mark.parametrize("how", ["deleted", "trashed", "unshared"])
def test_a_sheet_that_is_gone_keeps_its_report_and_is_shown_until_it_is_back(there: SheetsOffice, how: str) -> None:
    there.fill("TH01", DONE, bind=False)
    there.fill("MN01", FAULTY)
    there.run()
    there.run()
    away(there, how)
    there.type_in("MN01", 3)
    result = there.run()
    assert (result.accepted, result.to_mend, len(result.problems)) == (1, 1, 1)
    assert "TH01" in result.problems[0]
    assert standings(there)["TH01"] == "on_time"
    assert len(there.receipts("MN01")) == 2, "the others go on"
    assert len(there.run().problems) == 1, "as long as it is so"
    if how == "deleted":
        return
    (there.google.trash(there.ids["TH01"], False) if how == "trashed" else there.google.share(there.ids["TH01"]))
    assert (there.run().problems, len(there.receipts("TH01"))) == ([], 1)


def away(there: SheetsOffice, how: str) -> None:
    {"deleted": there.google.delete, "trashed": there.google.trash, "unshared": there.google.unshare}[how](
        there.ids["TH01"]
    )


@pytest.mark.parametrize("all_of_it", [True, False])
def test_an_emptied_sheet_keeps_its_report_and_is_shown(there: SheetsOffice, all_of_it: bool) -> None:
    """All tabs but the one for findings, or only the cells that are filled in."""
    there.fill("TH01", DONE)
    there.run()
    file = there.ids["TH01"]
    blank: dict[tuple[str, str, str], Any] = {
        (t.id, r.code, c.id): None for t in PLAN.all_tables for r in t.rows for c in t.columns
    }
    empty = {} if all_of_it else tabs_of(there.workbook("TH01", blank))[0]
    for title in READ_TABS:
        there.google.replace_tab(file, title, empty.get(title, []))
    result = there.run()
    assert (result.accepted, result.refused, result.problems) == (0, 1, [])
    assert standings(there)["TH01"] == "on_time"
    assert codes(there) == {("TH01", "not-our-workbook" if all_of_it else "emptied-report")}
    assert len(there.told("TH01")) == 1
    assert there.receipts("TH01")[0][0] == "accepted"


def test_the_time_of_a_report_is_that_of_the_sheets_last_change(there: SheetsOffice) -> None:
    there.fill("TH01", DONE)
    there.run()
    there.type_in("TH01", 5)
    typed = there.now
    there.run(minutes=60)
    with Ledger.open(there.open().ledger_url) as ledger:
        newest = ledger.receipts().sort_values("receipt_id")["received_at"].iloc[-1]
    assert abs((newest.to_pydatetime() - typed).total_seconds()) < 1
    assert isinstance(newest.to_pydatetime(), datetime)
