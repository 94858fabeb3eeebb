"""What a typed cell means, and which of several decisions on one cell holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.decisions import FIELDS, Decision, Decisions, Field
from sync.decisions.model import due_in
from sync.periods import Period, due_moment
from tests.fakes.offices import ZONE

KEY = "2024-2025/HK1"
DUE = due_moment(date(2025, 1, 22), ZONE)
PERIOD = Period(KEY, "Học kỳ I", date(2024, 9, 5), date(2025, 1, 17), DUE)
MOMENT = datetime(2025, 1, 24, 8, tzinfo=UTC)


def decision(
    value: str, field: Field = "extended_to", hours: int = 0, number: int = 1, school: str = "TH01"
) -> Decision:
    moment = MOMENT + timedelta(hours=hours)
    return Decision(KEY, school, field, value, moment, moment, "tong-hop.xlsx", id=number)


@pytest.mark.parametrize(
    ("typed", "day", "clock"),
    [
        ("10/2/2025", 10, "23:59:59"),
        ("10-02-2025", 10, "23:59:59"),
        ("10.2.2025", 10, "23:59:59"),
        (" 10/02/2025 ", 10, "23:59:59"),
        ("10/02/2025 17:00", 10, "17:00:00"),
        ("10/02/2025 17h", 10, "17:00:00"),
        ("10/02/2025  7h30", 10, "07:30:00"),
        ("2025-02-10", 10, "23:59:59"),
        ("2025-02-10T17:00", 10, "17:00:00"),
        ("11/2/2025", 11, "23:59:59"),
    ],
)
def test_a_day_is_meant_to_its_end_and_an_hour_to_the_minute(typed: str, day: int, clock: str) -> None:
    due = due_in(typed, PERIOD)
    assert due is not None
    assert (due.isoformat(), due.tzinfo) == (f"2025-02-{day}T{clock}+07:00", ZONE)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "thêm 1 tuần",
        "31/02/2025",
        "10/13/2025",
        "10/02/25",
        "10/02",
        "10/02/2025 25:00",
        "45698",
        "4/9/2024",
        "18/1/2025",
    ],
)
def test_what_is_no_day_of_the_period_or_after_it_means_no_due_moment(typed: str) -> None:
    assert due_in(typed, PERIOD) is None


def test_nothing_is_due_in_a_period_in_which_schools_do_not_report() -> None:
    assert due_in("10/02/2025", replace(PERIOD, schools_due=None)) is None


@given(st.datetimes(datetime(2025, 1, 23), datetime(2030, 1, 1)))  # noqa: DTZ001 - typed without a zone
def test_every_moment_that_excel_knows_is_read_back(moment: datetime) -> None:
    whole = moment.replace(second=0, microsecond=0)
    for typed in (whole.isoformat(timespec="minutes"), f"{whole:%d/%m/%Y %H:%M}"):
        assert due_in(typed, PERIOD) == whole.replace(tzinfo=ZONE)
    for typed in (whole.date().isoformat(), f"{whole:%d/%m/%Y}", f"{whole.day}.{whole.month}.{whole.year}"):
        assert due_in(typed, PERIOD) == due_moment(whole.date(), ZONE)


@given(st.text(max_size=30))
def test_whatever_is_typed_means_a_moment_or_none(typed: str) -> None:
    due = due_in(typed, PERIOD)
    assert due is None or (due >= DUE and due.tzinfo is ZONE)


@given(st.permutations([("10/02/2025", 1, 1), ("12/02/2025", 2, 2), ("14/02/2025", 2, 3), ("16/02/2025", 0, 4)]))
def test_the_newest_holds_in_whatever_order_they_were_read(order: list[tuple[str, int, int]]) -> None:
    decisions = Decisions(tuple(decision(value, hours=hours, number=number) for value, hours, number in order))
    assert [each.id for each in decisions.history(KEY, "TH01", "extended_to")] == [4, 1, 2, 3]
    assert decisions.extensions(PERIOD) == {"TH01": due_moment(date(2025, 2, 14), ZONE)}


def test_while_the_last_word_is_not_understood_the_one_before_it_holds() -> None:
    decisions = Decisions((decision("10/02/2025"), decision("thêm vài hôm", hours=1, number=2)))
    assert decisions.extensions(PERIOD) == {"TH01": due_moment(date(2025, 2, 10), ZONE)}
    assert decisions.typed(KEY)["TH01", "extended_to"].value == "thêm vài hôm"


def test_a_cleared_cell_takes_back_what_stood_there() -> None:
    for field in FIELDS:
        decisions = Decisions((decision("10/02/2025", field), decision("", field, hours=1, number=2)))
        assert (decisions.typed(KEY), decisions.extensions(PERIOD)) == ({}, {})
        assert (decisions.excused(KEY), decisions.returned(KEY)) == ({}, {})


def test_what_was_cleared_does_not_come_back_with_a_word_that_is_not_understood() -> None:
    words = ("10/02/2025", "", "thêm vài hôm")
    decisions = Decisions(tuple(decision(word, hours=at, number=at + 1) for at, word in enumerate(words)))
    assert decisions.extensions(PERIOD) == {}


def test_each_column_speaks_of_its_own_school_period_and_matter() -> None:
    decisions = Decisions(
        (
            decision("Sáp nhập.", "excused"),
            decision("Sai số liệu.", "returned", school="MN01", number=2),
            decision("Đã gọi điện.", "note", number=3),
        )
    )
    assert decisions.excused(KEY) == {"TH01": "Sáp nhập."}
    assert {school: each.reason for school, each in decisions.returned(KEY).items()} == {"MN01": "Sai số liệu."}
    assert (decisions.excused("2024-2025/CN"), decisions.returned("2024-2025/CN")) == ({}, {})
    assert decisions.extensions(PERIOD) == {}


def test_a_clock_that_goes_wrong_gives_nothing_back_in_the_future() -> None:
    early = replace(decision("Sai số liệu.", "returned"), decided_at=MOMENT + timedelta(days=400))
    assert Decisions((early,)).returned(KEY)["TH01"].decided_at == MOMENT
