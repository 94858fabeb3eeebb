"""How letters say days, moments and reports, in Vietnamese. Pure functions; moments are aware, office time."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime

from sync.notices import Kind, State
from sync.text import collapse, fold

SUBJECT_LENGTH = 120
"""Characters of a subject; the rest is cut off."""
_LINE_LENGTH = 1000
_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")

KINDS: Mapping[Kind, str] = {
    "due_soon": "nhắc trước hạn",
    "overdue": "nhắc quá hạn",
    "due_changed": "báo đổi hạn nộp",
    "announced": "yêu cầu báo cáo đột xuất",
    "accepted": "báo đã đạt",
    "to_mend": "báo phải sửa",
    "returned": "trả lại báo cáo",
    "office_due_soon": "nhắc hạn của đơn vị",
    "office_overdue": "đơn vị quá hạn",
    "digest": "thư tổng hợp ngày",
}
STATES: Mapping[State, str] = {"missing": "chưa nộp", "to_mend": "phải sửa", "accepted": "đạt", "": ""}
JOBS: Mapping[str, str] = {
    "pass": "đồng bộ",
    "remind": "gửi thư",
}
"""Jobs of the service whose names the digest knows; others keep theirs."""


def day(moment: date) -> str:
    """`thứ Tư 22/01/2025`"""
    return f"{_WEEKDAYS[moment.weekday()]} {moment:%d/%m/%Y}"


def at(moment: datetime) -> str:
    """`08:15 ngày 20/01/2025`"""
    return f"{moment:%H:%M} ngày {moment:%d/%m/%Y}"


def due(moment: datetime) -> str:
    """The last moment that is on time: `hết ngày thứ Tư 22/01/2025 (23:59)`, `17:00 thứ Tư 22/01/2025`."""
    if (moment.hour, moment.minute) == (23, 59):
        return f"hết ngày {day(moment)} (23:59)"
    return f"{moment:%H:%M} {day(moment)}"


def report(title: str) -> str:
    """A period's report inside a sentence: `báo cáo Học kỳ I năm học 2024-2025`, and never `báo cáo Báo cáo năm`."""
    known = line(title)
    return f"{known[0].lower()}{known[1:]}" if fold(known).startswith("báo cáo") else f"báo cáo {known}".strip()


def line(text: str) -> str:
    """`text` on one line, without characters that steer a screen or a header, and of bearable length."""
    spaced = "".join(" " if _steers(sign) else sign for sign in text)
    return shortened(collapse(spaced), _LINE_LENGTH)


def shortened(text: str, length: int) -> str:
    """`text` in at most `length` characters, cut off at a word, with … where something is missing."""
    if len(text) <= length:
        return text
    kept = text[: length - 1]
    return f"{kept.rsplit(' ', 1)[0] if ' ' in kept[length // 2 :] else kept}…"


def _steers(sign: str) -> bool:
    # Controls, marks that turn the direction of writing, halves of characters, unassigned ones, ends of lines.
    return not sign.isprintable() and unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
