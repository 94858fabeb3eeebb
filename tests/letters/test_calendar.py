from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import icalendar
import pytest

from sync.letters import samples
from sync.letters.calendar import calendar
from sync.letters.samples import SCHOOLS, item
from sync.periods import Period
from tests.letters.helpers import SAMPLES, arrived, composed

NOW = samples.NOW


def read(content: bytes | None) -> Any:
    assert content is not None
    made = icalendar.Calendar.from_ical(content)
    assert isinstance(made, icalendar.Calendar)
    assert made.errors == []
    return made


def events(content: bytes | None) -> list[Any]:
    return list(read(content).events)


def test_a_letter_before_the_due_moment_brings_an_event_that_ends_there() -> None:
    (event,) = events(calendar([item("due_soon", 3)], "example.org", NOW))
    due = datetime(2025, 1, 22, 23, 59, 59, tzinfo=samples.ZONE)
    assert (event.start, event.end) == (due - timedelta(minutes=30), due)
    assert event["DTEND"].params["TZID"] == "Asia/Ho_Chi_Minh"
    assert event["SUMMARY"] == "Hạn nộp báo cáo Học kỳ I năm học 2024-2025 – Trường Mầm non Hoa Sen"
    assert event["UID"] == "MN-01:2024-2025/HK1@example.org"


def test_the_calendar_explains_its_time_zone_and_asks_for_no_answer() -> None:
    made = read(calendar([item("due_soon", 3)], "example.org", NOW))
    assert made["METHOD"] == "PUBLISH"
    assert [zone.tz_name for zone in made.timezones] == ["Asia/Ho_Chi_Minh"]
    assert "ATTENDEE" not in made.events[0]
    assert "ORGANIZER" not in made.events[0]


@pytest.mark.parametrize("period", [samples.SEMESTER, samples.ON_DEMAND])
def test_the_alarm_rings_at_eight_on_the_day_before(period: Period) -> None:
    (event,) = events(calendar([item("announced", 3, period=period)], "example.org", NOW))
    (ring,) = event.alarms.times
    assert period.schools_due is not None
    day_before = (period.schools_due - timedelta(days=1)).replace(hour=8, minute=0, second=0)
    assert ring.trigger == day_before


def test_a_changed_due_date_replaces_the_event_of_before() -> None:
    before = item("due_soon", 7)
    changed = replace(item("due_changed", 9), notice=replace(before.notice, kind="due_changed", due=NOW + timedelta(9)))
    (old,) = events(calendar([before], "example.org", NOW))
    (new,) = events(calendar([changed], "example.org", NOW + timedelta(hours=1)))
    assert new["UID"] == old["UID"]
    assert new["SEQUENCE"] > old["SEQUENCE"]
    assert new["LAST-MODIFIED"].dt - old["LAST-MODIFIED"].dt == timedelta(hours=1)
    assert new.end == NOW + timedelta(9)


def test_each_school_and_period_has_one_event_of_its_own() -> None:
    both = [item("due_soon", 3, school) for school in SCHOOLS[:2]]
    other = item("announced", 3, period=samples.ON_DEMAND)
    again = item("due_changed", 3)
    found = events(calendar([*both, again, other], "example.org", NOW))
    assert [event["UID"] for event in found] == [
        "MN-01:2024-2025/HK1@example.org",
        "TH-02:2024-2025/HK1@example.org",
        "MN-01:2025/DX-01@example.org",
    ]


def test_the_offices_own_due_moment_is_an_event_too() -> None:
    (event,) = events(calendar([item("office_due_soon", 7, None)], "example.org", NOW))
    assert event["SUMMARY"] == "Hạn của đơn vị: báo cáo Học kỳ I năm học 2024-2025"
    assert event["UID"] == "don-vi:2024-2025/HK1@example.org"


def test_what_is_late_or_done_brings_no_calendar() -> None:
    past = [item("overdue", -3), item("accepted", 2), item("to_mend", 2), item("office_overdue", -1, None)]
    assert calendar(past, "example.org", NOW) is None


def test_a_moment_of_another_clock_is_told_in_utc() -> None:
    one = item("due_soon", 3)
    due = datetime(2025, 1, 23, 0, 0, tzinfo=timezone(timedelta(hours=7)))
    content = calendar([replace(one, notice=replace(one.notice, due=due))], "example.org", NOW)
    assert content is not None
    assert b"\r\nDTEND:20250122T170000Z\r\n" in content
    assert b"VTIMEZONE" not in content


def test_the_file_is_attached_as_a_published_calendar() -> None:
    files = list(arrived(composed(SAMPLES["due-soon"].letter)).iter_attachments())
    part = files[-1]
    assert (part.get_filename(), part.get_content_type(), part.get_param("method")) == (
        "han-nop.ics",
        "text/calendar",
        "PUBLISH",
    )
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert len(events(content)) == 1
