"""Due moments as a calendar file (iCalendar, RFC 5545), for the calendars of those who are written to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sync.letters import words
from sync.letters.content import Item
from sync.letters.views import CALENDAR_KINDS

if TYPE_CHECKING:
    from icalendar import Event, Timezone

FILE = "han-nop.ics"
_LENGTH = timedelta(minutes=30)
_ALARM_HOUR = 8


def calendar(items: Sequence[Item], domain: str, now: datetime) -> bytes | None:
    """A calendar file with one event for each school and period that `items` remind of; None where they do not.

    An event ends at the due moment and begins half an hour before, because an event must have some length; its alarm
    rings at eight on the day before. Its UID stands for school and period (in `domain`, the sender's), and its SEQUENCE
    grows with `now`: whoever opens a later file has the later due date in the same event.
    """
    dated = {(item.notice.school, item.notice.period): item for item in items if _is_dated(item)}
    if not dated:
        return None
    from icalendar import Calendar

    events = [_event(item, domain, now) for item in dated.values()]
    made = Calendar()
    made.add("version", "2.0")
    made.add("prodid", "-//baocao//han nop//VI")
    made.add("method", "PUBLISH")
    zones = {_zone(item.notice.due).key for item in dated.values() if item.notice.due}
    for part in (*(_timezone(key) for key in sorted(zones) if key != "UTC"), *events):
        made.add_component(part)
    content: bytes = made.to_ical()
    return content


def _is_dated(item: Item) -> bool:
    return item.notice.kind in CALENDAR_KINDS and item.notice.due is not None


def _event(item: Item, domain: str, now: datetime) -> Event:
    from icalendar import Alarm, Event

    notice, moment = item.notice, item.notice.due
    if moment is None:
        raise ValueError(notice.key)
    ends = moment.astimezone(_zone(moment)).replace(microsecond=0)
    event = Event()
    event.add("uid", f"{notice.school or 'don-vi'}:{notice.period}@{domain}")
    event.add("summary", _summary(item))
    event.add("dtstart", ends - _LENGTH)
    event.add("dtend", ends)
    event.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    event.add("last-modified", now.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", int(now.timestamp()) // 60)
    event.add("description", f"Hạn nộp: {words.due(ends)}.")
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _summary(item))
    day_before = (ends - timedelta(days=1)).replace(hour=_ALARM_HOUR, minute=0, second=0)
    alarm.add("trigger", day_before - (ends - _LENGTH))
    event.add_component(alarm)
    return event


def _summary(item: Item) -> str:
    report = words.report(item.period.title if item.period else item.notice.period)
    if item.school is None:
        return f"Hạn của đơn vị: {report}"
    return f"Hạn nộp {report} – {words.line(item.school.name)}"


def _zone(moment: datetime | None) -> ZoneInfo:
    zone = moment.tzinfo if moment else None
    return zone if isinstance(zone, ZoneInfo) and zone.key else ZoneInfo("UTC")


@lru_cache(maxsize=4)
def _timezone(key: str) -> Timezone:
    from icalendar import Timezone

    return Timezone.from_tzid(key)
