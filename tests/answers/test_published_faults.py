"""The published spreadsheet where a pass broke off, or where the workbook beside it is no workbook any more."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from sync import passes
from sync.answers import published
from sync.landmarks import PROGRESS_SHEET
from sync.passes import PassResult
from sync.spreadsheets import link_of
from tests.answers.test_published import BOOK, place, said
from tests.fakes import officer
from tests.fakes.google import NOT_SHARED, GoogleServer
from tests.fakes.google_offices import NOW, Office, google_at, never_wait
from tests.fakes.offices import DONE, send

pytestmark = pytest.mark.usefixtures("english")


def work(office: Office, minutes: int = 0) -> PassResult:
    return passes.run(office.open(NOW + timedelta(minutes=minutes)), wait=never_wait)


def office_of(google: GoogleServer, folder: Path, tab: str = "Ghi chú riêng") -> tuple[Office, str]:
    target = google.add_spreadsheet("Tổng hợp của phòng", {tab: [["của phòng"]]})
    made = Office(google, folder, shared_drive="", publish_to=link_of(target))
    send(made.workspace.path, "TH01", DONE)
    return made, target


def test_what_is_typed_after_a_first_filling_that_was_not_remembered_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with google_at() as google:
        office, target = office_of(google, tmp_path)
        with monkeypatch.context() as patched:
            patched.setattr(published, "done", dies)
            with pytest.raises(KeyboardInterrupt):
                work(office)
        google.edit(target, PROGRESS_SHEET, place(google, target, "MN01", "note"), "Đã gọi điện")
        google.edit(target, "Tổng quan", "B40", "Nhớ gọi cho ông Ba")
        assert work(office, 1).problems == []
        assert [each[:3] for each in said(office)] == [("MN01", "note", "Đã gọi điện")]
        assert len(list((office.workspace.path / "tong-hop").glob("*bản có sửa trên Google*"))) == 1
        assert officer.shown(office.workspace.path / BOOK, "MN01", "note") == "Đã gọi điện"


def test_what_is_published_is_what_was_built_and_not_what_stands_in_its_place(tmp_path: Path) -> None:
    with google_at() as google:
        office, target = office_of(google, tmp_path)
        google.fail("sheets.spreadsheets.get", NOT_SHARED)
        assert len(work(office).problems) == 1
        (office.workspace.path / BOOK).write_bytes(b"with a password")
        result = work(office, 1)
        assert (result.problems, ["cannot be read" in note for note in result.notes]) == ([], [True])
        assert place(google, target, "MN01", "note")
        assert said(office) == []


def test_a_tab_of_the_office_that_is_filled_for_the_first_time_is_kept(tmp_path: Path) -> None:
    with google_at() as google:
        office, _target = office_of(google, tmp_path, "Tổng quan")
        [note] = work(office).notes
        [kept] = (office.workspace.path / "tong-hop").glob("*bản có sửa trên Google*")
        assert kept.name in note
        assert openpyxl.load_workbook(kept)["Tổng quan"]["A1"].value == "của phòng"
