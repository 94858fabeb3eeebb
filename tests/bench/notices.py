"""From facts to the notices that are due, against a plain loop over the schools, and from the ledger to them."""

from __future__ import annotations

import random
import statistics
import sys
import time as clock
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from sync import control, office, plan
from sync.ledger import Ledger, ReceiptRecord, RunRecord, Verdict
from sync.ledger.records import Status
from sync.notices import Notice
from sync.notices.due import notices_due
from sync.notices.facts import Facts, Memory, Watched, reports_of
from sync.notices.stages import Rhythm
from sync.periods import Period, Periods, due_moment
from sync.rehearsing import remembered
from sync.reminding.gathering import gather, remember
from sync.schools import School, Schools
from sync.setup import make_workspace
from sync.working_days import WorkingDays
from tests.bench.measure import Ratio, against
from tests.fakes.offices import ZONE

PLAN = plan.load("thu-thua-2020-2025")
DAYS = WorkingDays({}, opens_at=time(7, 30), closes_at=time(16, 30), zone=ZONE)
BEFORE, AFTER, REPEAT, STOP = (1, 3, 7, 14), (1, 3, 7), 7, 60
DUE = due_moment(date(2025, 3, 19), ZONE)
NOW = datetime(2025, 3, 24, 7, 30, tzinfo=ZONE)
"""The stage of three days late begins."""
KEY = "2024-2025/HK1"


@dataclass(frozen=True)
class Sent:
    """One receipt."""

    school: str
    sha256: str
    status: Status
    received_at: datetime
    taken_at: datetime


# ---------------------------------------------------------------- an office


def schools(count: int) -> tuple[School, ...]:
    """So many schools, each with an address of its own and one of its head."""
    codes = (f"T{number:05}" for number in range(count))
    return tuple(
        School(code, f"Trường {code}", "TH", emails=(f"{code}@example.org",), head_emails=(f"ht.{code}@example.org",))
        for code in codes
    )


def period(count: int) -> Period:
    """A period in which one school in fifty was given more time."""
    more = due_moment(DUE.date() + timedelta(days=5), ZONE)
    extensions = {f"T{number:05}": more for number in range(0, count, 50)}
    return Period(KEY, "Học kỳ I", date(2024, 9, 5), date(2025, 3, 10), DUE, extensions=extensions)


def receipts(count: int, seed: int = 5) -> list[Sent]:
    """One receipt a school on the average: of a quarter none, of others up to three."""
    rng = random.Random(seed)
    found = []
    for number in range(count):
        for _report in range(rng.choice((0, 1, 1, 2) if number % 10 else (1, 1, 3, 0))):
            received = DUE - timedelta(hours=rng.randint(-100, 300))
            status: Status = rng.choice(("accepted", "to_mend", "refused"))
            taken = received + timedelta(minutes=4)
            found.append(Sent(f"T{number:05}", f"{rng.getrandbits(256):064x}", status, received, taken))
    return found


def frame(sent: list[Sent]) -> pd.DataFrame:
    """Receipts as the ledger gives them."""
    texts = {name: [getattr(each, name) for each in sent] for name in ("school", "sha256", "status")}
    moments = {name: [getattr(each, name) for each in sent] for name in ("received_at", "taken_at")}
    utc = {
        name: pd.to_datetime(pd.Series(found), utc=True).astype("datetime64[us, UTC]")
        for name, found in moments.items()
    }
    return pd.DataFrame(texts).assign(**utc, returned=None)


# ---------------------------------------------------------------- two ways


def ours(asked: Period, owing: tuple[School, ...], sent: pd.DataFrame, memory: Memory) -> list[Notice]:
    """Frame of receipts → arrays → notices."""
    reports = reports_of(asked, owing, sent, frozenset())
    rhythm = Rhythm(BEFORE, AFTER, REPEAT, STOP)
    return notices_due(Facts((Watched(asked, reports),), DAYS, rhythm), memory, NOW)


def loop(asked: Period, owing: tuple[School, ...], sent: list[Sent], memory: Memory) -> list[Notice]:
    """The same, school by school, with nothing but datetimes and dictionaries."""
    by_school: dict[str, list[Sent]] = {}
    for each in sent:
        by_school.setdefault(each.school, []).append(each)
    stages = {due: _stage(due) for due in {asked.schools_due, *asked.extensions.values()} if due}
    found = []
    for school in owing:
        mine = sorted(by_school.get(school.code, []), key=lambda each: (each.received_at, each.sha256))
        due = asked.due_for(school.code)
        found += [each for each in _of_school(school, mine, due, stages) if each.key not in memory.keys]
    order = ("due_soon", "overdue", "to_mend", "accepted")
    return sorted(found, key=lambda notice: order.index(notice.kind))


