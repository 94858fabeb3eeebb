"""Six years of a service that keeps failing: what it tells is true, in time, told once, and nothing is left out.

What should be told is worked out here once more, day by day and school by school, without the code under test.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync import periods
from sync.decisions import Decision, Decisions, Returned
from sync.decisions.effects import with_returns
from sync.notices.due import notices_due
from sync.notices.facts import Facts, Memory, Reports, Watched
from sync.notices.stages import Rhythm
from sync.periods import Period, due_moment
from sync.rehearsing import remembered
from sync.schools import School
from sync.working_days import WorkingDays
from tests.fakes.offices import PLAN, ZONE

BEGIN, END = datetime(2020, 9, 1, tzinfo=ZONE), datetime(2026, 12, 31, tzinfo=ZONE)
BEFORE, AFTER, REPEAT, STOP = (14, 7, 3, 1), (1, 3, 7), 7, 60
DAYS = WorkingDays({}, opens_at=time(7, 30), closes_at=time(16, 30), zone=ZONE)
RHYTHM = Rhythm(BEFORE, AFTER, REPEAT, STOP)
PERIODS = [replace(period, reminders=()) for period in periods.proposed(PLAN, ZONE, DAYS)]
_NEAR = timedelta(days=90)
_ADDED = timedelta(days=40)
"""So long before it is due the officer puts a report on demand into the calendar."""


@dataclass
class Receipt:
    school: str
    period: str
    received_at: datetime
    status: str
    sha256: str
    taken_at: datetime | None = None
    returned: Returned | None = None


@dataclass
class Return:
    """The officer gives back what a school sent for a period until then, and clears the cell again at `until`."""

    school: str
    period: str
    at: datetime
    until: datetime
    number: int


@dataclass
class History:
    """One office's six years: who reports when, when the service is down, what it told."""

    schools: tuple[School, ...]
    periods: list[Period]
    receipts: list[Receipt]
    outages: list[tuple[datetime, datetime]]
    returns: list[Return] = field(default_factory=list)
    known: defaultdict[tuple[str, str], list[Receipt]] = field(default_factory=lambda: defaultdict(list))
    made: dict[tuple[str, int, tuple[int, ...], int], Watched] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)

    def is_up(self, now: datetime) -> bool:
        return not any(begin <= now < end for begin, end in self.outages)

    def near(self, now: datetime) -> list[Period]:
        """The periods of which anything may be true; a report on demand is not known before it is asked for."""
        near = []
        for period in self.periods:
            dues = [due for due in (period.schools_due, period.office_due, *period.extensions.values()) if due]
            begins = _ADDED if period.dispatch else _NEAR
            if min(dues) - begins <= now <= max(dues) + 2 * _NEAR:
                near.append(period)
        return near


def make_history(seed: int) -> History:
    chance = random.Random(seed)
    schools = tuple(
        School(f"S{number}", f"Trường {number}", "TH", emails=(f"s{number}@example.org",)) for number in range(1, 4)
    )
    chosen = [_changed(period, chance) for period in PERIODS]
    chosen.append(_on_demand(chance))
    receipts = [receipt for school in schools for period in chosen for receipt in _receipts(school, period, chance)]
    outages = []
    for _number in range(chance.randint(0, 25)):
        start = BEGIN + (END - BEGIN) * chance.random()
        outages.append((start, start + timedelta(hours=chance.choice([3, 20, 60, 24 * 7, 24 * 25]) * chance.random())))
    receipts.sort(key=lambda receipt: receipt.received_at)
    return History(schools, chosen, receipts, outages, list(_returns(receipts, chance)))


def _returns(receipts: list[Receipt], chance: random.Random) -> Iterator[Return]:
    """Some reports go back some time after they came; some of these decisions are taken back."""
    for number, receipt in enumerate(receipts, 1):
        if chance.random() < 0.12:
            moment = receipt.received_at + timedelta(hours=chance.randint(1, 24 * 14))
            lasts = timedelta(days=chance.choice([1, 10, 4000]))
            yield Return(receipt.school, receipt.period, moment, moment + lasts, number)


def _changed(period: Period, chance: random.Random) -> Period:
    """Some schools get more time; some offices report, and say so."""
    if period.schools_due and chance.random() < 0.3:
        more = due_moment(period.schools_due.date() + timedelta(days=chance.randint(1, 20)), ZONE)
        period = replace(period, extensions={chance.choice(["S1", "S2"]): more})
    if period.office_due and chance.random() < 0.6:
        reported = period.office_due.date() + timedelta(days=chance.randint(-10, 30))
        period = replace(period, office_reported_on=reported)
    return period


def _on_demand(chance: random.Random) -> Period:
    day = BEGIN.date() + timedelta(days=chance.randint(30, 2000))
    due = day + timedelta(days=chance.randint(2, 30))
    return Period("2023/DX-01", "Đột xuất", day, day, due_moment(due, ZONE), None, dispatch="12/CV")


