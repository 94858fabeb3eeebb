"""Handing in once more: what counts already, what the office gave back, two at a time, and clocks that are wrong."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from sync import addin, backup, looking
from sync.addin.errors import NotKept, NotTaken
from sync.decisions import Decision
from sync.ledger import Ledger
from sync.sources import addin as submissions
from tests.addin.offices import PLACE, AddinOffice, addin_office, at
from tests.addin.test_submit import OTHER, standing
from tests.fakes.offices import DONE, PERIOD, send
from tests.fakes.remote_books import Written, payload_of, remote_book


@pytest.fixture
def office(tmp_path: Path) -> AddinOffice:
    return addin_office(tmp_path)


def _checked(office: AddinOffice, moment: str, changes: dict[Any, Any]) -> dict[str, Any]:
    """What `check` writes into the workbook of TH01."""
    payload = payload_of(office.workbook("TH01", changes))
    book = remote_book(payload)
    try:
        addin.check(book, office.open(moment), "TH01")
        return Written(payload, book.json()).filled(PLACE)
    finally:
        book.close()


def _give_back(office: AddinOffice, moment: str, reason: str) -> None:
    with Ledger.open(office.open(moment).ledger_url) as ledger:
        last = ledger.last_run()
        assert last is not None
        place = "tong-hop/tong-hop-2024-2025-HK1.xlsx"
        decision = Decision(PERIOD, "TH01", "returned", reason, at(moment), at(moment), place, "", last.id)
        ledger.decisions.record([decision], "0" * 64, place, at(moment))


def test_a_report_that_the_office_gave_back_is_not_taken_again_and_the_school_reads_why(office: AddinOffice) -> None:
    office.submit("TH01", "2025-01-18T09:00", DONE)
    office.run("2025-01-18T10:00")
    assert _checked(office, "2025-01-18T11:00", DONE)["B3"] == (
        "Báo cáo không có lỗi; bản này đã nộp lúc 09:00 ngày 18/01/2025."
    )
    _give_back(office, "2025-01-18T12:00", "Thiếu biên bản\nhọp phụ huynh")
    with pytest.raises(NotTaken, match="Thiếu biên bản họp phụ huynh"):
        office.submit("TH01", "2025-01-18T13:00", DONE)
    assert _checked(office, "2025-01-18T13:00", DONE)["B3"] == (
        "Đơn vị quản lý đã trả lại bản này: “Thiếu biên bản họp phụ huynh”. Sửa theo đó rồi nộp lại."
    )
    assert office.submit("TH01", "2025-01-18T14:00", OTHER)[0].submitted


def test_a_submission_whose_place_a_file_took_is_not_said_to_count(office: AddinOffice) -> None:
    office.submit("TH01", "2025-01-18T09:00", DONE)
    send(office.path, "TH01", OTHER, modified="2025-01-18T10:30")
    office.run("2025-01-18T11:00")
    with pytest.raises(NotTaken):
        office.submit("TH01", "2025-01-18T12:00", DONE)


def test_the_same_report_handed_in_twice_at_the_same_moment_is_kept_whole(tmp_path: Path) -> None:
    folder, content, failed = tmp_path / "handed-in", b"x" * 300_000, []
    folder.mkdir()
    start = threading.Barrier(6)

    def hand_in() -> None:
        start.wait()
        try:
            for second in range(15):
                submissions.hand_in(folder, "TH01", PERIOD, content, at(f"2025-01-18T09:00:{second:02}"))
        except OSError as error:
            failed.append(error)

    threads = [threading.Thread(target=hand_in) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert [file.read_bytes() == content for file in folder.iterdir()] == [True] * 15


def test_only_submissions_count_and_they_keep_their_moments_in_copies_and_in_backups(
    office: AddinOffice, tmp_path: Path
) -> None:
    office.submit("TH01", "2025-01-18T09:00", DONE)
    office.submit("TH01", "2025-01-18T09:30", OTHER)
    opened = office.open("2025-01-18T11:00")
    folder = opened.workspace.handed_in
    (folder / "a").mkdir()
    for name in ("bao cao.xlsx", "TH01.json", "a/MN01.xlsx"):
        (folder / name).write_bytes(b"somebody else's")
    done = office.run("2025-01-18T10:00")
    assert (done.new, done.accepted, done.refused, done.problems) == (2, 2, 0, [])

    office.submit("MN01", "2025-01-18T10:30")
    for age, file in enumerate(sorted(folder.iterdir(), reverse=True)):
        os.utime(file, (10**9 + age, 10**9 + age))
    with Ledger.open(opened.ledger_url) as ledger:
        changes = [source.look(ledger.sightings(source.name)) for source in looking.on_disk(opened)]
    assert [school for each in changes for school in (found.path[:4] for found in each.changed)] == ["MN01"]

    made = backup.backup(opened, tmp_path / "sao-luu.zip")
    backup.restore(made.file, tmp_path / "lai")
    again = AddinOffice(tmp_path / "lai")
    assert again.handed_in == [name for name in office.handed_in if submissions.MARK in name]
    again.run("2025-01-18T12:00")
    assert standing(again, "TH01") == ("on_time", "09:00:00", "09:30:00")
    assert standing(again, "MN01") == ("on_time", "10:30:00", "10:30:00")


def test_a_report_that_cannot_be_kept_is_not_said_to_be_handed_in(
    office: AddinOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotKept):
        office.submit("TH01", "2025-01-18T09:00", DONE)
    monkeypatch.undo()
    assert list(office.open("2025-01-18T09:00").workspace.handed_in.iterdir()) == []
    assert office.submit("TH01", "2025-01-18T09:10", DONE)[0].submitted
