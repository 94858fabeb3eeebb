"""Building: the consolidated workbook of each period that has one, written only where something in it changed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from sync import __version__, facts, standing
from sync.facts import PeriodReceipts
from sync.i18n import gettext as _
from sync.ledger import Output
from sync.office import OpenOffice
from sync.periods import Period
from sync.progress import Progress
from sync.workspace import write_atomically

if TYPE_CHECKING:
    from sync.ledger import Ledger


@dataclass
class PeriodResult:
    """What a pass made of one period. `standings` counts schools; `workbook` is relative to the workspace."""

    period: str
    standings: dict[str, int]
    doubles: list[dict[str, Any]]
    workbook: str
    rebuilt: bool = False
    note: str | None = None


@dataclass
class Built:
    """All periods of a pass; `valid_until` is the moment from which a workbook would show something else."""

    periods: list[PeriodResult] = field(default_factory=list)
    valid_until: datetime | None = None


def build_all(
    office: OpenOffice, ledger: Ledger, in_sight: Collection[str], asked: str | None, progress: Progress
) -> Built:
    """Builds what is out of date: the workbooks of the periods with receipts and of the current one, or of `asked`."""
    everything = facts.all_receipts(ledger, in_sight)
    periods = _periods(office, everything, asked)
    built = Built()
    for done, period in enumerate(periods):
        progress(_("Consolidating"), done, len(periods))
        receipts = facts.receipts_of(office, ledger, period, everything)
        standings = facts.standings_of(office, period, receipts)
        built.periods.append(_build(office, ledger, period, receipts, standings))
        built.valid_until = _sooner(built.valid_until, _valid_until(office, period, standings))
    progress(_("Consolidating"), len(periods), len(periods))
    return built


def _periods(office: OpenOffice, everything: pd.DataFrame, asked: str | None) -> list[Period]:
    periods = office.control.periods
    if asked is not None:
        return [periods.by_key[asked]]
    current = periods.current(office.now)
    keys = {*everything["period"].dropna(), *([current.key] if current else [])}
    return [period for period in periods.of_schools() if period.key in keys]


def _build(
    office: OpenOffice, ledger: Ledger, period: Period, receipts: PeriodReceipts, standings: pd.DataFrame
) -> PeriodResult:
    name = f"{office.workspace.outputs.name}/tong-hop-{period.key.replace('/', '-')}.xlsx"
    result = PeriodResult(
        period.key, {str(name): count for name, count in standing.counts(standings).items()}, receipts.doubles, name
    )
    fingerprint = _fingerprint(office, period, receipts, standings)
    path = office.workspace.path / name
    last = ledger.output(name)
    if last is not None and last.fingerprint == fingerprint and path.is_file():
        return result
    written = write_atomically(path, _workbook(office, ledger, period, receipts, standings))
    result.rebuilt = True
    if written == path:
        ledger.record_output(Output(name, fingerprint, office.now))
        return result
    # The old workbook is open in Excel; it is not remembered as built, so that the next pass tries again.
    result.workbook = written.relative_to(office.workspace.path).as_posix()
    result.note = _("{old} is open in another program; the new workbook is {new}.").format(
        old=name, new=result.workbook
    )
    return result


def _workbook(
    office: OpenOffice, ledger: Ledger, period: Period, receipts: PeriodReceipts, standings: pd.DataFrame
) -> bytes:
    from sync.consolidate import consolidate
    from sync.outputs import office_workbook

    consolidated = consolidate(facts.facts_of(office, ledger, period, receipts, standings))
    return office_workbook.build(consolidated, office.settings.office, office.now)


def _fingerprint(office: OpenOffice, period: Period, receipts: PeriodReceipts, standings: pd.DataFrame) -> str:
    """A digest of all that the workbook shows but the moment it was built at."""
    columns = ["sha256", "path", "status", "received_at", "in_sight", "plan_digest"]
    rows = pd.concat([receipts.receipts[columns], receipts.lost[columns]])
    parts = (
        __version__,
        office.digest,
        office.settings.office.model_dump_json(),
        list(office.control.schools),
        period,
        _days_left(office, period),
        rows.to_csv(index=False),
        standings.to_csv(index=False),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _days_left(office: OpenOffice, period: Period) -> int:
    """Whole days until the due moment, 0 from then on."""
    due = period.schools_due
    return max((due.date() - office.now.date()).days, 0) if due else 0


def _valid_until(office: OpenOffice, period: Period, standings: pd.DataFrame) -> datetime | None:
    until = standing.valid_until(standings, office.now, office.settings.deadlines.due_soon_days)
    if not _days_left(office, period):
        return until
    tomorrow = office.now.date() + timedelta(days=1)
    return _sooner(until, datetime.combine(tomorrow, datetime.min.time(), office.zone))


def _sooner(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(filter(None, (one, other)), default=None)
