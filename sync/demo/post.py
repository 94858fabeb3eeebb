"""Files on their way to the inbox: the hours in which people send them, and the names that they give them."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sync.config import Intake
from sync.demo.book import Identity, Sealer
from sync.demo.planted import Spot, Status
from sync.demo.report import Report
from sync.demo.typing_in import Typist
from sync.plan import Plan

_OPENING, _CLOSING = 7, 17
_MORNING, _NIGHT = 6, 22
_ON_TIME_DAYS = 9


STYLES = 8
"""How many ways there are to name a file."""


@dataclass(frozen=True)
class Parcel:
    """A file on its way to the inbox; `findings` are all that it must give."""

    path: str
    content: bytes
    moment: datetime
    status: Status
    school: str | None = None
    findings: frozenset[Spot] = frozenset()
    faults: tuple[str, ...] = ()
    litter: str = ""
    """Name of a file that a program left beside it; '' for none."""


@dataclass
class Post:
    """What all parcels of a demo have in common; `due` and `as_of` in the office's time zone."""

    plan: Plan
    rng: random.Random
    due: datetime
    as_of: datetime
    sealer: Sealer
    typist: Typist
    limits: Intake
    paths: set[str] = field(default_factory=set)

    def identity(self, report: Report) -> Identity:
        """What the school's own workbook says of itself."""
        return self.sealer.sealed(report.school.code, report.period.key)

    def on_time(self) -> datetime:
        """A moment in the office hours of the last days before the due moment."""
        day = self.due - timedelta(days=self.rng.randint(0, _ON_TIME_DAYS))
        seconds = self.rng.randint(_OPENING * 3600, _CLOSING * 3600)
        return day.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(seconds=seconds)

    def late(self) -> datetime:
        """A moment after the due moment and at least an hour before the demo's own."""
        most = int((self.as_of - self.due).total_seconds()) - 3600
        while True:
            moment = self.due + timedelta(seconds=self.rng.randint(1, most))
            if _MORNING <= moment.hour < _NIGHT:
                return moment

    def path(self, report: Report, extension: str, style: int) -> str:
        """A new path for a report; style 0 is the name that the office gave, the others are what people make of it."""
        folder, stem = _names(report)[style % STYLES]
        number, path = 1, f"{folder}/{stem}.{extension}"
        while _same(path) in self.paths:
            number += 1
            path = f"{folder}/{stem} ({number}).{extension}"
        self.paths.add(_same(path))
        return path


def _names(report: Report) -> list[tuple[str, str]]:
    """Folder and stem by style."""
    school, period = report.school, report.period.key.replace("/", "-")
    unit = school.unit or "Khác"
    return [
        (unit, f"{school.code}_{period}"),
        (unit, f"Book1 ({int(school.code.rsplit('-', 1)[1]) % 7 + 2})"),
        ("Zalo/Đã nhận", "bao cao NOP LAI"),
        (unit, unicodedata.normalize("NFD", f"Báo cáo {school.name}")),
        (f"Email/{period}/{unit}/{school.name}/gửi lại", f"{period} (bản cuối)"),
        ("Zalo/Đã nhận", f"BC {school.name} sửa lần 3 FINAL"),
        ("USB", f"{school.code}"),
        (unit, f"Copy of {school.code}_{period}"),
    ]


def _same(path: str) -> str:
    """What file systems that ignore case and form hold for the same name."""
    return unicodedata.normalize("NFC", path).casefold()
