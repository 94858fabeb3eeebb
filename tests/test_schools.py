from __future__ import annotations

from datetime import date

import pytest

from sync.periods import Period
from sync.schools import School, Schools

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
