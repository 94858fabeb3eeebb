from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sync.periods import Period, due_moment
from sync.planning import Milestones, milestones, misfit, reminders, reminders_fit
from sync.working_days import WorkingDays

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = timedelta(days=1)


def office(extra: dict[date, str] | None = None) -> WorkingDays:
    return WorkingDays(extra, opens_at=time(7, 30), closes_at=time(16, 30), zone=ZONE)


def day_of(text: str) -> date:
    day, month, year = map(int, text.split("/"))
    return date(year, month, day)


@pytest.mark.parametrize(
    ("office_due", "ends_on", "schools", "frozen", "sign"),
    [
        # An ordinary week: 9, 4 and 2 days before.
        ("13/06/2025", "30/05/2025", "04/06/2025", "09/06/2025", "11/06/2025"),
        # Everything falls into Tết, or on the Thursday before it.
        ("31/01/2025", "17/01/2025", "22/01/2025", "23/01/2025", "24/01/2025"),
        # All lie on weekends and would fall on one Friday.
        ("20/01/2025", "02/01/2025", "10/01/2025", "16/01/2025", "17/01/2025"),
        # Schools cannot report before the period's last day.
        ("31/01/2025", "23/01/2025", "23/01/2025", "24/01/2025", "24/01/2025"),
        ("20/06/2025", "14/06/2025", "16/06/2025", "17/06/2025", "18/06/2025"),
        # No room at all.
        ("15/06/2025", "15/06/2025", "15/06/2025", "15/06/2025", "15/06/2025"),
        # The office reports before the period's last day.
        ("09/11/2025", "31/12/2025", "31/10/2025", "05/11/2025", "07/11/2025"),
    ],
)
def test_the_days_before_the_offices_due_date_are_working_days_in_order(
    office_due: str, ends_on: str, schools: str, frozen: str, sign: str
) -> None:
    planned = milestones(day_of(office_due), day_of(ends_on), office(), days_before_office=9)
    assert planned == Milestones(day_of(schools), day_of(frozen), day_of(sign))


def test_the_officers_days_off_move_them_too() -> None:
    storm = {date(2025, 6, 4): "Nghỉ bão", date(2025, 6, 11): "Nghỉ bão"}
    planned = milestones(date(2025, 6, 13), date(2025, 5, 30), office(storm), days_before_office=9)
    assert planned == Milestones(date(2025, 6, 3), date(2025, 6, 9), date(2025, 6, 10))


def test_where_no_school_reports_there_is_no_date_for_schools() -> None:
    planned = milestones(date(2025, 11, 9), date(2025, 12, 31), office())
    assert planned == Milestones(None, date(2025, 11, 5), date(2025, 11, 7))


def test_a_date_for_schools_that_the_plan_sets_is_not_moved_and_the_others_come_after_it() -> None:
    saturday = date(2025, 6, 7)
    planned = milestones(date(2025, 6, 11), date(2025, 5, 30), office(), schools_due=saturday)
    assert planned == Milestones(saturday, date(2025, 6, 9), date(2025, 6, 10))


@st.composite
def cases(draw: st.DrawFn) -> tuple[date, date, WorkingDays, int]:
    """The office's due date, a period's last day, an office with extra days off around, the schools' days before."""
    due = draw(st.dates(date(1990, 3, 1), date(2100, 12, 31)))
    off = draw(st.sets(st.integers(-30, 5), max_size=20))
    return (
        due,
        due - draw(st.integers(0, 30)) * DAY,
        office({due + n * DAY: "x" for n in off}),
        draw(st.integers(1, 20)),
    )


def working(calendar: WorkingDays, first: date, last: date) -> list[date]:
    each = [first + count * DAY for count in range((last - first).days + 1)]
    return [day for day in each if calendar.is_working(day)]


@settings(max_examples=400)
@given(cases())
def test_every_day_is_in_order_and_on_a_working_day_where_there_is_room(
    case: tuple[date, date, WorkingDays, int],
) -> None:
    due, ends_on, calendar, lead = case
    planned = milestones(due, ends_on, calendar, days_before_office=lead)
    schools, frozen, sign = planned.schools_due, planned.frozen_on, planned.sign_on
    assert schools is not None
    assert ends_on <= schools <= frozen <= sign <= due
    room = working(calendar, schools, due)
    assert {schools, frozen, sign} <= {*room, schools, due}
    if len(room) >= 3:
        assert schools < frozen < sign
    if working(calendar, ends_on, due):
        assert {schools, frozen, sign} <= set(room)