def _receipts(school: School, period: Period, chance: random.Random) -> Iterator[Receipt]:
    if period.schools_due is None:
        return
    moment = period.schools_due - timedelta(hours=chance.randint(-24 * 40, 24 * 16))
    for _number in range(chance.choice([0, 0, 1, 1, 2, 3])):
        status = chance.choice(["accepted", "to_mend", "to_mend", "refused"])
        yield Receipt(school.code, period.key, moment, status, f"{chance.getrandbits(64):064x}")
        moment += timedelta(hours=chance.randint(1, 24 * 9))


# ---------------------------------------------------------------- what is true, worked out once more


@cache
def beginnings(due: datetime) -> list[tuple[datetime, int]]:
    """When each stage of `due` begins, in order: day after day is tried until somebody works."""
    found = []
    for count in (*(-days for days in BEFORE), *AFTER, *range(AFTER[-1] + REPEAT, STOP + 1, REPEAT)):
        day = due.date() + timedelta(days=count)
        while not DAYS.is_working(day):
            day += timedelta(days=1 if count > 0 else -1)
        found.append((datetime.combine(day, time(7, 30), ZONE), count))
    return sorted(found)


def stage_of(due: datetime, now: datetime) -> str | None:
    """The stage that holds at `now`."""
    begun = [count for begins, count in beginnings(due) if begins <= now]
    if not begun or now.date() > due.date() + timedelta(days=STOP) or (begun[-1] < 0 and now > due):
        return None
    return f"{begun[-1]:+d}"


def return_of(history: History, receipt: Receipt, now: datetime) -> Return | None:
    """What the officer's cell says at `now` of the school's reports, where it says anything and means this one."""
    mine = [each for each in history.returns if each.school == receipt.school and each.period == receipt.period]
    said = [(each.at, each.number, each) for each in mine] + [(each.until, 1000 + each.number, None) for each in mine]
    last = max((each for each in said if each[0] <= now), key=lambda each: each[:2], default=None)
    back = last[2] if last else None
    return back if back and receipt.status != "refused" and receipt.received_at <= back.at else None


def state_of(history: History, receipts: list[Receipt], now: datetime) -> str:
    usable = [receipt for receipt in receipts if receipt.status != "refused"]
    counts = [each for each in usable if each.status == "accepted" and return_of(history, each, now) is None]
    return "accepted" if counts else "to_mend" if usable else "missing"


def truths(history: History, now: datetime) -> Iterator[tuple[str, str, str, str]]:
    """Every (kind, stage, school, period) that is true at `now`."""
    for period in history.near(now):
        reported = period.office_reported_on is not None and period.office_reported_on <= now.date()
        if period.office_due and not reported:
            stage = stage_of(period.office_due, now)
            if stage:
                yield ("office_due_soon" if stage[0] == "-" else "office_overdue", stage, "", period.key)
        for school in history.schools if period.schools_due else ():
            yield from _of_school(history, period, school.code, now)


def _of_school(history: History, period: Period, school: str, now: datetime) -> Iterator[tuple[str, str, str, str]]:
    known = history.known[school, period.key]
    due = period.extensions.get(school) or period.schools_due
    assert due is not None
    reports = [receipt for receipt in known if receipt.status != "refused"]
    report = max(reports, key=lambda receipt: (receipt.received_at, receipt.sha256), default=None)
    back = return_of(history, report, now) if report else None
    if state_of(history, known, now) != "accepted":
        stage = stage_of(due, now)
        begun = max((begins for begins, _count in beginnings(due) if begins <= now), default=now)
        if stage and (back is None or begun > back.at):
            yield ("due_soon" if stage[0] == "-" else "overdue", stage, school, period.key)
        if period.dispatch and now <= due:
            yield ("announced", "", school, period.key)
    if back and now - back.at <= timedelta(days=STOP):
        yield ("returned", str(back.number), school, period.key)
    if known:
        newest = max(known, key=lambda receipt: (receipt.received_at, receipt.sha256))
        assert newest.taken_at is not None
        if now - newest.taken_at <= timedelta(days=STOP) and not (back and newest is report):
            kind = "accepted" if newest.status == "accepted" else "to_mend"
            yield (kind, newest.sha256[:12], school, period.key)


# ---------------------------------------------------------------- the service


def moments(history: History) -> list[datetime]:
    """When the service finds something to do: around every stage, every arrival, every return."""
    days = set()
    for period in history.periods:
        for due in (period.schools_due, period.office_due, *period.extensions.values()):
            if due is None:
                continue
            for count in (*(-days for days in BEFORE), 0, *AFTER, *range(14, STOP + 8, REPEAT)):
                days |= {due.date() + timedelta(days=count + more) for more in (-2, 0, 1)}
    found = {DAYS.opening(day) for day in days if DAYS.is_working(day)}
    found |= {receipt.received_at + timedelta(minutes=4) for receipt in history.receipts}
    found |= {each.at + timedelta(minutes=4) for each in history.returns}
    found |= {end for _begin, end in history.outages} | {DAYS.next_open(end) for _begin, end in history.outages}
    return sorted(moment for moment in found if BEGIN <= moment < END)


