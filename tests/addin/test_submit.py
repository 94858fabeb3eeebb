"""Handing in: what the service has afterwards, and what it makes of it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from sync import addin, backup, facts, looking
from sync.addin import Outcome
from sync.addin.errors import NotTaken, OtherSchool
from sync.addin.submitting import MOST_A_DAY
from sync.ledger import Ledger, LedgerError, Sealing
from sync.passes import PassResult
from sync.reminding.gathering import gather
from sync.sources import addin as submissions
from tests.addin.offices import PLACE, AddinOffice, addin_office, at
from tests.fakes.offices import DONE, FAULTY, PERIOD
from tests.fakes.remote_books import Written, payload_of, remote_book

OTHER = {**DONE, ("activities", "I.1", "sessions"): 7}


@pytest.fixture
def office(tmp_path: Path) -> AddinOffice:
    return addin_office(tmp_path)


@dataclass
class Story:
    """An office after two passes. TH01 hands in twice, MN01 once and the first pass just misses it; of CS01 there is a
    submission of TH01 that somebody renamed. Before the second pass somebody puts TH01's first submission back."""

    office: AddinOffice
    outcome: Outcome
    written: Written
    first: PassResult
    second: PassResult
    shown: set[Any]
    """The cells of the consolidated workbook after the first pass."""
    unseen: str
    """What keeps letters back before the first pass."""


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    office = addin_office(tmp_path_factory.mktemp("story"))
    folder = office.open("2025-01-18T09:00").workspace.handed_in
    office.submit("TH01", "2025-01-18T09:20")
    (foreign,) = folder.iterdir()
    foreign.rename(folder / foreign.name.replace("TH01", "CS01"))
    outcome, written = office.submit("TH01", "2025-01-18T09:30", DONE)
    (old,) = folder.glob("TH01*")
    office.submit("TH01", "2025-01-18T09:35", OTHER)
    opened = office.open("2025-01-18T09:45")
    with Ledger.open(opened.ledger_url) as ledger:
        unseen = gather(opened, ledger).unseen
    first = office.run("2025-01-18T10:00")
    book = CalamineWorkbook.from_path(office.path / str(first.workbook))
    shown = {cell for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row}
    office.submit("MN01", "2025-01-18T09:59:30")
    submissions.hand_in(folder, "TH01", PERIOD, old.read_bytes(), at("2025-01-18T11:00"))
    return Story(office, outcome, written, first, office.run("2025-01-18T11:30"), shown, unseen)


def standing(office: AddinOffice, school: str, moment: str = "2025-01-18T12:00") -> tuple[str, ...]:
    """Where a school stands; when its first report came, and when the one that counts did."""
    opened = office.open(moment)
    with Ledger.open(opened.ledger_url) as ledger:
        _period, frame = facts.status_of(opened.informed(ledger), ledger, PERIOD)
    row = frame[frame["code"] == school].iloc[0]
    times = (row["received_at"], row["accepted_at"])
    return (row["standing"], *("" if pd.isna(each) else f"{each:%H:%M:%S}" for each in times))


def test_a_report_without_errors_is_handed_in_and_the_workbook_says_so(story: Story) -> None:
    outcome = story.outcome
    assert (outcome.accepted, outcome.submitted, outcome.errors, outcome.findings) == (True, True, 0, [])
    assert story.written.filled(PLACE) == {
        "B2": "Đã nộp lúc 09:30 ngày 18/01/2025: Trường Tiểu học Hoa Sen – Học kỳ I năm học 2024-2025.",
        "B3": "Đơn vị quản lý đã nhận báo cáo.",
    }


def test_a_newer_submission_counts_and_the_one_before_it_keeps_its_time(story: Story) -> None:
    assert (story.first.new, story.first.accepted, story.first.problems) == (3, 2, [])
    assert [each["doubles"] for each in story.first.periods] == [[]]
    assert standing(story.office, "TH01") == ("on_time", "09:30:00", "09:35:00")


def test_an_old_submission_that_somebody_puts_back_does_not_count_again(story: Story) -> None:
    assert story.second.new == 2
    assert standing(story.office, "TH01")[2] == "09:35:00"


def test_a_pass_that_just_missed_a_submission_does_not_make_it_later(story: Story) -> None:
    assert standing(story.office, "MN01") == ("on_time", "09:59:30", "09:59:30")


def test_a_submission_that_was_renamed_to_another_school_is_no_report_of_it(story: Story) -> None:
    assert (story.first.refused, standing(story.office, "CS01")[0]) == (1, "due_soon")
    assert standing(story.office, "CS01")[1:] == ("", "")


def test_people_see_whose_it_is_and_that_it_came_directly(story: Story) -> None:
    assert {"TH01 (nộp trực tiếp)", "Nộp trực tiếp"} <= story.shown
    assert not any(isinstance(cell, str) and ".json" in cell for cell in story.shown)
    (answer,) = story.office.path.glob("tra-lai/*/MN01*.xlsx")
    lines = [row[0] for row in CalamineWorkbook.from_path(answer).get_sheet_by_index(0).to_python()]
    assert "Tệp: MN01 (nộp trực tiếp)" in lines


def test_nobody_is_told_to_be_late_while_a_submission_is_not_taken_in(story: Story) -> None:
    assert "3 " in story.unseen


