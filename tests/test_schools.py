from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.periods import Period
from sync.schools import Earlier, School, Schools

PERIOD = Period("2024-2025/HK1", "Học kỳ I", date(2024, 9, 5), date(2025, 1, 17))


@pytest.mark.parametrize(
    ("opened_on", "closed_on", "reports"),
    [
        (None, None, True),
        (date(2025, 1, 17), None, True),
        (date(2025, 1, 18), None, False),
        (None, date(2025, 1, 17), True),
        (None, date(2025, 1, 16), False),
        (date(2020, 1, 1), date(2030, 1, 1), True),
    ],
)
def test_a_school_reports_when_it_is_open_on_the_last_day_of_the_period(
    opened_on: date | None, closed_on: date | None, reports: bool
) -> None:
    school = School("TH01", "Tiểu học 1", "TH", opened_on=opened_on, closed_on=closed_on)
    assert school.exists_in(PERIOD) is reports


def test_schools_keep_the_order_of_the_control_workbook() -> None:
    closed = School("B", "b", "TH", closed_on=date(2024, 1, 1))
    schools = Schools((School("C", "c", "TH"), closed, School("A", "a", "TH")))
    assert [school.code for school in schools] == ["C", "B", "A"]
    assert [school.code for school in schools.reporting_in(PERIOD)] == ["C", "A"]
    assert schools.by_code["B"] is closed
    assert len(schools) == 3


MOVED = School(
    "TH01",
    "Ba",
    "TH&THCS",
    "Xã Mới",
    emails=("a@x.vn",),
    earlier=(Earlier(date(2023, 8, 31), name="Một", level="TH"), Earlier(date(2025, 6, 30), name="Hai", unit="Xã Cũ")),
)


@pytest.mark.parametrize(
    ("day", "stood"),
    [
        (date(2023, 8, 31), ("Một", "TH", "Xã Cũ")),
        (date(2023, 9, 1), ("Hai", "TH&THCS", "Xã Cũ")),
        (date(2025, 6, 30), ("Hai", "TH&THCS", "Xã Cũ")),
        (date(2025, 7, 1), ("Ba", "TH&THCS", "Xã Mới")),
    ],
)
def test_a_school_that_changed_is_known_as_it_stood_on_a_day(day: date, stood: tuple[str, str, str]) -> None:
    then = MOVED.at(day)
    assert (then.name, then.level, then.unit) == stood
    assert (then.code, then.emails) == ("TH01", ("a@x.vn",))


DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(st.dictionaries(DAYS, st.tuples(*[st.sampled_from(["", "x", "y"])] * 3), max_size=4), DAYS, DAYS)
def test_looking_back_twice_is_looking_back_once(
    changes: dict[date, tuple[str, str, str]], one: date, other: date
) -> None:
    school = School("A", "a", "TH", "u", earlier=tuple(Earlier(day, *changes[day]) for day in sorted(changes)))
    earlier, later = sorted((one, other))
    assert school.at(later).at(earlier) == school.at(earlier)
    assert school.at(earlier).at(later) == school.at(earlier), "what it was does not become what it is"
    for part, now in (("name", "a"), ("level", "TH"), ("unit", "u")):
        said = [getattr(each, part) for each in school.earlier if each.until >= one and getattr(each, part)]
        assert getattr(school.at(one), part) == (said[0] if said else now)


def test_a_period_has_the_schools_as_they_stood_on_its_last_day() -> None:
    closed = School("B", "b", "TH", closed_on=date(2024, 1, 1), earlier=(Earlier(date(2025, 6, 30), unit="Cũ"),))
    schools = Schools((MOVED, closed))
    assert [(school.code, school.name, school.unit) for school in schools.reporting_in(PERIOD)] == [
        ("TH01", "Hai", "Xã Cũ")
    ]
    assert [school.unit for school in schools.at(PERIOD.ends_on)] == ["Xã Cũ", "Cũ"]
    assert [school.unit for school in schools.at(date(2026, 1, 1))] == ["Xã Mới", ""]


@pytest.mark.parametrize(
    ("closed_on", "absorbing"),
    [
        (date(2025, 1, 16), set()),
        (date(2025, 1, 17), {"A"}),
        (date(2025, 5, 29), {"A"}),
        (date(2025, 5, 30), set()),
        (None, set()),
    ],
)
def test_a_school_absorbs_between_two_periods_what_reported_in_the_first_only(
    closed_on: date | None, absorbing: set[str]
) -> None:
    year = Period("2024-2025/CN", "Năm", date(2024, 9, 5), date(2025, 5, 30))
    gone = School("B", "b", "TH", closed_on=closed_on, merged_into="A")
    other = School("C", "c", "TH", closed_on=date(2025, 3, 1))
    assert Schools((School("A", "a", "TH"), gone, other)).absorbing_between(PERIOD, year) == absorbing