def _stage(due: datetime) -> int | None:
    """The days of the stage that holds now."""
    begun = []
    for days in (*(-n for n in BEFORE), *AFTER, *range(AFTER[-1] + REPEAT, STOP + 1, REPEAT)):
        day = due.date() + timedelta(days=days)
        day = DAYS.on_or_before(day) if days < 0 else DAYS.on_or_after(day)
        if DAYS.opening(day) <= NOW:
            begun.append((DAYS.opening(day), days))
    if not begun or (NOW.date() - due.date()).days > STOP:
        return None
    last = max(begun)[1]
    return None if last < 0 and due < NOW else last


def _of_school(
    school: School, mine: list[Sent], due: datetime | None, stages: dict[datetime, int | None]
) -> Iterator[Notice]:
    reports = [each for each in mine if each.status != "refused" and each.received_at <= NOW]
    accepted = any(each.status == "accepted" for each in reports)
    stage = stages[due] if due else None
    if not accepted and stage is not None:
        cc = school.head_emails if stage >= 3 else ()
        state = "to_mend" if reports else "missing"
        kind = "due_soon" if stage < 0 else "overdue"
        yield Notice(kind, f"{stage:+d}", school.code, KEY, NOW, due, school.emails, cc, state)  # type: ignore[arg-type]
    if mine and NOW - timedelta(days=STOP) <= mine[-1].taken_at <= NOW:
        answer = "accepted" if mine[-1].status == "accepted" else "to_mend"
        sha256 = mine[-1].sha256
        yield Notice(answer, sha256[:12], school.code, KEY, NOW, due, school.emails, (), answer, sha256)  # type: ignore[arg-type]


# ---------------------------------------------------------------- from the ledger


def make_office(folder: Path, asked: Period, owing: tuple[School, ...], sent: list[Sent]) -> Path:
    """A workspace whose ledger has these receipts."""
    made = make_workspace(folder / "office", PLAN.code, {"office": {"email": "can-bo@example.org"}})
    control.write(made.control_file, control.Control(Schools(owing), Periods((asked,))), PLAN)
    verdicts = (
        ReceiptRecord(
            *(each.sha256, 18_000, ".xlsx", "folder", f"{each.sha256}.xlsx", each.received_at.astimezone(UTC)),
            Verdict(each.status, "digest", school=each.school, period=KEY),
        )
        for each in sent
    )
    with Ledger.open(made.ledger_file) as ledger:
        ledger.record(RunRecord(NOW - timedelta(minutes=5), {"new": len(sent)}), verdicts)
    return made.path


def from_ledger(folder: Path) -> tuple[list[Notice], float, float]:
    """What is due, with the seconds of reading settings and control workbook, and of all that follows."""
    begin = clock.perf_counter()
    opened = office.open_office(folder, NOW)
    assert opened.control
    read = clock.perf_counter()
    with Ledger.open(opened.ledger_url) as ledger:
        facts = gather(opened, ledger).facts
        found = notices_due(facts, remember(ledger, facts), NOW)
    return found, read - begin, clock.perf_counter() - read


def main(count: int = 5000, runs: int = 9) -> Iterator[Ratio | str]:
    """The ratios for `count` schools: when a stage begins, and five minutes later; and the way from the ledger."""
    asked, owing, sent = period(count), schools(count), receipts(count)
    received = frame(sent)
    for name, memory in (("a stage begins", Memory()), ("all is told", _told(asked, owing, received))):
        notices = ours(asked, owing, received, memory)
        assert [each.key for each in notices] == [each.key for each in loop(asked, owing, sent, memory)]
        yield against(
            f"notices of {count} schools, {name} ({len(notices)} due) / loop",
            lambda memory=memory: ours(asked, owing, received, memory),  # type: ignore[misc]
            lambda memory=memory: loop(asked, owing, sent, memory),  # type: ignore[misc]
            runs,
        )
    with TemporaryDirectory() as folder:
        path = make_office(Path(folder), asked, owing, sent)
        times = [from_ledger(path) for _run in range(min(runs, 3))]
        reading, deciding = (statistics.median(each) for each in list(zip(*times, strict=True))[1:])
        due = len(times[0][0])
        way = f"from the ledger, {len(sent)} receipts, to {due} notices: {deciding * 1e3:.0f} ms"
        yield f"{way}; reading the control workbook before it: {reading * 1e3:.0f} ms"


def _told(asked: Period, owing: tuple[School, ...], sent: pd.DataFrame) -> Memory:
    return remembered(Memory(), ours(asked, owing, sent, Memory()), NOW)


if __name__ == "__main__":
    for line in main(*map(int, sys.argv[1:])):
        print(line)
