"""The officer's daily digest: who is missing, what came, what was sent, what failed, what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from sync import planning
from sync.decisions.effects import on_one_line
from sync.facts import receipts_of, standings_of
from sync.i18n import using
from sync.ledger.notices import Trace
from sync.letters.content import Digest, Failed, PeriodLines, SchoolLine
from sync.notices import KINDS
from sync.notices.due import upcoming
from sync.notices.facts import Facts, Memory, Watched
from sync.office import OpenOffice
from sync.reminding.gathering import Gathered
from sync.standing import counts

if TYPE_CHECKING:
    from sync.ledger import Ledger

MOST_NEXT = 6


def digest_of(office: OpenOffice, ledger: Ledger, gathered: Gathered, memory: Memory, waiting: int) -> Digest:
    """What the digest of this moment says; `waiting` letters are held back by the daily limit."""
    book, since = ledger.notices, memory.last_digest
    told = book.told_since(since)
    traces = book.troubled_since(since)
    last_run = ledger.last_run()
    with using("vi"):
        remarks = [
            planning.misfit(each.period, gathered.facts.days)
            for each in gathered.facts.periods
            if not each.reminders_fit
        ]
    lines = [_period(office, ledger, watched, gathered, since) for watched in talked_about(gathered.facts, office.now)]
    titles = {period.key: period.title for period in office.control.periods}
    soon = [
        (each.at, each.kind, titles.get(each.period, each.period), each.notices)
        for each in upcoming(gathered.facts, office.now)
    ]
    return Digest(
        at=office.now,
        since=since and since.astimezone(office.zone),
        periods=lines,
        sent=[(kind, told[kind]) for kind in KINDS if told.get(kind) and kind != "digest"],
        failed=[_failed(office, trace) for trace in traces],
        to_call=_to_call(office, lines, traces),
        last_pass=last_run.as_of.astimezone(office.zone) if last_run else None,
        troubles=gathered.troubles,
        next=soon[:MOST_NEXT],
        waiting=waiting,
        remarks=[remark for remark in (gathered.unseen, *remarks) if remark],
    )


def talked_about(facts: Facts, now: datetime) -> list[Watched]:
    """The schools' periods whose reports are being asked for now."""
    first = max((*facts.rhythm.before, 1))
    chosen = []
    for watched in facts.periods:
        dues = [due for due in (watched.period.schools_due, *watched.period.extensions.values()) if due]
        if watched.reports is not None and dues:
            days = (now.date() - min(dues).date()).days
            if -first <= days and (now.date() - max(dues).date()).days <= facts.rhythm.stop_after:
                chosen.append(watched)
    return chosen


def _period(
    office: OpenOffice, ledger: Ledger, watched: Watched, gathered: Gathered, since: datetime | None
) -> PeriodLines:
    receipts = receipts_of(office, ledger, watched.period, all_receipts_of(gathered))
    frame = standings_of(office, receipts)
    schools = {school.code: school.at(watched.period.ends_on) for school in office.control.schools}
    reasons = {code: on_one_line(each.reason) for code, each in receipts.returned.items()}
    lines: dict[str, list[SchoolLine]] = {"missing": [], "to_mend": []}
    for row in frame.to_dict("records"):
        state = "to_mend" if row["standing"] == "to_mend" else "missing"
        if row["standing"] in ("missing", "to_mend", "due_soon", "not_due"):
            phone, reason = schools[row["code"]].phone, reasons.get(row["code"], "")
            lines[state].append(SchoolLine(row["code"], row["name"], phone, row["days_late"], row["standing"], reason))
    standings = dict(zip(frame["code"], frame["standing"], strict=True))
    new = [schools[code] for code in _new(gathered.receipts, watched, since)]
    return PeriodLines(
        watched.period,
        {str(standing): count for standing, count in counts(frame).items()},
        missing=_latest_first(lines["missing"]),
        to_mend=_latest_first(lines["to_mend"]),
        new=[SchoolLine(each.code, each.name, each.phone, standing=standings[each.code]) for each in new],
    )


def all_receipts_of(gathered: Gathered) -> pd.DataFrame:
    """The watched receipts in the form of sync.facts.all_receipts."""
    receipts = gathered.receipts.drop(columns="taken_at").rename(columns={"receipt_id": "id"})
    return receipts.assign(in_sight=True).sort_values(["received_at", "sha256"], ignore_index=True)


def _latest_first(lines: Iterable[SchoolLine]) -> list[SchoolLine]:
    return sorted(lines, key=lambda line: (-line.days_late, line.code))


def _new(receipts: pd.DataFrame, watched: Watched, since: datetime | None) -> list[str]:
    """The codes of schools whose reports were taken in since the last digest."""
    known = {school.code for school in watched.reports.schools} if watched.reports else set()
    mine = receipts[(receipts["period"] == watched.period.key) & (receipts["status"] != "refused")]
    fresh = mine if since is None else mine[mine["taken_at"] > pd.Timestamp(since)]
    return sorted(known & set(fresh["school"]))


def _failed(office: OpenOffice, trace: Trace) -> Failed:
    schools = [office.control.schools.by_code[code] for code in trace.schools if code in office.control.schools.by_code]
    delivery = trace.delivery
    return Failed(
        delivery.address,
        ", ".join(school.name for school in schools),
        ", ".join(school.phone for school in schools if school.phone),
        trace.subject,
        delivery.changed_at.astimezone(office.zone),
        delivery.reason,
        unknown=delivery.status == "unknown",
        repeated=trace.repeated and delivery.status in ("sent", "written"),
    )


def _to_call(office: OpenOffice, lines: Sequence[PeriodLines], traces: Sequence[Trace]) -> list[SchoolLine]:
    """Schools that still owe a report and that no letter reaches: without an address, or with letters that failed."""
    owing: Mapping[str, SchoolLine] = {
        line.code: line for period in lines for line in (*period.missing, *period.to_mend)
    }
    bad = {
        code: trace.delivery.reason
        for trace in traces
        if trace.delivery.status in ("permanent", "exhausted", "unknown") and not trace.delivery.is_copy
        for code in trace.schools
    }
    called = []
    for code, line in owing.items():
        school = office.control.schools.by_code[code]
        reason = bad.get(code, "") if school.emails else "không có địa chỉ email"
        if reason:
            called.append(SchoolLine(code, line.name, line.phone, line.days_late, line.standing, reason))
    return called
