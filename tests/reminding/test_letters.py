"""Who is written to, when, and what the letters bring along."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sync import office, reminding
from sync.control import ControlError
from sync.office import OpenOffice
from sync.periods import Period, Periods, due_moment
from sync.schools import Schools
from sync.workspace import WorkspaceBusy
from tests.fakes.offices import FAULTY, PERIOD, ZONE, send
from tests.reminding.offices import (
    CHIEF,
    OFFICER,
    SCHOOLS,
    at,
    files,
    make_office,
    outbox,
    remind,
    rewrite,
    statuses,
    text,
    to,
)

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_office(tmp_path / "office")


def kinds(told: reminding.Reminded) -> set[tuple[str, str, str]]:
    return {(notice.kind, notice.stage, notice.school) for notice in told.notices if notice.period == PERIOD}


def test_the_latest_stage_is_told_and_those_that_were_missed_are_not(folder: Path) -> None:
    told = remind(folder, "2025-01-21T09:00")
    reminders = {each for each in kinds(told) if each[0] == "due_soon"}
    assert reminders == {("due_soon", "-1", school.code) for school in SCHOOLS}
    [letter] = to(outbox(folder), "th01@example.org")
    assert "22/01/2025" in text(letter)
    assert letter["Auto-Submitted"] == "auto-generated"
    assert OFFICER in letter["Reply-To"]
    assert "han-nop.ics" in files(letter)


def test_what_was_told_is_not_told_again(folder: Path) -> None:
    remind(folder, "2025-01-21T09:00")
    before = len(outbox(folder))
    assert remind(folder, "2025-01-21T09:05").notices == []
    assert remind(folder, "2025-01-21T16:00").notices == []
    assert len(outbox(folder)) == before


@pytest.mark.parametrize("moment", ["2025-01-18T09:00", "2025-01-21T06:00", "2025-01-21T20:00", "2025-01-29T09:00"])
def test_nothing_is_sent_at_weekends_at_night_and_on_holidays(folder: Path, moment: str) -> None:
    told = remind(folder, moment)
    assert told.notices == []
    assert told.later
    assert told.next_at is not None
    assert told.next_at > at(moment)
    assert outbox(folder) == []


def test_an_extra_day_off_is_a_day_off(folder: Path) -> None:
    rewrite(folder, holidays={date(2025, 1, 21): "Nghỉ bù"})
    assert remind(folder, "2025-01-21T09:00").notices == []


def test_a_preview_sends_nothing_and_remembers_nothing(folder: Path) -> None:
    opened = office.open_office(folder, at("2025-01-21T09:00"))
    first, second = reminding.preview(opened), reminding.preview(opened)
    assert [notice.key for notice in first.notices] == [notice.key for notice in second.notices]
    assert first.notices
    assert all(first.subjects[notice.key] for notice in first.notices)
    assert outbox(folder) == []
    assert [notice.key for notice in remind(folder, "2025-01-21T09:00").notices] == [n.key for n in first.notices]


def test_a_report_that_is_accepted_gets_a_receipt_and_no_more_reminders(folder: Path) -> None:
    send(folder, "TH01")
    told = remind(folder, "2025-01-21T09:00")
    assert {kind for kind, _stage, school in kinds(told) if school == "TH01"} == {"accepted"}
    [letter] = to(outbox(folder), "th01@example.org")
    assert "TH01.xlsx" in text(letter)


def test_a_report_to_be_mended_is_answered_with_its_findings_and_the_returned_copy(folder: Path) -> None:
    send(folder, "TH01", FAULTY)
    told = remind(folder, "2025-01-21T09:00")
    assert {kind for kind, _stage, school in kinds(told) if school == "TH01"} == {"to_mend", "due_soon"}
    [letter] = to(outbox(folder), "th01@example.org")
    assert any(name.startswith("TH01 - ") and name.endswith(".xlsx") for name in files(letter))
    assert "Phụ lục, ô" in text(letter)
    # The reminder beside it does not tell the same findings again.
    assert text(letter).count("Phụ lục, ô") == len({line for line in text(letter).splitlines() if "Phụ lục, ô" in line})


def test_a_newer_report_with_errors_leaves_the_accepted_one_counting_and_says_so(folder: Path) -> None:
    send(folder, "TH01", modified="2025-01-17T09:00")
    remind(folder, "2025-01-17T10:00")
    send(folder, "TH01", FAULTY, name="TH01 (2).xlsx", modified="2025-01-20T09:00")
    told = remind(folder, "2025-01-21T09:00")
    assert {kind for kind, _stage, school in kinds(told) if school == "TH01"} == {"to_mend"}
    letters = to(outbox(folder), "th01@example.org")
    assert any("vẫn được tính" in text(letter) for letter in letters)


def test_a_report_in_time_with_errors_is_told_until_when_it_is_still_on_time(folder: Path) -> None:
    send(folder, "TH01", FAULTY, modified="2025-01-20T09:00")
    remind(folder, "2025-01-23T09:00")
    [letter] = to(outbox(folder), "th01@example.org")
    assert "27/01/2025" in text(letter)


def test_the_head_is_copied_after_three_days_and_the_chief_after_seven_in_one_letter(folder: Path) -> None:
    remind(folder, "2025-01-23T09:00")
    assert to(outbox(folder), "ht.th01@example.org") == []
    # The third to the sixth day after 22 January fall into Tết; the stage is told when the office works again.
    told = remind(folder, "2025-02-03T09:00")
    assert {stage for kind, stage, _school in kinds(told) if kind == "overdue"} == {"+7"}
    assert len(to(outbox(folder), "ht.th01@example.org")) == 1
    about_schools = [each for each in to(outbox(folder), CHIEF) if SCHOOLS.by_code["TH01"].name in text(each)]
    assert len(about_schools) == 1
    assert all(school.name in text(about_schools[0]) for school in SCHOOLS)


def test_more_time_for_one_school_is_told_to_that_school_only(folder: Path) -> None:
    remind(folder, "2025-01-21T09:00")
    periods = office.open_office(folder).control.periods
    later = due_moment(date(2025, 2, 10), ZONE)
    changed = [replace(each, extensions={"TH01": later}) if each.key == PERIOD else each for each in periods]
    rewrite(folder, periods=Periods(tuple(changed)))
    told = remind(folder, "2025-01-22T09:00")
    assert {school for kind, _stage, school in kinds(told) if kind == "due_changed"} == {"TH01"}
    assert any("10/02/2025" in text(letter) for letter in to(outbox(folder), "th01@example.org"))
    assert {school for kind, _s, school in kinds(remind(folder, "2025-01-23T09:00")) if kind == "overdue"} == {
        "MN01",
        "CS01",
    }


def test_a_due_date_that_goes_back_to_what_it_was_is_told_again(folder: Path) -> None:
    remind(folder, "2025-01-20T09:00")
    periods = office.open_office(folder).control.periods
    first = periods.by_key[PERIOD]
    moved = replace(first, schools_due=due_moment(date(2025, 2, 5), ZONE), reminders=())
    told = []
    for moment, period in (("2025-01-20T10:00", moved), ("2025-01-20T11:00", first), ("2025-01-20T12:00", moved)):
        rewrite(folder, periods=Periods(tuple(period if each.key == PERIOD else each for each in periods)))
        told.append({(kind, school) for kind, _stage, school in kinds(remind(folder, moment)) if kind == "due_changed"})
    assert told == [{("due_changed", school.code) for school in SCHOOLS}] * 3


def test_a_report_on_demand_is_announced_with_its_dispatch(folder: Path) -> None:
    periods = office.open_office(folder).control.periods
    asked = Period(
        "2025/DX-01", "Báo cáo đột xuất về tư vấn tâm lý", date(2025, 3, 1), date(2025, 3, 10),
        due_moment(date(2025, 3, 14), ZONE), None, dispatch="15/PGDĐT ngày 05/03/2025",
    )  # fmt: skip
    rewrite(folder, periods=Periods((*periods, asked)))
    told = remind(folder, "2025-03-06T09:00")
    announced = [notice for notice in told.notices if notice.kind == "announced"]
    assert {notice.school for notice in announced} == {school.code for school in SCHOOLS}
    assert any("15/PGDĐT" in text(letter) for letter in to(outbox(folder), "th01@example.org"))


def test_the_offices_own_duty_is_told_to_the_officer_and_the_chief_until_it_is_done(folder: Path) -> None:
    told = remind(folder, "2024-11-08T09:00")
    own = [notice for notice in told.notices if notice.kind == "office_due_soon"]
    assert [(notice.period, notice.stage, notice.to, notice.cc) for notice in own] == [
        ("2024/NAM", "-1", (OFFICER,), (CHIEF,))
    ]
    assert own[0].due == due_moment(date(2024, 11, 9), ZONE)
    periods = office.open_office(folder).control.periods
    done = [replace(each, office_reported_on=date(2024, 11, 8)) if each.key == "2024/NAM" else each for each in periods]
    rewrite(folder, periods=Periods(tuple(done)))
    assert not [notice for notice in remind(folder, "2024-11-11T09:00").notices if notice.kind == "office_overdue"]


def test_a_school_without_an_address_is_to_be_called(folder: Path) -> None:
    schools = tuple(replace(each, emails=()) if each.code == "TH01" else each for each in SCHOOLS)
    rewrite(folder, schools=Schools(schools))
    told = remind(folder, "2025-01-23T09:00")
    assert {notice.school for notice in told.unreachable} == {"TH01"}
    remind(folder, "2025-01-24T09:00")
    assert any("CẦN GỌI ĐIỆN" in text(letter) and "0272 th01" in text(letter) for letter in to(outbox(folder), OFFICER))


def test_an_address_of_two_schools_gets_one_letter_on_both(folder: Path) -> None:
    schools = tuple(replace(each, emails=(*each.emails, "cum@example.org")) for each in SCHOOLS)
    rewrite(folder, schools=Schools(schools))
    remind(folder, "2025-01-21T09:00")
    [letter] = to(outbox(folder), "cum@example.org")
    assert all(school.name in text(letter) for school in SCHOOLS)
    assert len(to(outbox(folder), "th01@example.org")) == 1


def test_a_template_that_the_office_broke_is_named_and_the_letters_go_out(folder: Path) -> None:
    (folder / "mau-thu").mkdir()
    (folder / "mau-thu" / "due_soon.j2").write_text("{% block subject %}{{ khong_co }}{% endblock %}", encoding="utf-8")
    told = remind(folder, "2025-01-21T09:00")
    assert len([problem for problem in told.problems if "due_soon.j2" in problem]) == 1
    assert len(to(outbox(folder), "th01@example.org")) == 1


def test_two_of_them_at_once_are_one_too_many(folder: Path) -> None:
    opened = office.open_office(folder, at("2025-01-21T09:00"))
    with opened.workspace.lock("letters"), pytest.raises(WorkspaceBusy, match="letters"):
        reminding.remind(opened)
    assert statuses(folder) == {}


def test_the_digest_comes_once_a_day_and_every_week_even_if_there_is_nothing(folder: Path) -> None:
    quiet = [f"2024-09-{day:02d}T08:00" for day in range(9, 28)]
    days = [moment[:10] for moment in quiet if any(n.kind == "digest" for n in remind(folder, moment).notices)]
    assert days == ["2024-09-09", "2024-09-16", "2024-09-23"]
    assert not any(notice.kind == "digest" for notice in remind(folder, "2024-09-23T15:00").notices)


def test_the_digest_names_who_is_missing_who_is_new_and_what_was_sent(folder: Path) -> None:
    remind(folder, "2025-01-22T08:00")
    send(folder, "TH01", modified="2025-01-22T10:00")
    remind(folder, "2025-01-22T10:05")
    told = remind(folder, "2025-01-23T08:00")
    assert ("digest", "2025-01-23") in {(notice.kind, notice.stage) for notice in told.notices}
    [said] = [text(letter) for letter in to(outbox(folder), OFFICER) if "Tổng hợp thứ Năm 23/01/2025" in text(letter)]
    assert SCHOOLS.by_code["MN01"].name in said
    assert "0272 mn01" in said
    assert SCHOOLS.by_code["TH01"].name in said
    assert "22/01/2025" in said  # the last pass before this one, or what was sent then


def test_a_control_workbook_that_cannot_be_read_is_told_to_the_officer_once_a_day(folder: Path) -> None:
    good = (folder / "dieu-hanh.xlsx").read_bytes()
    remind(folder, "2025-01-20T09:00")
    before = len(outbox(folder))
    (folder / "dieu-hanh.xlsx").write_bytes(b"no workbook")
    for moment in ("2025-01-21T09:00", "2025-01-21T10:00"):
        with pytest.raises(ControlError):
            reminding.remind(office.open_office(folder, at(moment)))
    assert len(outbox(folder)) == before + 1
    [alarm] = [text(letter) for letter in to(outbox(folder), OFFICER) if "21/01/2025" in letter["Subject"]]
    assert "dieu-hanh.xlsx" in alarm
    (folder / "dieu-hanh.xlsx").write_bytes(good)
    assert {notice.kind for notice in remind(folder, "2025-01-21T11:00").notices} >= {"due_soon"}


def test_an_announcement_leaves_no_room_for_a_reminder_of_the_same_due_date(folder: Path) -> None:
    periods = office.open_office(folder).control.periods
    asked = Period(
        "2025/DX-01", "Báo cáo đột xuất", date(2025, 3, 1), date(2025, 3, 10), due_moment(date(2025, 3, 14), ZONE),
        None, dispatch="15/PGDĐT",
    )  # fmt: skip
    rewrite(folder, periods=Periods((*periods, asked)))
    told = remind(folder, "2025-03-06T09:00")
    kinds_ = {each.kind for each in told.notices if each.school == "TH01" and each.period == asked.key}
    assert kinds_ == {"announced", "due_soon"}
    [letter] = to(outbox(folder), "th01@example.org")
    assert text(letter).count("14/03/2025") == 1


def test_nobody_is_told_to_be_late_while_something_in_the_inbox_is_not_taken_in(folder: Path) -> None:
    send(folder, "TH01")
    opened = office.open_office(folder, at("2025-01-23T09:00"))
    told = reminding.remind(opened)
    assert not [notice for notice in told.notices if notice.kind in ("overdue", "due_soon")]
    assert len(told.problems) == 1
    assert {n.school for n in remind(folder, "2025-01-23T09:05").notices if n.kind == "overdue"} == {"MN01", "CS01"}


def test_an_inbox_that_was_emptied_makes_nobody_late(folder: Path) -> None:
    file = send(folder, "TH01", FAULTY)
    remind(folder, "2025-01-20T09:00")
    file.unlink()
    told = remind(folder, "2025-01-23T09:00")
    assert not [notice for notice in told.notices if notice.kind == "overdue"]
    assert told.problems


def test_an_address_that_was_added_or_corrected_gets_what_is_true_then(folder: Path) -> None:
    remind(folder, "2025-01-21T09:00")
    school = SCHOOLS.by_code["TH01"]
    schools = [
        replace(each, emails=(*school.emails, "moi@example.org")) if each is school else each for each in SCHOOLS
    ]
    rewrite(folder, schools=Schools(tuple(schools)))
    remind(folder, "2025-01-21T10:00")
    assert len(to(outbox(folder), "moi@example.org")) == 1
    assert len(to(outbox(folder), "th01@example.org")) == 1
    assert remind(folder, "2025-01-21T11:00").notices == []


def test_a_weekly_digest_that_was_missed_is_made_up_for(folder: Path) -> None:
    remind(folder, "2024-09-09T08:00")
    told = [moment for moment in ("2024-09-18T08:00", "2024-09-19T08:00") if remind(folder, moment).notices]
    assert told == ["2024-09-18T08:00"]


def test_a_letter_to_the_chief_is_written_to_the_chief_and_brings_no_workbooks(folder: Path) -> None:
    from sync import sending

    sending.write_templates(office.open_office(folder), PERIOD, (), lambda *_: None)
    remind(folder, "2025-02-03T09:00")
    letters = [letter for letter in to(outbox(folder), CHIEF) if SCHOOLS.by_code["TH01"].name in text(letter)]
    assert len(letters) == 1
    assert "cho ý kiến đôn đốc" in text(letters[0])
    assert files(letters[0]) == []
    assert files(to(outbox(folder), "th01@example.org")[0]) == ["TH01.xlsx"]


def test_a_clock_that_was_set_back_makes_nobody_late_again(folder: Path) -> None:
    remind(folder, "2025-02-18T09:00")
    opened = office.open_office(folder)
    back = OpenOffice(opened.workspace, opened.settings, at("2025-02-12T09:00"))
    told = reminding.remind(back)
    assert not [notice for notice in told.notices if notice.kind == "overdue"]
    assert any("clock" in problem for problem in told.problems)