@settings(max_examples=400)
@given(cases())
def test_no_day_is_moved_further_than_it_must_be(case: tuple[date, date, WorkingDays, int]) -> None:
    due, ends_on, calendar, lead = case
    planned = milestones(due, ends_on, calendar, days_before_office=lead)
    schools, frozen, sign = planned.schools_due, planned.frozen_on, planned.sign_on
    assert schools is not None
    assume(schools > ends_on and schools < frozen < sign and working(calendar, ends_on, schools - DAY) != [])
    latest = [
        (schools, min(due - lead * DAY, frozen - DAY)),
        (frozen, min(due - 4 * DAY, sign - DAY)),
        (sign, due - 2 * DAY),
    ]
    for day, limit in latest:
        assert day <= limit
        assert working(calendar, day + DAY, limit) == []


def test_reminders_are_working_days_before_the_due_date_each_once() -> None:
    found = reminders(date(2025, 1, 22), date(2024, 9, 5), (1, 3, 7, 14), office())
    assert found == (date(2025, 1, 8), date(2025, 1, 15), date(2025, 1, 17), date(2025, 1, 21))
    after_tet = reminders(date(2025, 2, 3), date(2024, 9, 5), (1, 3, 7, 14), office())
    assert after_tet == (date(2025, 1, 20), date(2025, 1, 24))


def test_nobody_is_reminded_before_the_period_begins() -> None:
    assert reminders(date(2025, 1, 22), date(2025, 1, 16), (1, 3, 7, 14), office()) == (
        date(2025, 1, 17),
        date(2025, 1, 21),
    )


@settings(max_examples=200)
@given(cases(), st.sets(st.integers(1, 60), max_size=6))
def test_every_reminder_is_a_working_day_of_the_period_before_the_due_date(
    case: tuple[date, date, WorkingDays, int], before: set[int]
) -> None:
    due, starts_on, calendar, _ = case
    found = reminders(due, starts_on, before, calendar)
    assert list(found) == sorted(set(found))
    assert all(starts_on <= day < due and calendar.is_working(day) for day in found)
    expected = {calendar.on_or_before(due - count * DAY) for count in before}
    assert set(found) == {day for day in expected if day >= starts_on}


def period(*reminded: date, due: date = date(2025, 1, 22)) -> Period:
    return Period(
        "2024-2025/HK1", "Học kỳ I", date(2024, 9, 5), date(2025, 1, 17), due_moment(due, ZONE), reminders=reminded
    )


@pytest.mark.parametrize(
    ("reminded", "fit"),
    [
        ((), True),
        ((date(2025, 1, 8), date(2025, 1, 21)), True),
        ((date(2025, 1, 22),), True),
        ((date(2025, 1, 15),), True),
        ((date(2024, 11, 23), date(2025, 1, 21)), True),
        ((date(2025, 1, 8), date(2025, 1, 23)), False),
        ((date(2025, 1, 14),), False),
        ((date(2024, 11, 22), date(2025, 1, 21)), False),
    ],
)
def test_reminder_dates_fit_a_due_date_that_they_lie_shortly_before(reminded: tuple[date, ...], fit: bool) -> None:
    assert reminders_fit(period(*reminded)) is fit


@pytest.mark.usefixtures("english")
def test_what_does_not_fit_is_told_in_one_sentence() -> None:
    usual = "the usual reminder days are used."
    assert [
        misfit(period(*reminded))
        for reminded in (
            (date(2025, 1, 23),),
            (date(2025, 1, 14),),
            (date(2024, 11, 1), date(2025, 1, 20)),
            (date(2025, 1, 20),),
        )
    ] == [
        f"Học kỳ I: the reminder date 23/01/2025 lies after the due date 22/01/2025; {usual}",
        f"Học kỳ I: the last reminder date 14/01/2025 lies more than 7 days before the due date 22/01/2025; {usual}",
        f"Học kỳ I: the reminder date 01/11/2024 lies more than 60 days before the due date 22/01/2025; {usual}",
        None,
    ]


def test_the_last_reminder_before_a_due_date_after_tet_fits_where_days_off_are_known() -> None:
    after_tet = period(date(2025, 1, 20), date(2025, 1, 24), due=date(2025, 2, 3))
    assert not reminders_fit(after_tet)
    assert reminders_fit(after_tet, office())
    assert not reminders_fit(period(date(2025, 1, 23), due=date(2025, 2, 3)), office())


def test_in_a_period_without_schools_the_offices_due_date_counts() -> None:
    year = Period(
        "2025/NAM",
        "Năm",
        date(2025, 1, 1),
        date(2025, 12, 31),
        office_due=due_moment(date(2025, 11, 9), ZONE),
        reminders=(date(2025, 11, 7),),
    )
    assert reminders_fit(year)
    assert not reminders_fit(replace(year, reminders=(date(2025, 11, 10),)))
