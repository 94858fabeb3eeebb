from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sync import plan
from sync.periods import Period, Periods, due_moment, proposed
from sync.plan import Plan
from sync.working_days import WorkingDays

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.fixture(scope="module")
def thu_thua() -> Plan:
    return plan.load("thu-thua-2020-2025")


def shown(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "-"


def test_the_reporting_calendar_of_the_plan_is_proposed(thu_thua: Plan) -> None:
    table = {
        period.key: f"{period.starts_on} {period.ends_on} {shown(period.schools_due)} {shown(period.office_due)}"
        for period in proposed(thu_thua, ZONE)
        if period.key in ("2024-2025/HK1", "2024-2025/CN", "2025/NAM", "SK-2023", "TK-2025")
    }
    assert table == {
        "SK-2023": "2020-06-22 2023-12-31 - 2023-12-31 23:59:59",
        "2024-2025/HK1": "2024-09-05 2025-01-17 2025-01-22 23:59:59 2025-01-31 23:59:59",
        "2024-2025/CN": "2024-09-05 2025-05-30 2025-06-04 23:59:59 2025-06-13 23:59:59",
        "2025/NAM": "2025-01-01 2025-12-31 - 2025-11-09 23:59:59",
        "TK-2025": "2020-06-22 2025-12-31 - 2025-12-31 23:59:59",
    }


def test_what_is_planned_back_from_the_offices_due_date_is_proposed_too(thu_thua: Plan) -> None:
    table = {
        period.key: " ".join(f"{day:%d/%m}" if day else "-" for day in (period.frozen_on, period.sign_on))
        + "".join(f" {day:%d/%m}" for day in period.reminders)
        for period in proposed(thu_thua, ZONE, before_days=(1, 3, 7, 14))
        if period.key in ("2024-2025/HK1", "2024-2025/CN", "2025/NAM")
    }
    assert table == {
        "2024-2025/HK1": "23/01 24/01 08/01 15/01 17/01 21/01",
        "2024-2025/CN": "09/06 11/06 21/05 28/05 30/05 03/06",
        "2025/NAM": "05/11 07/11 24/10 31/10 06/11 07/11",
    }


def test_the_schools_due_date_moves_before_tet_and_weekends_and_the_offices_never_moves(thu_thua: Plan) -> None:
    table = {
        period.key: f"{shown(period.schools_due)} {shown(period.office_due)}"
        for period in proposed(thu_thua, ZONE)
        if period.key in ("2021-2022/CN", "2022-2023/HK1")
    }
    assert table == {
        "2021-2022/CN": "2022-06-03 23:59:59 2022-06-13 23:59:59",
        "2022-2023/HK1": "2023-01-17 23:59:59 2023-01-28 23:59:59",
    }


def test_the_officers_days_off_and_reminder_days_shape_the_proposal(thu_thua: Plan) -> None:
    off = WorkingDays({date(2025, 1, 22): "x"}, opens_at=time(8), closes_at=time(17), zone=ZONE)
    first = proposed(thu_thua, ZONE, off, (2,)).by_key["2024-2025/HK1"]
    assert (first.schools_due, first.reminders) == (due_moment(date(2025, 1, 21), ZONE), (date(2025, 1, 17),))


def test_reminders_that_would_not_fit_the_due_date_are_left_to_the_settings(thu_thua: Plan) -> None:
    assert {period.reminders for period in proposed(thu_thua, ZONE, before_days=(14,))} == {()}


def test_a_date_that_the_plan_itself_sets_for_schools_is_not_moved() -> None:
    other = plan.load(Path(__file__).parent / "fakes" / "other-plan.toml")
    for each in proposed(other, ZONE):
        assert each.schools_due is not None
        days = (each.schools_due.date() - each.ends_on).days
        assert days == (30 if each.key == "KIEM-KE-2027" else 9)


def test_a_school_that_was_given_more_time_has_its_own_due_moment() -> None:
    later = due_moment(date(2024, 7, 5), ZONE)
    extended = replace(period("p", date(2024, 6, 30)), extensions={"TH02": later, "TH01": later})
    assert (extended.due_for("TH01"), extended.due_for("TH03")) == (later, extended.schools_due)
    assert replace(extended, schools_due=None).due_for("TH01") is None


def test_periods_with_the_same_extensions_are_the_same_in_every_way() -> None:
    later = due_moment(date(2024, 7, 5), ZONE)
    plain = period("p", date(2024, 6, 30))
    one, other = (replace(plain, extensions=dict.fromkeys(codes, later)) for codes in ("AB", "BA"))
    assert (one, hash(one), repr(one)) == (other, hash(other), repr(other))
    assert one != plain


def test_every_school_year_and_calendar_year_of_the_plan_has_its_periods(thu_thua: Plan) -> None:
    keys = [period.key for period in proposed(thu_thua, ZONE)]
    assert len(keys) == len(set(keys)) == 5 * 2 + 6 + 2
    assert not [key for key in keys if "DX" in key]


def test_a_due_date_that_the_plan_sets_as_before_a_day_is_the_end_of_the_day_before(thu_thua: Plan) -> None:
    due = proposed(thu_thua, ZONE).by_key["2024/NAM"].office_due
    assert due == datetime(2024, 11, 9, 23, 59, 59, tzinfo=ZONE)
    assert due is not None
    assert due + timedelta(seconds=1) == datetime(2024, 11, 10, tzinfo=ZONE)


@pytest.mark.parametrize("year", [2023, 2024])
def test_before_the_29th_of_february_is_the_28th_in_every_year(year: int) -> None:
    text = f"""
        schema = 1
        code = "p"
        version = "1"
        starts_on = {year}-01-01
        ends_on = {year}-12-31
        title = "t"
        subject = "s"
        document = {{ date = {year}-01-01 }}
        levels = [{{ code = "A", name = "a" }}]
        calendar = [{{ code = "NAM", title = "N", every = "calendar_year", schools = {{ due_before = "02-29" }} }}]
        [tables.activities]
        sheet = "s"
        summary_sheet = "t"
        title = "t"
        row_name = "r"
        fixed = [{{ id = "number", heading = "n" }}]
        columns = [{{ id = "c", heading = "c", kind = "text" }}]
        rows = [{{ number = "1" }}]
    """
    (period,) = proposed(plan.loads(text), ZONE)
    assert period.schools_due == due_moment(date(year, 2, 28), ZONE)


def period(key: str, ends_on: date, schools: bool = True) -> Period:
    due = due_moment(ends_on, ZONE) if schools else None
    return Period(key, key, date(2024, 1, 1), ends_on, due, due_moment(ends_on, ZONE))


class TestTheCurrentPeriod:
    PERIODS = Periods(
        (
            period("second", date(2024, 6, 30)),
            period("first", date(2024, 3, 31)),
            period("office", date(2024, 4, 30), schools=False),
        )
    )

    @pytest.mark.parametrize(
        ("now", "key"),
        [
            (datetime(2024, 1, 5, tzinfo=ZONE), "first"),
            (datetime(2024, 3, 31, tzinfo=ZONE), "first"),
            (datetime(2024, 5, 5, tzinfo=ZONE), "first"),
            (datetime(2024, 6, 29, 23, 59, tzinfo=ZONE), "first"),
            (datetime(2024, 6, 30, tzinfo=ZONE), "second"),
            (datetime(2026, 1, 1, tzinfo=ZONE), "second"),
        ],
    )
    def test_it_is_the_last_of_the_schools_that_has_ended_else_the_first(self, now: datetime, key: str) -> None:
        current = self.PERIODS.current(now)
        assert current is not None
        assert current.key == key

    def test_the_day_is_the_offices_wherever_now_was_told(self) -> None:
        midnight = datetime(2024, 6, 30, tzinfo=ZONE)
        assert self.PERIODS.current(midnight.astimezone(UTC)) == self.PERIODS.current(midnight)

    def test_there_is_none_where_schools_never_report(self) -> None:
        assert (
            Periods((period("office", date(2024, 4, 30), schools=False),)).current(datetime(2024, 1, 1, tzinfo=UTC))
            is None
        )


def test_periods_are_in_order_of_their_last_day_and_known_by_key() -> None:
    periods = Periods((period("b", date(2024, 6, 30)), period("c", date(2024, 3, 31)), period("a", date(2024, 6, 30))))
    assert [each.key for each in periods] == ["c", "a", "b"]
    assert periods.by_key["a"].ends_on == date(2024, 6, 30)
    assert len(periods) == 3
