"""Which notices are owed at one moment, case by case; histories of years stand in test_histories.py."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pandas as pd
import pytest

from sync.decisions import Returned
from sync.notices import KINDS, Notice
from sync.notices.due import Upcoming, notices_due, owing_schools, upcoming
from sync.notices.facts import Facts, Memory, Watched, reports_of
from sync.notices.stages import Rhythm
from sync.periods import Period, due_moment
from sync.rehearsing import remembered
from sync.schools import School
from sync.working_days import WorkingDays
from tests.fakes.offices import ZONE

DAYS = WorkingDays({}, opens_at=time(7, 30), closes_at=time(16, 30), zone=ZONE)
RHYTHM = Rhythm((1, 3, 7, 14), (1, 3, 7), 7, 60)
OFFICER, CHIEF = ("can-bo@example.org",), ("lanh-dao@example.org",)
KEY = "2024-2025/HK1"
DUE_DAY = date(2025, 3, 19)
"""A Wednesday; no holiday is near."""
DUE = due_moment(DUE_DAY, ZONE)
PERIOD = Period(KEY, "Học kỳ 1", date(2024, 9, 5), date(2025, 3, 10), DUE)
OFFICE_PERIOD = Period("2025/NAM", "Năm 2025", date(2025, 1, 1), date(2025, 12, 31), None, DUE)
MONDAY = "2025-03-24T08:00"
NOTHING_TOLD = Memory()
A, B = "a" * 64, "b" * 64
NO_RECEIPTS = {"school": "str", "sha256": "str", "status": "str", "returned": "object"} | dict.fromkeys(
    ("received_at", "taken_at"), "datetime64[us, UTC]"
)


def school(code: str) -> School:
    name = code.lower()
    return School(
        code, f"Trường {code}", "TH", emails=(f"{name}@example.org",), head_emails=(f"ht.{name}@example.org",)
    )


SCHOOLS = (school("T1"), school("T2"), school("T3"))


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=ZONE)


def sent(
    code: str, sha256: str, status: str, received: str, taken: str | None = None, returned: Returned | None = None
) -> dict[str, Any]:
    moments = {"received_at": at(received).astimezone(UTC), "taken_at": at(taken or received).astimezone(UTC)}
    return {"school": code, "sha256": sha256, "status": status, "returned": returned, **moments}


def given_back(moment: str, number: int = 1) -> Returned:
    return Returned("Số liệu chưa khớp.", at(moment).astimezone(UTC), None, number)


def watched(
    *receipts: dict[str, Any],
    period: Period = PERIOD,
    schools: Sequence[School] = SCHOOLS,
    excused: Collection[str] = (),
    **more: Any,
) -> Watched:
    frame = pd.DataFrame(receipts or None, columns=list(NO_RECEIPTS)).astype(NO_RECEIPTS)
    return Watched(period, reports_of(period, tuple(schools), frame, frozenset(excused)), **more)


def facts(*periods: Watched, **more: Any) -> Facts:
    return Facts(periods or (watched(),), DAYS, RHYTHM, **{"chief": CHIEF, **more})


def owed(given: Facts, moment: str, memory: Memory = NOTHING_TOLD) -> list[Notice]:
    return notices_due(given, memory, at(moment))


def short(notices: Sequence[Notice]) -> set[tuple[str, str, str]]:
    return {(notice.kind, notice.stage, notice.school) for notice in notices}


def all_of(kind: str, stage: str) -> set[tuple[str, str, str]]:
    return {(kind, stage, each.code) for each in SCHOOLS}


# Reminders


def test_each_school_that_sent_nothing_is_reminded_of_the_stage() -> None:
    found = owed(facts(), "2025-03-12T08:00")
    assert short(found) == all_of("due_soon", "-7")
    assert {(notice.state, notice.due, notice.at) for notice in found} == {("missing", DUE, at("2025-03-12T08:00"))}
    assert [(notice.to, notice.cc) for notice in found] == [(each.emails, ()) for each in SCHOOLS]


def test_only_those_that_still_owe_something_are_reminded() -> None:
    given = watched(
        sent("T1", A, "accepted", "2025-03-10T09:00", "2024-12-01T09:00"),
        sent("T2", B, "to_mend", "2025-03-10T09:00", "2024-12-01T09:00"),
    )
    found = owed(facts(given), "2025-03-12T08:00")
    assert [(notice.school, notice.kind, notice.state) for notice in found] == [
        ("T2", "due_soon", "to_mend"),
        ("T3", "due_soon", "missing"),
    ]


def test_a_report_that_was_accepted_once_is_not_asked_for_when_a_newer_one_has_errors() -> None:
    given = watched(
        sent("T1", A, "accepted", "2025-03-10T09:00"), sent("T1", B, "to_mend", "2025-03-11T09:00"), schools=SCHOOLS[:1]
    )
    found = owed(facts(given), "2025-03-12T08:00")
    assert short(found) == {("to_mend", B[:12], "T1")}


def test_a_file_that_cannot_be_used_is_answered_and_the_school_still_reminded() -> None:
    given = watched(sent("T1", A, "refused", "2025-03-11T09:00"), schools=SCHOOLS[:1])
    found = owed(facts(given), "2025-03-12T08:00")
    assert {(notice.kind, notice.state) for notice in found} == {("due_soon", "missing"), ("to_mend", "to_mend")}


def test_a_school_that_is_excused_is_not_asked_for_anything() -> None:
    given = facts(watched(excused=["T2"]))
    assert short(owed(given, "2025-03-12T08:00")) == all_of("due_soon", "-7") - {("due_soon", "-7", "T2")}
    missing, to_mend = owing_schools(given, given.periods[0], at("2025-03-12T08:00"))
    assert ([each.code for each in missing], to_mend) == (["T1", "T3"], [])


def test_a_school_without_an_address_is_told_of_so_that_somebody_calls() -> None:
    silent = replace(SCHOOLS[0], emails=(), head_emails=())
    [notice] = owed(facts(watched(schools=[silent])), "2025-03-12T08:00")
    assert (notice.school, notice.to, notice.cc) == ("T1", (), ())


@pytest.mark.parametrize(
    ("moment", "copied"),
    [
        ("2025-03-18T08:00", ()),
        ("2025-03-20T08:00", ()),
        (MONDAY, ("ht.t1@example.org",)),
        ("2025-03-26T08:00", ("ht.t1@example.org", *CHIEF)),
        ("2025-04-02T08:00", ("ht.t1@example.org", *CHIEF)),
    ],
)
def test_the_head_is_copied_after_three_days_and_the_chief_after_seven(moment: str, copied: tuple[str, ...]) -> None:
    assert owed(facts(watched(schools=SCHOOLS[:1])), moment)[0].cc == copied


def test_the_settings_say_when_others_are_copied() -> None:
    given = facts(watched(schools=SCHOOLS[:1]), copy_head_after=100, copy_chief_after=3)
    assert [owed(given, moment)[0].cc for moment in ("2025-03-20T08:00", MONDAY)] == [(), CHIEF]


@pytest.mark.parametrize(
    ("moment", "spoken"),
    [
        ("2025-03-12T07:29:59", False),
        ("2025-03-12T07:30:00", True),
        ("2025-03-12T16:29:59", True),
        ("2025-03-12T16:30:00", False),
        ("2025-03-15T09:00:00", False),
        ("2025-04-07T09:00:00", False),
    ],
)
def test_nothing_is_owed_at_night_at_weekends_and_on_holidays(moment: str, spoken: bool) -> None:
    assert bool(owed(facts(), moment)) is spoken


def test_a_school_with_more_time_is_reminded_of_its_own_due_date() -> None:
    more = due_moment(DUE_DAY + timedelta(days=7), ZONE)
    given = facts(watched(period=replace(PERIOD, extensions={"T2": more})))
    found = {notice.school: (notice.kind, notice.stage, notice.due) for notice in owed(given, "2025-03-20T08:00")}
    assert found == {
        "T1": ("overdue", "+1", DUE),
        "T2": ("due_soon", "-7", more),
        "T3": ("overdue", "+1", DUE),
    }


def test_the_officers_reminder_days_hold_for_the_usual_due_date_only_and_where_they_fit() -> None:
    more = due_moment(DUE_DAY + timedelta(days=7), ZONE)
    period = replace(PERIOD, reminders=(date(2025, 3, 17),), extensions={"T2": more})
    given = facts(watched(period=period))
    assert short(owed(given, "2025-03-17T08:00")) == {
        ("due_soon", "-2", "T1"),
        ("due_soon", "-14", "T2"),
        ("due_soon", "-2", "T3"),
    }
    misfit = facts(watched(period=period, reminders_fit=False))
    assert ("due_soon", "-3", "T1") in short(owed(misfit, "2025-03-17T08:00"))


def test_a_notice_that_was_told_is_not_told_again_and_the_next_stage_is() -> None:
    first = owed(facts(), "2025-03-12T08:00")
    memory = remembered(Memory(), first, at("2025-03-12T08:00"))
    assert owed(facts(), "2025-03-12T08:05", memory) == []
    assert short(owed(facts(), "2025-03-14T08:00", memory)) == all_of("due_soon", "-3")


# What became of a report


def test_a_receipt_is_told_once_for_each_content() -> None:
    given = facts(watched(sent("T1", A, "accepted", "2025-01-08T09:00"), schools=SCHOOLS[:1]))
    [notice] = owed(given, "2025-01-08T10:00")
    assert (notice.kind, notice.stage, notice.state, notice.receipt, notice.to) == (
        *("accepted", A[:12], "accepted", A),
        ("t1@example.org",),
    )
    assert owed(given, "2025-01-08T11:00", Memory(frozenset({notice.key}))) == []


def test_the_newest_report_is_answered_and_not_those_before_it() -> None:
    given = watched(
        sent("T1", A, "to_mend", "2025-01-07T09:00", "2025-01-08T09:00"),
        sent("T1", B, "accepted", "2025-01-07T10:00", "2025-01-08T09:00"),
    )
    assert short(owed(facts(given), "2025-01-08T10:00")) == {("accepted", B[:12], "T1")}


def test_what_a_pass_has_not_taken_in_yet_is_not_answered() -> None:
    given = watched(sent("T1", A, "accepted", "2025-01-07T09:00", "2025-01-08T11:00"))
    assert owed(facts(given), "2025-01-08T10:00") == []
    assert short(owed(facts(given), "2025-01-08T11:00")) == {("accepted", A[:12], "T1")}


# Reports that the office gives back


def back(decided: str, status: str = "to_mend", number: int = 1) -> dict[str, Any]:
    return sent("T1", A, status, "2025-03-10T09:00", returned=given_back(decided, number))


def test_a_report_that_goes_back_is_told_at_once_and_what_became_of_it_is_not() -> None:
    given = facts(watched(back("2025-03-12T10:00"), schools=SCHOOLS[:1]))
    [notice] = owed(given, "2025-03-12T10:05")
    assert (notice.kind, notice.stage, notice.school, notice.state) == ("returned", "1", "T1", "to_mend")
    assert (notice.receipt, notice.due, notice.to, notice.cc) == (A, DUE, SCHOOLS[0].emails, ())


def test_each_return_is_told_once() -> None:
    given = facts(watched(back("2025-03-12T10:00"), schools=SCHOOLS[:1]))
    memory = remembered(Memory(), owed(given, "2025-03-12T10:05"), at("2025-03-12T10:05"))
    assert owed(given, "2025-03-12T11:00", memory) == []
    again = facts(watched(back("2025-03-12T14:00", number=7), schools=SCHOOLS[:1]))
    assert short(owed(again, "2025-03-12T14:05", memory)) == {("returned", "7", "T1")}


def test_a_school_is_not_reminded_of_a_stage_that_began_before_its_report_went_back() -> None:
    given = facts(watched(back("2025-03-21T10:00"), schools=SCHOOLS[:1]))
    assert short(owed(given, "2025-03-21T10:05")) == {("returned", "1", "T1")}
    memory = remembered(Memory(), owed(given, "2025-03-21T10:05"), at("2025-03-21T10:05"))
    assert short(owed(given, MONDAY, memory)) == {("overdue", "+3", "T1")}


def test_a_newer_report_is_answered_and_the_return_before_it_is_not_told_any_more() -> None:
    newer = sent("T1", B, "accepted", "2025-03-12T15:00")
    given = facts(watched(back("2025-03-12T10:00"), newer, schools=SCHOOLS[:1]))
    assert short(owed(given, "2025-03-13T08:00")) == {("accepted", B[:12], "T1")}


def test_a_file_of_no_use_is_answered_beside_the_report_that_goes_back() -> None:
    useless = sent("T1", B, "refused", "2025-03-12T15:00")
    given = facts(watched(back("2025-03-12T10:00"), useless, schools=SCHOOLS[:1]))
    assert short(owed(given, "2025-03-12T15:05")) == {("returned", "1", "T1"), ("to_mend", B[:12], "T1")}


def test_a_report_that_went_back_long_ago_is_nobodys_news() -> None:
    given = facts(watched(back("2025-01-06T10:00"), schools=SCHOOLS[:1]))
    assert "returned" in {notice.kind for notice in owed(given, "2025-03-07T10:00")}
    assert "returned" not in {notice.kind for notice in owed(given, "2025-03-07T10:05")}


def test_an_excused_school_gets_answers_to_what_it_sends_all_the_same() -> None:
    given = watched(sent("T1", A, "accepted", "2025-03-12T09:00"), back("2025-03-12T09:30") | {"school": "T2"},
                    schools=SCHOOLS[:2], excused=["T1", "T2"])  # fmt: skip
    assert short(owed(facts(given), "2025-03-12T10:00")) == {("accepted", A[:12], "T1"), ("returned", "1", "T2")}


def test_a_report_that_was_taken_in_long_ago_is_nobodys_news() -> None:
    given = facts(watched(sent("T1", A, "accepted", "2025-01-08T09:00"), schools=SCHOOLS[:1]))
    assert owed(given, "2025-03-07T09:00")
    assert owed(given, "2025-03-10T09:00") == []


# A due date that changed


def changed_to(day: int) -> Facts:
    return facts(watched(period=replace(PERIOD, schools_due=due_moment(date(2025, 3, day), ZONE)), schools=SCHOOLS[:1]))


def round_of(given: Facts, moment: str, memory: Memory) -> tuple[list[Notice], Memory]:
    found = owed(given, moment, memory)
    return found, remembered(memory, found, at(moment))


def test_a_due_date_that_changes_to_and_fro_is_told_each_time() -> None:
    memory, told = Memory(), []
    for day, moment in ((19, "12T08:00"), (27, "12T09:00"), (19, "12T10:00"), (27, "12T11:00"), (27, "12T12:00")):
        found, memory = round_of(changed_to(day), f"2025-03-{moment}", memory)
        told.append([(notice.kind, notice.stage) for notice in found if notice.kind == "due_changed"])
    assert told == [
        [],
        [("due_changed", "20250327T2359")],
        [("due_changed", "20250319T2359")],
        [("due_changed", "20250327T2359.1")],
        [],
    ]


def test_the_date_before_the_change_is_told_with_it() -> None:
    _first, memory = round_of(changed_to(19), "2025-03-12T08:00", Memory())
    found = [notice for notice in owed(changed_to(27), "2025-03-12T09:00", memory) if notice.kind == "due_changed"]
    assert [(notice.told, notice.due) for notice in found] == [(DUE, due_moment(date(2025, 3, 27), ZONE))]


def test_more_time_that_is_given_when_the_report_is_late_is_told() -> None:
    _first, memory = round_of(changed_to(19), "2025-03-20T08:00", Memory())
    found = owed(changed_to(27), "2025-03-21T08:00", memory)
    assert short(found) == {("due_changed", "20250327T2359", "T1"), ("due_soon", "-7", "T1")}


def test_a_due_date_is_the_same_in_whatever_time_zone_it_was_remembered() -> None:
    memory = Memory(told={("T1", KEY): DUE.astimezone(UTC)})
    assert {notice.kind for notice in owed(changed_to(19), "2025-03-12T08:00", memory)} == {"due_soon"}


def test_who_was_never_told_a_due_date_is_not_told_that_it_changed() -> None:
    assert {notice.kind for notice in owed(changed_to(27), "2025-03-20T08:00")} == {"due_soon"}


def test_a_school_that_has_reported_is_not_told_of_another_due_date() -> None:
    period = replace(PERIOD, schools_due=due_moment(date(2025, 3, 27), ZONE))
    given = watched(sent("T1", A, "accepted", "2025-03-10T09:00"), period=period, schools=SCHOOLS[:1])
    memory = Memory(told={("T1", KEY): DUE})
    assert {notice.kind for notice in owed(facts(given), "2025-03-12T08:00", memory)} == {"accepted"}


def test_more_time_for_one_school_is_told_to_that_school_alone() -> None:
    _first, memory = round_of(facts(), "2025-03-12T08:00", Memory())
    more = due_moment(date(2025, 3, 27), ZONE)
    given = facts(watched(period=replace(PERIOD, extensions={"T2": more})))
    assert short(owed(given, "2025-03-12T09:00", memory)) == {("due_changed", "20250327T2359", "T2")}


# Reports on demand


def test_a_report_on_demand_is_announced_at_once_to_those_that_owe_it() -> None:
    given = facts(watched(sent("T1", A, "accepted", "2025-01-08T09:00", "2024-10-01T09:00"), on_demand=True))
    found = owed(given, "2025-01-08T10:00")
    assert short(found) == {("announced", "", "T2"), ("announced", "", "T3")}
    memory = remembered(Memory(), found, at("2025-01-08T10:00"))
    assert owed(given, "2025-01-09T10:00", memory) == []


def test_a_report_that_is_overdue_is_not_announced_any_more() -> None:
    given = facts(watched(on_demand=True))
    assert {notice.kind for notice in owed(given, "2025-03-19T16:00")} == {"announced", "due_soon"}
    assert {notice.kind for notice in owed(given, "2025-03-20T08:00")} == {"overdue"}


# The office's own duties


@pytest.mark.parametrize(
    ("moment", "kind", "stage"),
    [("2025-03-12T08:00", "office_due_soon", "-7"), (MONDAY, "office_overdue", "+3")],
)
def test_the_offices_own_duty_is_told_to_the_officer_and_the_chief(moment: str, kind: str, stage: str) -> None:
    found = [n for n in owed(facts(Watched(OFFICE_PERIOD), officer=OFFICER), moment) if n.kind != "digest"]
    assert [(n.kind, n.stage, n.school, n.due, n.to, n.cc) for n in found] == [(kind, stage, "", DUE, OFFICER, CHIEF)]


def test_an_office_that_has_reported_is_reminded_of_nothing() -> None:
    done = facts(Watched(replace(OFFICE_PERIOD, office_reported_on=date(2025, 3, 11))))
    assert owed(done, "2025-03-12T08:00") == []
    assert upcoming(done, at("2025-03-12T08:00")) == []


def test_the_reminder_days_of_a_period_are_the_schools_where_schools_report() -> None:
    of_both = replace(PERIOD, office_due=DUE, reminders=(date(2025, 3, 17),))
    found = {notice.kind: notice.stage for notice in owed(facts(watched(period=of_both)), "2025-03-17T08:00")}
    assert found == {"due_soon": "-2", "office_due_soon": "-3"}
    of_office = replace(OFFICE_PERIOD, reminders=(date(2025, 3, 17),))
    assert [notice.stage for notice in owed(facts(Watched(of_office)), "2025-03-17T08:00")] == ["-2"]


# The digest


def digests(given: Facts, moment: str, memory: Memory) -> list[str]:
    return [notice.stage for notice in owed(given, moment, memory) if notice.kind == "digest"]


QUIET = facts(watched(sent("T1", A, "accepted", "2025-03-10T09:00"), schools=SCHOOLS[:1]), officer=OFFICER)
YESTERDAY = Memory(last_digest=at("2025-03-11T08:00"))
"""Of Tuesday; what there was to tell is told."""


def test_without_news_there_is_one_digest_a_week_as_early_in_it_as_can_be() -> None:
    memory, told = YESTERDAY, []
    for day in (date(2025, 3, 12) + timedelta(days=number) for number in range(30)):
        # On the 17th and the 18th nothing runs, and Monday 7 April is a holiday.
        if day not in (date(2025, 3, 17), date(2025, 3, 18)) and digests(QUIET, f"{day}T08:00", memory):
            told.append(f"{day:%d/%m}")
            memory = replace(memory, last_digest=at(f"{day}T08:00"))
    assert told == ["19/03", "24/03", "31/03", "08/04"]


@pytest.mark.parametrize(
    "memory",
    [Memory(), replace(YESTERDAY, letters_since=1)],
    ids=["never told", "letters left"],
)
def test_what_happened_since_the_last_digest_is_told(memory: Memory) -> None:
    assert digests(QUIET, "2025-03-12T08:00", memory) == ["2025-03-12"]


def test_a_failing_job_is_told() -> None:
    assert digests(replace(QUIET, troubles=1), "2025-03-12T08:00", YESTERDAY) == ["2025-03-12"]


def test_a_report_that_came_is_told_and_one_that_was_told_is_not() -> None:
    taken = watched(sent("T1", A, "accepted", "2025-03-10T09:00", "2025-03-11T08:00:01"), schools=SCHOOLS[:1])
    assert digests(replace(QUIET, periods=(taken,)), "2025-03-12T08:00", YESTERDAY) == ["2025-03-12"]
    later = replace(YESTERDAY, last_digest=at("2025-03-12T08:00"))
    assert digests(replace(QUIET, periods=(taken,)), "2025-03-13T08:00", later) == []


def test_while_a_school_owes_something_that_is_asked_for_there_is_a_digest_every_day() -> None:
    given = facts(watched(), officer=OFFICER)
    assert digests(given, "2025-03-13T08:00", YESTERDAY) == ["2025-03-13"]
    assert digests(given, "2025-02-12T08:00", YESTERDAY) == []


def test_a_digest_comes_once_a_day_and_goes_to_the_officer_alone() -> None:
    found = [notice for notice in owed(QUIET, "2025-03-17T08:00", YESTERDAY) if notice.kind == "digest"]
    assert [(notice.to, notice.cc, notice.due, notice.period) for notice in found] == [(OFFICER, (), None, "")]
    told = replace(YESTERDAY, keys=frozenset({found[0].key}))
    assert digests(QUIET, "2025-03-17T15:00", told) == []


def test_an_office_without_an_officer_gets_no_digest() -> None:
    assert digests(replace(QUIET, officer=()), "2025-03-17T08:00", Memory()) == []


# All of them


def test_the_most_pressing_kinds_come_first() -> None:
    given = facts(
        watched(sent("T1", A, "accepted", "2025-03-10T09:00"), on_demand=True), Watched(OFFICE_PERIOD), officer=OFFICER
    )
    kinds = [notice.kind for notice in owed(given, "2025-03-12T08:00")]
    assert set(kinds) == {"office_due_soon", "digest", "announced", "due_soon", "accepted"}
    assert kinds == sorted(kinds, key=KINDS.index)


def test_keys_tell_all_notices_apart() -> None:
    memory, keys, count = Memory(), set(), 0
    for day in range(90):
        for due in (19, 27, 19):
            period = replace(PERIOD, schools_due=due_moment(date(2025, 3, due), ZONE))
            given = facts(watched(period=period, on_demand=True), Watched(OFFICE_PERIOD), officer=OFFICER)
            found, memory = round_of(given, f"{date(2025, 3, 1) + timedelta(days=day)}T08:00", memory)
            keys |= {notice.key for notice in found}
            count += len(found)
    assert len(keys) == count > 100


# What comes next


def test_the_next_stage_of_each_due_date_is_told_with_how_many_still_owe_it() -> None:
    more = due_moment(DUE_DAY + timedelta(days=7), ZONE)
    period = replace(PERIOD, extensions={"T2": more}, office_due=more)
    given = facts(watched(sent("T1", A, "accepted", "2025-03-10T09:00"), period=period))
    assert upcoming(given, at("2025-03-12T08:00")) == [
        Upcoming(at("2025-03-14T07:30"), "due_soon", KEY, 1),
        Upcoming(at("2025-03-19T07:30"), "due_soon", KEY, 1),
        Upcoming(at("2025-03-19T07:30"), "office_due_soon", KEY, 1),
    ]


def test_what_comes_next_is_what_is_owed_then() -> None:
    given = facts(watched(sent("T1", A, "to_mend", "2025-03-10T09:00", "2024-12-01T09:00")), Watched(OFFICE_PERIOD))
    now, memory = at("2025-03-01T00:00"), Memory()
    for _step in range(12):
        [first, *_more] = coming = upcoming(given, now)
        told = notices_due(given, memory, first.at)
        assert {(each.kind, each.period) for each in coming if each.at == first.at} == {
            (n.kind, n.period) for n in told
        }
        assert sum(each.notices for each in coming if each.at == first.at) == len(told)
        now, memory = first.at, remembered(memory, told, first.at)


def test_nothing_comes_after_the_last_stage() -> None:
    assert upcoming(facts(), at("2025-05-14T08:00")) == []


@pytest.mark.parametrize("given", [watched(), Watched(OFFICE_PERIOD)], ids=["schools", "office"])
def test_a_stage_that_moves_behind_the_end_does_not_come(given: Watched) -> None:
    # Three days late is a Saturday, and on Monday nothing is said any more.
    short_lived = replace(facts(given), rhythm=Rhythm((1,), (1, 3), 7, 3))
    assert owed(short_lived, MONDAY) == []
    assert upcoming(short_lived, at("2025-03-21T08:00")) == []
