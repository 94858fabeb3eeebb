"""Who sends what, when and under which name: a period's inbox as an office finds it."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sync.checks.catalogue import severity_of
from sync.config import Intake
from sync.demo import faults, reports, strays, structures
from sync.demo.book import Identity, Sealer, book
from sync.demo.faults import CannotPlantError, Draft
from sync.demo.files import write
from sync.demo.planted import Spot, Status
from sync.demo.reports import Report
from sync.demo.soundness import Error, Odd
from sync.demo.typing_in import Typist
from sync.plan import Plan

FAULTS_IN_A_FILE = 4
_OPENING, _CLOSING = 7, 17
_ON_TIME_DAYS = 9


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
        first = self.due + timedelta(hours=_OPENING)
        return first + timedelta(seconds=self.rng.randint(1, int((self.as_of - first).total_seconds()) - 3600))

    def path(self, report: Report, extension: str, style: int) -> str:
        """A new path for a report; style 0 is the name that the office gave, the others are what people make of it."""
        folder, stem = _names(report)[style % len(_STYLES)]
        number, path = 1, f"{folder}/{stem}.{extension}"
        while _same(path) in self.paths:
            number += 1
            path = f"{folder}/{stem} ({number}).{extension}"
        self.paths.add(_same(path))
        return path


_STYLES = range(8)


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


def parcels(post: Post, sound: Sequence[Report], closed: Report) -> Iterator[Parcel]:
    """All that comes in from the schools of the reports `sound`; some of them send nothing."""
    senders = list(sound)
    post.rng.shuffle(senders)
    count = len(senders)
    missing = min(count // 8 + (3 < count < 8), 5 + count // 100)
    silent, senders = senders[:missing], senders[missing:]
    faulty, rest = senders[: count // 2], senders[count // 2 :]
    used = yield from _faulty(post, faulty)
    yield from _sound(post, [*faulty[used:], *rest])
    yield from _strays(post, [*silent, *senders], closed, most=max(2, count * 2 // 5))


# ---------------------------------------------------------------- reports with faults

Maker = Callable[[Post, Report, int], Iterator[Parcel]]
"""Plants something in a copy of a sound report; the number is the maker's place among the others."""


def _faulty(post: Post, senders: list[Report]) -> Generator[Parcel, None, int]:
    """Parcels with every fault there is room for; returns how many senders were used, which then stand in front."""
    used = 0
    for number, make in enumerate(_makers(post.plan, post.rng)):
        if used == len(senders):
            break
        # Not every school has a place for every fault: a fault for another level waits for a school of that level.
        for at in range(used, len(senders)):
            try:
                made = list(make(post, senders[at], number))
            except CannotPlantError:
                continue
            senders.insert(used, senders.pop(at))
            yield from made
            used += 1
            break
    return used


def _makers(plan: Plan, rng: random.Random) -> Iterator[Maker]:
    names = faults.plannable(plan)
    rng.shuffle(names)
    # The fault that few schools have a place for goes first.
    names.sort(key=lambda name: name != "row-not-for-level")
    errors = [name for name in names if severity_of(name, plan) == "error"]
    warnings = [name for name in names if severity_of(name, plan) == "warning"]
    structural = [_rearranged(name) for name in structures.FAULTS]
    yield _with_faults(errors, FAULTS_IN_A_FILE)
    yield _stopped(0.55)
    yield _with_faults(warnings, len(warnings))
    for _ in range(len(errors)):
        if errors:
            yield _with_faults(errors, FAULTS_IN_A_FILE)
        if structural:
            yield structural.pop(0)
    yield from structural
    yield _older
    yield _stopped(0.12)


def _with_faults(names: list[str], most: int) -> Maker:
    """Plants up to `most` of `names`, which are struck off the list."""

    def make(post: Post, report: Report, number: int) -> Iterator[Parcel]:
        draft = Draft(report.copy())
        for name in list(names):
            if len(draft.names) < most and _is_planted(draft, name):
                names.remove(name)
        if not draft.names:
            # Nobody here has a place for what is left.
            raise CannotPlantError(", ".join(names))
        yield from _history(post, report, draft, number)

    return make


def _is_planted(draft: Draft, name: str) -> bool:
    try:
        faults.plant(draft, name)
    except CannotPlantError:
        return False
    return True


def _history(post: Post, report: Report, draft: Draft, number: int) -> Iterator[Parcel]:
    """The faulty report, with some schools a sound one before or after it."""
    kind = "xlsx" if _has_error_cell(draft.report) else ("xlsx", "ods", "xlsx", "xls")[number % 4]
    early, later = sorted((post.on_time(), post.on_time()))
    if number == 0:
        yield _parcel(post, draft, kind, early, style=0)
        yield _parcel(post, Draft(report), "xlsx", post.late(), style=2)
    elif number == 3:
        yield _parcel(post, Draft(report), "xlsx", early, style=0)
        yield _parcel(post, draft, kind, later + timedelta(minutes=40), style=5)
    elif number == 5:
        yield _parcel(post, draft, kind, early, style=6)
        yield _parcel(post, Draft(report), "xlsx", later + timedelta(minutes=25), style=6)
    else:
        yield _parcel(post, draft, kind, post.late() if number % 5 == 4 else early, style=number % len(_STYLES))