def watched(history: History, period: Period, now: datetime) -> Watched:
    """As the service gathers it (see test_facts.py); made anew when something came in or went back."""
    if period.schools_due is None:
        return Watched(period)
    known = [history.known[school.code, period.key] for school in history.schools]
    said = [each for each in history.returns if each.period == period.key and each.at <= now]
    numbers = tuple(each.number for each in said)
    key = (period.key, sum(map(len, known)), numbers, sum(now < each.until for each in said))
    if key not in history.made:
        decided = decisions_of(said, now)
        reports = _reports(history, period, [with_decisions(receipts, decided) for receipts in known])
        history.made[key] = Watched(period, reports, on_demand=bool(period.dispatch))
    return history.made[key]


def decisions_of(said: list[Return], now: datetime) -> Decisions:
    """What the ledger remembers of `said`: a decision for each, and one more where the cell was cleared."""
    found = []
    for each in said:
        made = Decision(each.period, each.school, "returned", "Sai.", each.at, each.at, "tong-hop.xlsx", id=each.number)
        found.append(made)
        if each.until <= now:
            found.append(replace(made, value="", decided_at=each.until, read_at=each.until, id=each.number + 1000))
    return Decisions(tuple(found))


def with_decisions(receipts: list[Receipt], decisions: Decisions) -> list[Receipt]:
    if not receipts or not decisions.all:
        return receipts
    names = ("school", "period", "status", "received_at")
    frame = pd.DataFrame({name: [getattr(each, name) for each in receipts] for name in names}).assign(run_id=1)
    found = with_returns(frame, decisions)
    pairs = zip(receipts, found["status"], found["returned"], strict=True)
    return [replace(each, status=status, returned=returned) for each, status, returned in pairs]


def _reports(history: History, period: Period, known: list[list[Receipt]]) -> Reports:
    ordered = [sorted(receipts, key=lambda receipt: (receipt.received_at, receipt.sha256)) for receipts in known]
    usable = [[receipt for receipt in receipts if receipt.status != "refused"] for receipts in ordered]
    accepted = [[receipt for receipt in receipts if receipt.status == "accepted"] for receipts in usable]
    newest = [receipts[-1] if receipts else None for receipts in ordered]
    back = [receipts[-1] if receipts and receipts[-1].returned else None for receipts in usable]
    dues = [period.due_for(school.code) for school in history.schools]
    return Reports(
        history.schools,
        _utc([receipts[0].received_at if receipts else None for receipts in usable]),
        _utc([receipts[0].received_at if receipts else None for receipts in accepted]),
        _utc([receipt.taken_at if receipt else None for receipt in newest]),
        np.array([receipt and receipt.sha256 for receipt in newest], dtype=object),
        np.array([receipt and receipt.status for receipt in newest], dtype=object),
        np.zeros(len(known), dtype=bool),
        np.array([int(due.timestamp()) for due in dues if due], dtype="int64"),
        np.array([receipt and receipt.returned for receipt in back], dtype=object),
        np.array([receipt and receipt.sha256 for receipt in back], dtype=object),
    )


def _utc(found: list[datetime | None]) -> np.ndarray[Any, Any]:
    return np.array([each and each.astimezone(UTC).replace(tzinfo=None) for each in found], dtype="datetime64[us]")


@settings(max_examples=500, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_whatever_happens_every_notice_is_true_in_time_told_once_and_none_is_left_out(seed: int) -> None:
    history = make_history(seed)
    waiting = list(history.receipts)
    sent: set[str] = set()
    told: set[tuple[str, str, str, str]] = set()
    for now in moments(history):
        if not history.is_up(now):
            continue
        while waiting and waiting[0].received_at <= now:
            taken = waiting.pop(0)
            taken.taken_at = now
            history.known[taken.school, taken.period].append(taken)
        facts = Facts(tuple(watched(history, period, now) for period in history.near(now)), DAYS, RHYTHM)
        found = notices_due(facts, history.memory, now)
        history.memory = remembered(history.memory, found, now)
        true = set(truths(history, now))
        for notice in found:
            assert DAYS.is_open(now), "at night, at a weekend or on a holiday"
            assert notice.key not in sent, "twice"
            what = (notice.kind, notice.stage, notice.school, notice.period)
            assert what in true, "untrue, or before its time"
            sent.add(notice.key)
            told.add(what)
        assert true <= told or not DAYS.is_open(now), "left out"
    assert len(sent) > 20
