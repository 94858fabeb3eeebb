"""Letters follow what the officer decided: reports go back, schools are excused, schools get more time."""

from __future__ import annotations

from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest

from sync import office, passes, rehearsing, reminding
from sync.reminding import Reminded
from tests.fakes.decisions import decide
from tests.fakes.offices import FAULTY, PERIOD, send
from tests.reminding.offices import OFFICER, at, files, make_office, outbox, remind, text, to

pytestmark = pytest.mark.usefixtures("english")

REASON = "Số liệu mục II.3 chưa khớp biên bản."
BACK = "Trả lại báo cáo Học kỳ I"
HOA_SEN = "TH01 - Trường Tiểu học Hoa Sen.xlsx"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An office that took in a sound report of TH01 and answered it."""
    made = make_office(tmp_path / "office")
    send(made, "TH01")
    remind(made, "2025-01-20T09:00")
    return made


def kinds(told: Reminded, school: str = "TH01") -> set[tuple[str, str]]:
    found = (each for each in told.notices if (each.period, each.school) == (PERIOD, school))
    return {(notice.kind, notice.stage) for notice in found}


def letter_to(folder: Path, address: str, subject: str) -> EmailMessage:
    """The one letter to an address with this beginning of its subject."""
    [letter] = [each for each in to(outbox(folder), address) if str(each["Subject"]).startswith(subject)]
    return letter


def words(letter: EmailMessage) -> str:
    return text(letter).replace("\r\n", "\n")


def test_a_school_is_written_to_once_with_the_reason_and_its_workbook(folder: Path) -> None:
    decide(folder, "TH01", "returned", REASON, "2025-01-20T10:00")
    assert kinds(remind(folder, "2025-01-20T10:05")) == {("returned", "1")}
    letter = letter_to(folder, "th01@example.org", BACK)
    assert f"\nLý do: {REASON}\n" in words(letter)
    assert "22/01/2025" in words(letter)
    assert "chậm nhất hết ngày" in words(letter)
    assert files(letter) == [HOA_SEN]
    assert kinds(remind(folder, "2025-01-20T11:00")) == set()


def test_a_report_that_goes_back_before_it_was_answered_is_never_called_accepted(tmp_path: Path) -> None:
    made = make_office(tmp_path / "office")
    send(made, "TH01")
    passes.run(office.open_office(made, at("2025-01-18T20:00")))
    decide(made, "TH01", "returned", REASON, "2025-01-18T21:00")
    told = remind(made, "2025-01-20T09:00")
    assert ("returned", "1") in kinds(told)
    assert "accepted" not in {kind for kind, _stage in kinds(told)}
    decide(made, "TH01", "returned", "", "2025-01-20T10:00")
    assert {kind for kind, _stage in kinds(remind(made, "2025-01-20T10:05"))} == {"accepted"}


def test_reminders_of_a_report_that_went_back_say_why(folder: Path) -> None:
    decide(folder, "TH01", "returned", REASON, "2025-01-20T10:00")
    remind(folder, "2025-01-20T10:05")
    assert kinds(remind(folder, "2025-01-21T08:00")) == {("due_soon", "-1")}
    told = words(letter_to(folder, "th01@example.org", "Còn 1 ngày để sửa"))
    assert REASON in told
    assert "phải sửa" in told


def test_the_mended_report_is_answered_and_nothing_more_is_asked(folder: Path) -> None:
    decide(folder, "TH01", "returned", REASON, "2025-01-20T10:00")
    remind(folder, "2025-01-20T10:05")
    send(folder, "TH01", {("statistics", "A.2", "total"): 301}, "lan 2.xlsx", "2025-01-20T15:00")
    assert {kind for kind, _stage in kinds(remind(folder, "2025-01-20T15:30"))} == {"accepted"}
    assert kinds(remind(folder, "2025-01-21T08:00")) == set()


def test_what_the_machine_found_is_told_beside_the_reason(folder: Path) -> None:
    send(folder, "MN01", FAULTY)
    passes.run(office.open_office(folder, at("2025-01-20T09:30")))
    decide(folder, "MN01", "returned", REASON, "2025-01-20T10:00")
    assert kinds(remind(folder, "2025-01-20T10:05"), "MN01") == {("returned", "1")}
    told = words(letter_to(folder, "mn01@example.org", BACK))
    assert told.count(REASON) == 1
    assert "Cần sửa thêm:\n  1. Phụ lục, ô" in told


def test_a_letter_that_waits_is_taken_back_when_the_cell_is_cleared(tmp_path: Path) -> None:
    made = make_office(tmp_path / "office")
    send(made, "TH01")
    remind(made, "2025-01-20T09:00")
    decide(made, "TH01", "returned", REASON, "2025-01-20T10:00")
    opened = office.open_office(made, at("2025-01-20T10:05"))
    passes.run(opened)
    waiting = reminding.remind(opened, seconds=-1)
    assert (waiting.notices, waiting.limited) == ([], 1)
    decide(made, "TH01", "returned", "", "2025-01-20T10:30")
    remind(made, "2025-01-20T11:00")
    assert not [each for each in to(outbox(made), "th01@example.org") if "Trả lại" in str(each["Subject"])]


def test_the_reason_of_the_officer_is_text_in_a_letter(folder: Path) -> None:
    decide(folder, "TH01", "returned", "{{ 7*7 }} <b>đậm</b>\r\nBcc: x@example.org", "2025-01-20T10:00")
    remind(folder, "2025-01-20T10:05")
    letter = letter_to(folder, "th01@example.org", BACK)
    assert "Lý do: {{ 7*7 }} <b>đậm</b> Bcc: x@example.org\n" in words(letter)
    page = letter.get_body(("html",))
    assert page is not None
    assert "&lt;b&gt;đậm" in str(page.get_content())
    assert letter["Bcc"] is None


def test_a_preview_names_the_letter_and_the_digest_names_the_report(folder: Path) -> None:
    decide(folder, "TH01", "returned", REASON, "2025-01-20T10:00")
    opened = office.open_office(folder, at("2025-01-20T10:05"))
    passes.run(opened)
    [notice] = [each for each in reminding.preview(opened).notices if each.school == "TH01"]
    assert reminding.preview(opened).subjects[notice.key].startswith("Trả lại báo cáo Học kỳ I")
    remind(folder, "2025-01-21T08:00")
    assert f"đã trả lại: {REASON}" in words(letter_to(folder, OFFICER, "Tổng hợp thứ Ba 21/01/2025"))


def test_an_excused_school_is_asked_for_nothing_and_answered_all_the_same(folder: Path) -> None:
    decide(folder, "CS01", "excused", "Sáp nhập.", "2025-01-20T10:00")
    assert kinds(remind(folder, "2025-01-21T08:00"), "CS01") == set()
    send(folder, "CS01", modified="2025-01-21T10:00")
    assert {kind for kind, _stage in kinds(remind(folder, "2025-01-21T10:30"), "CS01")} == {"accepted"}
    assert kinds(remind(folder, "2025-01-24T08:00"), "CS01") == set()
    assert kinds(remind(folder, "2025-01-24T08:05"), "MN01") == set()


def test_more_time_is_told_to_the_school_and_moves_its_stages(folder: Path) -> None:
    decide(folder, "CS01", "extended_to", "14/02/2025", "2025-01-20T10:00")
    told = remind(folder, "2025-01-20T10:05")
    assert kinds(told, "CS01") == {("due_changed", "20250214T2359")}
    assert "14/02/2025" in words(letter_to(folder, "cs01@example.org", "Đổi hạn nộp"))
    assert kinds(remind(folder, "2025-01-23T08:00"), "CS01") == set()
    assert kinds(remind(folder, "2025-01-23T08:05"), "MN01") == set()
    assert kinds(remind(folder, "2025-02-13T08:00"), "CS01") == {("due_soon", "-1")}
    decide(folder, "CS01", "extended_to", "", "2025-02-13T10:00")
    assert {kind for kind, _stage in kinds(remind(folder, "2025-02-13T10:05"), "CS01")} == {"overdue"}


def test_a_rehearsal_plays_the_return_at_its_moment(folder: Path) -> None:
    decide(folder, "TH01", "returned", REASON, "2025-01-21T10:20")
    decide(folder, "CS01", "excused", "Sáp nhập.", "2025-01-21T10:20")
    told = rehearsing.rehearse(office.open_office(folder, at("2025-01-21T11:00")), date(2025, 1, 20), date(2025, 1, 24))
    mine = [(each.notice.kind, f"{each.notice.at:%d %H:%M}", each.subject) for each in told
            if (each.notice.school, each.notice.period) == ("TH01", PERIOD)]  # fmt: skip
    assert [(kind, moment) for kind, moment, _subject in mine] == [
        ("accepted", "20 07:30"),
        ("returned", "21 10:20"),
        ("overdue", "23 07:30"),
    ]
    assert mine[1][2].startswith("Trả lại báo cáo Học kỳ I")
    assert not [each for each in told if each.notice.school == "CS01"]