def _has_error_cell(report: Report) -> bool:
    rows = (row for table in report.filled.values() for row in table.values())
    return any(isinstance(value, Odd) and isinstance(value.written, Error) for row in rows for value in row.values())


def _parcel(post: Post, draft: Draft, kind: str, moment: datetime, style: int, litter: str = "") -> Parcel:
    report, identity = draft.report, post.identity(draft.report)
    sheets = book(report, identity) if kind != "xlsx" or draft.plantings else []
    content = post.typist.filled_in(report, identity) if kind == "xlsx" else write(sheets, kind)
    return Parcel(
        path=post.path(report, kind, style),
        content=content,
        moment=moment,
        status=_status(post.plan, draft),
        school=report.school.code,
        findings=structures.spots(sheets, draft),
        faults=tuple(draft.names),
        litter=litter,
    )


def _status(plan: Plan, draft: Draft) -> Status:
    is_wrong = any(severity_of(planting.code, plan) == "error" for planting in draft.plantings)
    return "to_mend" if is_wrong else "accepted"


def _stopped(share: float) -> Maker:
    """Somebody stopped half-way."""

    def make(post: Post, report: Report, number: int) -> Iterator[Parcel]:
        draft = Draft(report.copy())
        faults.leave_blank(draft, share)
        yield _parcel(post, draft, "xlsx", post.on_time(), style=number % len(_STYLES))

    return make


def _rearranged(name: str) -> Maker:
    def make(post: Post, report: Report, number: int) -> Iterator[Parcel]:
        sheets = book(report, post.identity(report))
        findings = frozenset(structures.FAULTS[name](sheets, report))
        kind = ("xlsx", "ods", "xlsx", "xls")[number % 4]
        path = post.path(report, kind, number % len(_STYLES))
        yield Parcel(path, write(sheets, kind), post.on_time(), "to_mend", report.school.code, findings, (name,))

    return make


def _older(post: Post, report: Report, number: int) -> Iterator[Parcel]:
    """A school used the workbook of an earlier version of the plan."""
    version = post.plan.version
    older = str(int(version) - 1) if version.isdigit() else "0"
    identity = post.sealer.sealed(report.school.code, report.period.key, version=older)
    yield Parcel(
        path=post.path(report, "xlsx", number % len(_STYLES)),
        content=post.typist.filled_in(report, identity),
        moment=post.on_time(),
        status="accepted",
        school=report.school.code,
        findings=frozenset({Spot("older-template")}),
        faults=("older-template",),
    )


# ---------------------------------------------------------------- sound reports


def _sound(post: Post, senders: Sequence[Report]) -> Iterator[Parcel]:
    for number, report in enumerate(senders):
        moment = post.late() if number % 6 == 3 else post.on_time()
        arrangement = list(structures.SOUND)[number // 2 - 1] if number in (2, 4, 6) else None
        if arrangement is not None:
            yield _sound_but_rearranged(post, report, arrangement, moment, number)
        elif number == 7:
            yield from _twice(post, report)
        else:
            kind = {0: "ods", 1: "xls"}.get(number % 24, "xlsx")
            style = number % len(_STYLES) if number < 10 or number % 9 == 0 else 0
            yield _parcel(post, Draft(report), kind, moment, style, litter="~$" if number in (3, 5) else "")


def _sound_but_rearranged(post: Post, report: Report, name: str, moment: datetime, number: int) -> Parcel:
    sheets = book(report, post.identity(report))
    structures.SOUND[name](sheets, report)
    path = post.path(report, "xlsx", number % len(_STYLES))
    return Parcel(path, write(sheets, "xlsx"), moment, "accepted", report.school.code, faults=(name,))


def _twice(post: Post, report: Report) -> Iterator[Parcel]:
    """A school corrects what it has sent: the newer report counts."""
    early, later = sorted((post.on_time(), post.on_time()))
    older = reports.sound(report.plan, {report.school: report.size}, report.period, "older")[0]
    yield _parcel(post, Draft(older), "xlsx", early, style=0)
    yield _parcel(post, Draft(report), "xlsx", later + timedelta(minutes=50), style=1)


# ---------------------------------------------------------------- nobody's reports


def _strays(post: Post, senders: Sequence[Report], closed: Report, most: int) -> Iterator[Parcel]:
    for number, (name, make) in enumerate(list(strays.STRAYS.items())[:most]):
        for turn in range(len(senders)):
            report = senders[(number + turn) % len(senders)]
            others = tuple(other for other in senders if other is not report)
            identity = post.identity(report)
            stock = strays.Stock(report, identity, others, closed, post.sealer, post.typist, post.limits)
            try:
                stray = make(stock)
            except CannotPlantError:
                continue
            path = post.path(report, stray.extension, (number + 1) % len(_STYLES))
            yield Parcel(path, stray.content, post.on_time(), "refused", None, frozenset({stray.spot}), (name,))
            break
