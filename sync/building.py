"""Building: the consolidated workbook of each period that has one, written only where something in it changed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from sync import __version__, facts, i18n, publishing, returning, returning_sheets, standing
from sync.facts import PeriodReceipts
from sync.i18n import gettext as _
from sync.ledger import Output
from sync.office import OpenOffice
from sync.period_findings import earlier_periods, period_findings
from sync.periods import Period
from sync.progress import Progress
from sync.workspace import write_atomically

if TYPE_CHECKING:
    from sync.google.http import Client
    from sync.ledger import Ledger


@dataclass
class PeriodResult:
    """What a pass made of one period. `standings` counts schools; `workbook` is relative to the workspace."""

    period: str
    standings: dict[str, int]
    doubles: list[dict[str, Any]]
    workbook: str
    rebuilt: bool = False
    returned: list[str] = field(default_factory=list)
    """Returned copies that were written, relative to the workspace."""
    notes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    """Checks of ours that crashed, and spreadsheets that did not get their verdict or the consolidated sheets."""


@dataclass
class Built:
    """All periods of a pass; `valid_until` is the moment from which a workbook would show something else."""

    periods: list[PeriodResult] = field(default_factory=list)
    valid_until: datetime | None = None


def build_all(
    office: OpenOffice,
    ledger: Ledger,
    in_sight: Collection[str],
    asked: str | None,
    google: Client | None,
    progress: Progress,
) -> Built:
    """Builds what is out of date: the workbooks of the periods with receipts and of the current one, or of `asked`.

    `google` is what schools' Google Sheets get their verdicts through; None where there are none.
    """
    everything = facts.all_receipts(ledger, in_sight)
    periods = _periods(office, everything, asked)
    built = Built()
    for done, period in enumerate(periods):
        progress(_("Consolidating"), done, len(periods))
        receipts = facts.receipts_of(office, ledger, period, everything)
        standings = facts.standings_of(office, receipts)
        built.periods.append(_build(office, ledger, receipts, standings, google, progress))
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
    office: OpenOffice,
    ledger: Ledger,
    receipts: PeriodReceipts,
    standings: pd.DataFrame,
    google: Client | None,
    progress: Progress,
) -> PeriodResult:
    name = f"{office.workspace.outputs.name}/tong-hop-{receipts.period.key.replace('/', '-')}.xlsx"
    counts = {str(standing_): count for standing_, count in standing.counts(standings).items()}
    result = PeriodResult(receipts.period.key, counts, receipts.doubles, name)
    fingerprint = _fingerprint(office, receipts, standings)
    last = ledger.output(name)
    if last is None or last.fingerprint != fingerprint or not (office.workspace.path / name).is_file():
        _write(office, ledger, receipts, standings, result, google, progress)
        # What is remembered as built is whole: its verdicts were written before, and no check was left out.
        if not (result.notes or result.failures or (google is None and office.settings.google.is_used)):
            ledger.record_output(Output(name, fingerprint, office.now))
    problem = publishing.publish(office, ledger, google, receipts.period.key, result.workbook, fingerprint)
    result.failures += [problem] if problem else []
    return result


def _write(
    office: OpenOffice,
    ledger: Ledger,
    receipts: PeriodReceipts,
    standings: pd.DataFrame,
    result: PeriodResult,
    google: Client | None,
    progress: Progress,
) -> None:
    """Writes the returned copies that changed, and the consolidated workbook; what was held open goes into `notes`."""
    with i18n.using("vi"):
        findings, failures = period_findings(office, ledger, receipts)
        returned = returning.return_copies(office, ledger, receipts, findings, progress=progress)
    if google is not None:
        returned.problems += returning_sheets.return_verdicts(office, ledger, google, receipts, findings)
    result.returned, result.notes = returned.written, returned.notes
    result.failures = [*(str(failure) for failure in failures), *returned.problems]
    path = office.workspace.path / result.workbook
    written = write_atomically(path, _workbook(office, ledger, receipts, standings, findings))
    result.rebuilt = True
    if written != path:
        # The old workbook is open in Excel; it is not remembered as built, so that the next pass tries again.
        old, result.workbook = result.workbook, written.relative_to(office.workspace.path).as_posix()
        message = _("{old} is open in another program; the new workbook is {new}.")
        result.notes.append(message.format(old=old, new=result.workbook))


def _workbook(
    office: OpenOffice, ledger: Ledger, receipts: PeriodReceipts, standings: pd.DataFrame, findings: pd.DataFrame
) -> bytes:
    from sync.consolidate import consolidate
    from sync.outputs import office_workbook

    consolidated = consolidate(facts.facts_of(office, ledger, receipts, standings, findings))
    return office_workbook.build(consolidated, office.settings.office, office.now)


def _fingerprint(office: OpenOffice, receipts: PeriodReceipts, standings: pd.DataFrame) -> str:
    """A digest of all that the workbook shows but the moment it was built at."""
    columns = ["sha256", "path", "status", "received_at", "in_sight", "plan_digest"]
    rows = pd.concat([receipts.receipts[columns], receipts.lost[columns]])
    parts = (
        __version__,
        office.digest,
        office.settings.office.model_dump_json(),
        list(office.control.schools),
        receipts.period,
        _days_left(office, receipts.period),
        rows.to_csv(index=False),
        _earlier(office, receipts),
        standings.to_csv(index=False),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _earlier(office: OpenOffice, receipts: PeriodReceipts) -> str:
    """What of earlier periods shows in this one's findings: reports are compared with those of before."""
    keys = [earlier.key for earlier in earlier_periods(office, receipts.period)]
    everything = receipts.everything
    earlier = everything[everything["period"].isin(keys) & (everything["status"] != "refused")]
    return earlier[["sha256", "status", "in_sight"]].to_csv(index=False)


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