def test_submissions_come_back_with_a_backup(story: Story, tmp_path: Path) -> None:
    backup.backup(story.office.open("2025-01-18T12:00"), tmp_path / "sao-luu.zip")
    backup.restore(tmp_path / "sao-luu.zip", tmp_path / "lai")
    again = AddinOffice(tmp_path / "lai")
    opened = again.open("2025-01-18T12:00")
    with Ledger.open(opened.ledger_url) as ledger:
        changes = [source.look(ledger.sightings(source.name)) for source in looking.on_disk(opened)]
    assert [(list(each.changed), list(each.gone), each.unchanged) for each in changes] == [([], [], 0), ([], [], 5)]
    assert standing(again, "TH01") == standing(story.office, "TH01")


def test_a_report_with_errors_is_not_handed_in_and_its_errors_are_shown(office: AddinOffice) -> None:
    outcome, written = office.submit("TH01", "2025-01-18T09:30", {**DONE, **FAULTY})
    assert (outcome.accepted, outcome.submitted, outcome.errors) == (False, False, 1)
    cells = written.filled(PLACE)
    assert cells["B2"] == "Đã kiểm tra lúc 09:30 ngày 18/01/2025."
    assert (cells["A14"], cells["B14"], cells["D14"], cells["E14"]) == ("activities!J10", "Lỗi", "J10", "-2")
    assert office.handed_in == []


def test_the_same_report_again_is_the_same_submission(office: AddinOffice) -> None:
    office.submit("TH01", "2025-01-18T09:00", DONE)
    outcome, written = office.submit("TH01", "2025-01-19T15:00", DONE)
    assert (outcome.accepted, outcome.submitted, len(office.handed_in)) == (True, True, 1)
    assert written.filled(PLACE)["B2"].startswith("Đã nộp lúc 09:00 ngày 18/01/2025:")


def test_the_last_report_counts_where_the_clock_stood_still_or_was_set_back(office: AddinOffice) -> None:
    reports = [("2025-01-18T09:00", DONE), ("2025-01-18T09:00", OTHER), ("2025-01-18T08:00", {})]
    for moment, changes in reports:
        before = set(office.handed_in)
        office.submit("TH01", moment, changes)
        last = submissions.submissions(office.open(moment).workspace.handed_in, "TH01", PERIOD)[-1]
        assert {last.name} == set(office.handed_in) - before


def test_two_clicks_at_the_same_moment_are_one_submission_and_both_are_confirmed(office: AddinOffice) -> None:
    def click(_number: int) -> bool:
        return office.submit("TH01", "2025-01-18T09:00", DONE)[0].submitted

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(click, range(4))) == [True] * 4
    assert len(office.handed_in) == 1


def test_where_the_standing_cannot_be_told_nothing_is_handed_in(
    office: AddinOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_order(*_arguments: object) -> None:
        raise LedgerError("out of order")

    Ledger.open(office.open("2025-01-18T08:00").ledger_url).close()
    # Between two looks at it: no real ledger breaks at the right moment.
    monkeypatch.setattr(facts, "status_of", out_of_order)
    with pytest.raises(LedgerError):
        office.submit("TH01", "2025-01-18T09:00", DONE)
    assert office.handed_in == []


def test_an_old_report_that_is_sent_again_is_refused(office: AddinOffice) -> None:
    office.submit("TH01", "2025-01-18T09:00", DONE)
    office.submit("TH01", "2025-01-18T10:00", OTHER)
    with pytest.raises(NotTaken):
        office.submit("TH01", "2025-01-18T11:00", DONE)
    assert len(office.handed_in) == 2


def test_a_key_of_another_school_hands_nothing_in_and_writes_nothing(office: AddinOffice) -> None:
    book = remote_book(payload_of(office.workbook("TH01", DONE)))
    with pytest.raises(OtherSchool):
        addin.submit(book, office.open("2025-01-18T09:00"), "MN01", at("2025-01-18T09:00"))
    assert (book.json(), office.handed_in) == ({"actions": []}, [])
    book.close()


def test_a_sealed_period_takes_nothing_more(office: AddinOffice) -> None:
    office.submit("TH01", "2025-01-18T09:00", DONE)
    with Ledger.open(office.open("2025-02-01T09:00").ledger_url) as ledger:
        ledger.sealings.record(Sealing(PERIOD, 0, at("2025-02-01T09:00"), "tong-hop/niem-phong", "0" * 64, 0, 0))
    with pytest.raises(NotTaken):
        office.submit("TH01", "2025-02-02T09:00", OTHER)
    assert len(office.handed_in) == 1


def test_a_school_hands_in_a_bounded_number_of_reports_a_day(office: AddinOffice) -> None:
    folder = office.open("2025-01-18T09:00").workspace.handed_in
    for number in range(MOST_A_DAY):
        submissions.hand_in(folder, "TH01", PERIOD, str(number).encode(), at(f"2025-01-18T09:00:{number:02}"))
    with pytest.raises(NotTaken):
        office.submit("TH01", "2025-01-18T09:30", DONE)
    assert office.submit("TH01", "2025-01-19T10:00", DONE)[0].submitted


def test_what_is_kept_are_the_cells_that_were_read_and_no_sheet_of_ours(office: AddinOffice) -> None:
    office.submit("TH01", "2025-01-18T09:00", DONE)
    (file,) = office.open("2025-01-18T09:00").workspace.handed_in.iterdir()
    kept = json.loads(file.read_bytes())
    assert (kept["baocao"], kept["school"]) == ("google-sheet", "TH01")
    titles = [tab["title"] for tab in kept["tabs"]]
    assert titles == sorted(["_meta", "Thông tin", "Phụ lục", "Chỉ tiêu", "Nhiệm vụ", "Số liệu"])
