from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sync import plan
from sync.periods import Period, Periods, due_moment, proposed
from sync.plan import Plan

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
