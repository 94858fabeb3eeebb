"""Who sends what, when and under which name: a period's inbox as an office finds it."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Generator, Iterator, Sequence
from datetime import datetime, timedelta

from sync.checks.catalogue import severity_of
from sync.demo import faults, reports, strays, structures
from sync.demo.book import book
from sync.demo.faults import CannotPlantError, Draft
from sync.demo.files import write
from sync.demo.planted import Spot, Status
from sync.demo.post import STYLES, Parcel, Post
from sync.demo.report import Report
from sync.demo.soundness import Error, Odd
from sync.plan import Plan

FAULTS_IN_A_FILE = 4


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
    # The fault that few schools have a place for goes first, to whoever has.
    names.sort(key=lambda name: name != "row-not-for-level")
    errors = [name for name in names if severity_of(name, plan) == "error"]
    warnings = [name for name in names if severity_of(name, plan) == "warning"]
    structural = [_rearranged(name) for name in structures.FAULTS]
    yield _with_faults(errors, FAULTS_IN_A_FILE, errors[0])
    yield _stopped(0.55)
    yield _with_faults(warnings, len(warnings))
    for _ in range(len(errors)):
        if errors:
            yield _with_faults(errors, FAULTS_IN_A_FILE)
        if structural:
            yield structural.pop(0)
    yield from structural
    # A plan with few rows has no place for all of them in one report.
    if warnings:
        yield _with_faults(warnings, len(warnings))
    yield _older
    yield _stopped(0.12)


def _with_faults(names: list[str], most: int, wanted: str | None = None) -> Maker:
    """Plants up to `most` of `names`, which are struck off the list; only where `wanted` is one of them."""

    def make(post: Post, report: Report, number: int) -> Iterator[Parcel]:
        draft = Draft(report.copy())
        for name in names:
            if len(draft.names) < most:
                _try_to_plant(draft, name)
        if not draft.names or (wanted and wanted not in draft.names):
            raise CannotPlantError(wanted or ", ".join(names))
        names[:] = [name for name in names if name not in draft.names]
        yield from _history(post, report, draft, number)

    return make


def _try_to_plant(draft: Draft, name: str) -> None:
    with contextlib.suppress(CannotPlantError):
        faults.plant(draft, name)


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
        yield _parcel(post, draft, kind, post.late() if number % 5 == 4 else early, style=number % STYLES)


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
        yield _parcel(post, draft, "xlsx", post.on_time(), style=number % STYLES)

    return make


def _rearranged(name: str) -> Maker:
    def make(post: Post, report: Report, number: int) -> Iterator[Parcel]:
        sheets = book(report, post.identity(report))
        findings = frozenset(structures.FAULTS[name](sheets, report))
        kind = ("xlsx", "ods", "xlsx", "xls")[number % 4]
        path = post.path(report, kind, number % STYLES)
        errors = [spot for spot in findings if severity_of(spot.code, post.plan) == "error"]
        status: Status = "to_mend" if errors else "accepted"
        yield Parcel(path, write(sheets, kind), post.on_time(), status, report.school.code, findings, (name,))

    return make


def _older(post: Post, report: Report, number: int) -> Iterator[Parcel]:
    """A school used the workbook of an earlier version of the plan."""
    version = post.plan.version
    older = str(int(version) - 1) if version.isdigit() else "0"
    identity = post.sealer.sealed(report.school.code, report.period.key, version=older)
    yield Parcel(
        path=post.path(report, "xlsx", number % STYLES),
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
            style = number % STYLES if number < 10 or number % 9 == 0 else 0
            yield _parcel(post, Draft(report), kind, moment, style, litter="~$" if number in (3, 5) else "")


def _sound_but_rearranged(post: Post, report: Report, name: str, moment: datetime, number: int) -> Parcel:
    sheets = book(report, post.identity(report))
    structures.SOUND[name](sheets, report)
    path = post.path(report, "xlsx", number % STYLES)
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
            path = post.path(report, stray.extension, (number + 1) % STYLES)
            yield Parcel(path, stray.content, post.on_time(), "refused", None, frozenset({stray.spot}), (name,))
            break
