from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.working_days import WorkingDays

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = timedelta(days=1)


def office(extra: dict[date, str] | None = None) -> WorkingDays:
    return WorkingDays(extra, opens_at=time(7, 30), closes_at=time(16, 30), zone=ZONE)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    "tet", ["1995-01-31", "2007-02-17", "2013-02-10", "2020-01-25", "2025-01-29", "2026-02-17", "2030-02-02"]
)
def test_tet_is_off_as_vietnams_calendar_has_it(tet: str) -> None:
    # In 2007 and 2030 China's new year is a day later.
    first = date.fromisoformat(tet)
    assert office().name(first) == "Tết Nguyên Đán"
    assert not any(office().is_working(first + count * DAY) for count in (-1, 0, 1, 2))


@pytest.mark.parametrize("day", ["2024-09-02", "2024-09-03", "2024-04-18", "2025-05-02", "2024-11-09", "2024-11-10"])
def test_public_holidays_days_in_lieu_and_weekends_are_off(day: str) -> None:
    assert not office().is_working(date.fromisoformat(day))


def test_an_ordinary_weekday_is_a_working_day_without_a_name() -> None:
    assert office().is_working(date(2025, 1, 22))
    assert office().name(date(2025, 1, 22)) is None
    assert office().name(date(2025, 1, 25)) is None, "a Saturday is no holiday"


@pytest.mark.usefixtures("english")
def test_the_officers_days_off_are_off_and_have_their_names() -> None:
    days = office({date(2025, 1, 22): "Nghỉ bão", date(2025, 1, 23): ""})
    assert [days.is_working(date(2025, 1, number)) for number in (21, 22, 23, 24)] == [True, False, False, True]
    assert [days.name(date(2025, 1, number)) for number in (22, 23)] == ["Nghỉ bão", "day off"]


def test_the_nearest_working_days_lie_around_tet() -> None:
    days = office()
    assert (days.on_or_before(date(2025, 1, 31)), days.on_or_after(date(2025, 1, 25))) == (
        date(2025, 1, 24),
        date(2025, 2, 3),
    )
    assert (days.before(date(2025, 2, 3)), days.after(date(2025, 1, 24))) == (date(2025, 1, 24), date(2025, 2, 3))
    assert days.on_or_before(date(2025, 1, 24)) == days.on_or_after(date(2025, 1, 24)) == date(2025, 1, 24)


@pytest.mark.parametrize(
    ("moment", "opened"),
    [
        ("2025-01-22T07:29:59", "2025-01-22T07:30"),
        ("2025-01-22T07:30", "2025-01-22T07:30"),
        ("2025-01-22T16:29:59", "2025-01-22T16:29:59"),
        ("2025-01-22T16:30", "2025-01-23T07:30"),
        ("2025-01-24T16:30", "2025-02-03T07:30"),
        ("2025-01-25T09:00", "2025-02-03T07:30"),
        ("2025-02-02T05:00", "2025-02-03T07:30"),
    ],
)
def test_the_office_opens_next_in_its_hours_of_a_working_day(moment: str, opened: str) -> None:
    days = office()
    assert days.next_open(at(moment)) == at(opened)
    assert days.is_open(at(moment)) == (moment == opened)


def test_the_hours_are_the_offices_wherever_the_moment_was_told() -> None:
    moment = datetime(2025, 1, 22, 0, 30, tzinfo=UTC)
    assert office().is_open(moment)
    assert not office().is_open(moment - timedelta(seconds=1))
    assert office().next_open(moment - timedelta(hours=3)).isoformat() == "2025-01-22T07:30:00+07:00"


def test_a_moment_without_a_time_zone_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        office().is_open(at("2025-01-22T08:00").replace(tzinfo=None))


@pytest.mark.parametrize("year", [1850, 1900, 1989, 2101, 2500])
def test_years_that_no_calendar_knows_have_weekends_and_the_officers_days_off(year: int) -> None:
    days = office({date(year, 3, 1): "x"})
    assert not days.is_working(date(year, 3, 1))
    assert days.on_or_after(date(year, 3, 1)) - date(year, 3, 1) <= timedelta(days=5)


DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))


@st.composite
def days_and_calendars(draw: st.DrawFn) -> tuple[date, WorkingDays]:
    """A day, and an office with extra days off around it."""
    day = draw(DAYS)
    off = draw(st.sets(st.integers(-20, 20), max_size=15))
    return day, office({day + count * DAY: "x" for count in off})


@settings(max_examples=300)
@given(days_and_calendars())
def test_nothing_but_days_off_lies_between_a_day_and_the_nearest_working_ones(case: tuple[date, WorkingDays]) -> None:
    day, days = case
    early, late = days.on_or_before(day), days.on_or_after(day)
    assert early <= day <= late
    assert days.is_working(early)
    assert days.is_working(late)
    between = [early + count * DAY for count in range(1, (late - early).days)]
    assert not any(days.is_working(each) for each in between)
    assert days.before(day) < day < days.after(day)
    assert (early == day) == (late == day) == days.is_working(day)


@settings(max_examples=300)
@given(days_and_calendars())
def test_a_working_day_is_no_weekend_no_holiday_and_no_extra_day_off(case: tuple[date, WorkingDays]) -> None:
    day, days = case
    assert days.is_working(day) == (day.weekday() < 5 and days.name(day) is None)


@settings(max_examples=300)
@given(days_and_calendars(), st.times())
def test_the_next_open_moment_is_the_first_one(case: tuple[date, WorkingDays], hour: time) -> None:
    day, days = case
    moment = datetime.combine(day, hour, ZONE)
    opened = days.next_open(moment)
    assert opened >= moment
    assert days.is_open(opened)
    assert days.is_open(moment) == (opened == moment)
    if opened > moment:
        assert opened == days.opening(opened.date())
        earlier = [moment.date() + count * DAY for count in range((opened.date() - moment.date()).days)]
        assert not [each for each in earlier if days.is_working(each) and moment < days.opening(each)]
