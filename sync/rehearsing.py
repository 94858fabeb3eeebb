"""Rehearsing: the calendar played on a fake clock, to see every notice that would be sent, and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sync.decisions import Decisions
from sync.decisions.effects import with_returns
from sync.letters.content import Digest, PeriodLines, SchoolLine
from sync.notices import Notice
from sync.notices.due import notices_due, owing_schools
from sync.notices.facts import Facts, Memory
from sync.office import OpenOffice
from sync.periods import Period

if TYPE_CHECKING:
    import pandas as pd

    from sync.reminding.items import Items


class Rehearsed(NamedTuple):
    """A notice that would be sent, with the subject of a letter on it alone."""

    notice: Notice
    subject: str


def rehearse(office: OpenOffice, first: date, last: date) -> list[Rehearsed]:
    """Every notice from `first` to `last`, both days included, as if the service had begun on `first` and never slept.

    Reports are those of the ledger, each taken in at the full hour after it was received; nobody sends anything else.
    Reports go back when the officer decided it; more time and exemptions hold from the beginning.
    Nothing is sent or put down. Raises ControlError, PlanError, LedgerError.
    """
    from sync.ledger import Ledger
    from sync.reminding.gathering import receipts_taken
    from sync.reminding.items import Items

    begin, end = (datetime.combine(day, datetime.min.time(), office.zone) for day in (first, last + timedelta(days=1)))
    with Ledger.open(office.ledger_url) as ledger:
        office = office.informed(ledger)
        periods = list(office.control.periods)
        receipts = _passes(receipts_taken(ledger, periods), office)
        memory, told = Memory(), list[Rehearsed]()
        for now, facts, seen in _played(office, periods, receipts, begin, end):
            found = notices_due(facts, memory, now)
            told += _named(office, Items(office, ledger, seen, with_files=False), facts, found)
            memory = remembered(memory, found, now)
    return told


def _named(office: OpenOffice, items: Items, facts: Facts, found: Sequence[Notice]) -> list[Rehearsed]:
    from sync.letters.naming import subjects

    if not found:
        return []
    digest = _digest(facts, found[0].at)
    named = subjects(items.of(found), digest, office.settings, office.workspace.letter_templates)
    return [Rehearsed(notice, subject) for notice, subject in zip(found, named, strict=True)]


def _digest(facts: Facts, now: datetime) -> Digest:
    """What the digest says of the schools at `now`; what became of letters is not known in a rehearsal."""
    from sync.reminding.digest import talked_about

    lines = []
    for watched in talked_about(facts, now):
        missing, to_mend = owing_schools(facts, watched, now)
        states = [[SchoolLine(s.code, s.name, s.phone) for s in schools] for schools in (missing, to_mend)]
        lines.append(PeriodLines(watched.period, {}, missing=states[0], to_mend=states[1]))
    return Digest(now, None, periods=lines)


def remembered(memory: Memory, sent: Sequence[Notice], now: datetime) -> Memory:
    """`memory` with notices that were sent at `now`."""
    if not sent:
        return memory
    digest = any(notice.kind == "digest" for notice in sent)
    return Memory(
        keys=memory.keys | {notice.key for notice in sent},
        told={**memory.told, **{(n.school, n.period): n.due for n in sent if n.school and n.due}},
        last_digest=now if digest else memory.last_digest,
        letters_since=(0 if digest else memory.letters_since) + sum(notice.kind != "digest" for notice in sent),
    )


def _passes(receipts: pd.DataFrame, office: OpenOffice) -> pd.DataFrame:
    """The receipts with the passes that a service that never sleeps would have taken them in with."""
    taken = receipts["received_at"].dt.tz_convert(office.zone).dt.ceil("h", ambiguous=True, nonexistent="shift_forward")
    return receipts.assign(taken_at=taken.dt.tz_convert("UTC"))


def _played(
    office: OpenOffice, periods: Sequence[Period], receipts: pd.DataFrame, begin: datetime, end: datetime
) -> Iterator[tuple[datetime, Facts, pd.DataFrame]]:
    """The moments at which there may be something to tell, in order, each with what is known then."""
    from sync.reminding.gathering import facts_from

    known = (-1, -1)
    for now in _moments(office, receipts, begin, end):
        decided = _decided_by(office.decisions, now)
        came = receipts[receipts["taken_at"] <= now]
        if (len(came), len(decided.all)) != known:
            seen = with_returns(came, decided)
            facts, known = facts_from(office, periods, seen), (len(came), len(decided.all))
        yield now, facts, seen


def _decided_by(decisions: Decisions, now: datetime) -> Decisions:
    """What the officer had decided at `now`."""
    return Decisions(tuple(each for each in decisions.all if min(each.decided_at, each.read_at) <= now))


def _moments(office: OpenOffice, receipts: pd.DataFrame, begin: datetime, end: datetime) -> list[datetime]:
    """Openings, and passes that took something in or read a decision, in the hours of work; each once, in order."""
    days = office.working_days
    moments = {days.next_open(moment.to_pydatetime()) for moment in receipts["taken_at"].unique()}
    decided = (min(each.decided_at, each.read_at).astimezone(office.zone) for each in office.decisions.all)
    moments |= {days.next_open(moment) for moment in decided}
    day = begin.date()
    while day < end.date():
        if days.is_working(day):
            moments.add(days.opening(day))
        day += timedelta(days=1)
    return sorted(moment for moment in moments if begin <= moment < end)
