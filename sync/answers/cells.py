"""One cell of an officer's column → the text that is remembered; equal meanings give equal texts."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, time

from sync.control.cells import day_and_hour
from sync.decisions import Field
from sync.intake.values import Raw, shown
from sync.periods import END_OF_DAY


def plain(field: Field, raw: Raw) -> str:
    """What the cell says: a moment as ISO text (2025-02-10, 2025-02-10T17:00), all else as it was typed; "" if blank.

    A text that is no date stays as it is, so that nothing that somebody typed is lost.
    """
    if field == "extended_to" and raw != "":
        day, hour = day_and_hour(raw)
        if day is not None and date(1900, 3, 1) <= day:
            return _iso(day, hour)
    return _text(raw) if isinstance(raw, str) else shown(raw)


def _iso(day: date, hour: time | None) -> str:
    if hour is None or hour == END_OF_DAY:
        return day.isoformat()
    return datetime.combine(day, hour).isoformat(timespec="seconds" if hour.second else "minutes")


def _text(raw: str) -> str:
    lines = unicodedata.normalize("NFC", raw).replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
    return "\n".join(line.rstrip() for line in lines.split("\n")).strip()
