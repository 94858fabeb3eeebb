"""What changed lately in a period, out of the ledger: the changes of the last passes, and the figures before the last.

Nothing is kept for that but what the ledger has anyway: receipts know their pass, decisions when they were read. So a
workbook that is built again says the same. Entries are loaded of the schools alone whose report changed in that pass.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from sync import facts
from sync.changes import MOST, SHOWN_FOR, Recent, changes_of, shown
from sync.comparing import PeriodFigures, combined, figures_from
from sync.consolidate import Consolidated, Facts, consolidate
from sync.decisions import Decisions
from sync.facts import PeriodReceipts
from sync.ledger import SightingChanges
from sync.office import OpenOffice

if TYPE_CHECKING:
    from sync.ledger import Ledger


def recent_of(
    office: OpenOffice, ledger: Ledger, receipts: PeriodReceipts, known: Facts, consolidated: Consolidated
) -> Recent:
    """What changed lately in the period of `receipts`, of which `known` and `consolidated` are what is known now."""
    judged = _as_judged(ledger, receipts)
    decided = [each for each in office.decisions.all if each.period == receipts.period.key]
    moments = ledger.run_moments(receipts.everything["run_id"].unique())
    news = [*(moments[run] for run in judged["run_id"].unique()), *(each.read_at for each in decided)]
    if not news:
        return Recent()
    newest_at = max(news)
    gone = {run.id: run for run in ledger.runs_since(newest_at - SHOWN_FOR) if run.counts.get("lost")}
    moments |= {number: run.as_of for number, run in gone.items()}
    lost = {number: run.counts["lost"] for number, run in gone.items()}
    found = shown(changes_of(judged, decided, moments, lost))
    before, before_at = _before(office, ledger, receipts, known, consolidated)
    return Recent(found[:MOST], max(len(found) - MOST, 0), newest_at, before, before_at)


def lost(ledger: Ledger, changes: SightingChanges) -> dict[str, list[str]]:
    """What a pass notes of the contents that it missed (SHA-256, at most MOST, under `lost`); nothing where none.

    To be asked before the pass is recorded: afterwards the ledger does not know any more what lay where.
    """
    sightings = {source: ledger.sightings(source) for source, _path in changes.gone}
    places = (sightings[source].get(path) for source, path in changes.gone)
    missed = {place[2] for place in places if place} - {each.sha256 for each in changes.seen}
    return {"lost": sorted(missed)[:MOST]} if missed else {}


def _as_judged(ledger: Ledger, receipts: PeriodReceipts) -> pd.DataFrame:
    """The period's receipts and what is shown with it, with the verdicts of judging: what goes back is accepted yet."""
    mine = pd.concat([receipts.receipts, receipts.lost], ignore_index=True)
    if not mine["returned"].notna().any():
        return mine
    statuses = ledger.receipts([receipts.period.key]).set_index("receipt_id")["status"]
    return mine.assign(status=mine["id"].map(statuses).fillna(mine["status"]))


def _before(
    office: OpenOffice, ledger: Ledger, receipts: PeriodReceipts, known: Facts, consolidated: Consolidated
) -> tuple[PeriodFigures | None, datetime | None]:
    """The figures before the last pass that brought something for the period, and the moment that they were of."""
    key, everything = receipts.period.key, receipts.everything
    moments = ledger.run_moments(everything["run_id"].unique())
    newest_run = int(receipts.receipts["run_id"].max()) if len(receipts.receipts) else 0
    decided = [each.read_at for each in office.decisions.all if each.period == key]
    newest_at = max([*decided, *([moments[newest_run]] if newest_run else [])], default=None)
    by_reports = bool(newest_run) and moments[newest_run] == newest_at
    earlier = everything[everything["run_id"] < newest_run] if by_reports else everything
    if newest_at is None or earlier.empty:
        return None, None
    before_at = moments[int(earlier["run_id"].max())]
    kept = tuple(each for each in office.decisions.all if each.period != key or each.read_at < newest_at)
    then = office.at(before_at.astimezone(office.zone), Decisions(kept))
    old = _receipts_then(office, then, ledger, receipts, set(earlier["id"]))
    return _figures_then(then, ledger, old, receipts, known, consolidated), before_at


def _receipts_then(
    office: OpenOffice, then: OpenOffice, ledger: Ledger, receipts: PeriodReceipts, ids: Collection[int]
) -> PeriodReceipts:
    """The period's receipts out of those with `ids`, as the decisions of that time leave them."""
    everything, period = receipts.everything, receipts.period
    if then.decisions != office.decisions:
        in_sight = everything.loc[everything["in_sight"], "sha256"]
        everything = facts.all_receipts(ledger, in_sight, then.decisions)
        given = {school for school in period.extensions if school not in office.decisions.extensions(period)}
        extensions = {school: period.extensions[school] for school in given} | then.decisions.extensions(period)
        period = replace(period, extensions=extensions)
    return facts.receipts_of(then, ledger, period, everything[everything["id"].isin(ids)])


def _figures_then(
    then: OpenOffice,
    ledger: Ledger,
    old: PeriodReceipts,
    receipts: PeriodReceipts,
    known: Facts,
    consolidated: Consolidated,
) -> PeriodFigures:
    """The figures of now, with the part exchanged of those schools whose counted report was another one then."""
    standings = facts.standings_of(then, old)
    changed = _changed(old.counted, receipts.counted)
    part = replace(old, receipts=old.receipts[old.receipts["school"].isin(changed)], lost=old.lost.iloc[:0])
    those = standings[standings["code"].isin(changed)]
    old_part = figures_from(consolidate(facts.facts_of(then, ledger, part, those, known.findings.iloc[:0])))
    new_part = figures_from(consolidate(_only(known, changed)))
    return PeriodFigures(
        period=old.period,
        received=int(standings["received_at"].notna().sum()),
        counted=int(standings["code"].isin(old.counted["school"]).sum()),
        schools=dict(zip(map(str, standings["code"]), standings["standing"].tolist(), strict=True)),
        tables={
            name: combined(combined(totals, new_part.tables[name], -1), old_part.tables[name], 1)
            for name, totals in figures_from(consolidated).tables.items()
        },
    )


def _changed(old: pd.DataFrame, new: pd.DataFrame) -> set[str]:
    """The schools of which another receipt counts, of receipts that count."""
    pairs = {*zip(old["school"], old["id"], strict=True)} ^ {*zip(new["school"], new["id"], strict=True)}
    return {str(school) for school, _receipt in pairs}


def _only(known: Facts, schools: Collection[str]) -> Facts:
    """`known` of these schools alone."""
    chosen = list(schools)
    return replace(
        known,
        standings=known.standings[known.standings["code"].isin(chosen)],
        counted=known.counted[known.counted["school"].isin(chosen)],
        entries={name: each[each["school"].isin(chosen)] for name, each in known.entries.items()},
    )
