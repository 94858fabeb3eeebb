"""Building: the consolidated workbook of each period that has one, written only where something in it changed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from sync import __version__, facts, i18n, looking, publishing, returning, returning_sheets, standing
from sync.consolidate import Outlook
from sync.decisions import log
from sync.facts import PeriodReceipts
from sync.i18n import gettext as _
from sync.ledger import Output
from sync.notices.due import upcoming
from sync.office import OpenOffice
from sync.period_figures import Gathered
from sync.period_findings import earlier_periods, period_findings
from sync.periods import Period
from sync.progress import Progress
from sync.reviewing import ReviewResult, build_reviews

if TYPE_CHECKING:
    from pathlib import Path

    from sync.answers.listening import Answers
    from sync.google.http import Client
    from sync.ledger import Ledger

COMING = 3
"""So many of the next notices are shown."""


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
    sealed: bool = False
    """Whether the period is sealed; then its workbook is the sealed one."""
    after_seal: list[str] = field(default_factory=list)
    """The files that came after it was sealed."""


@dataclass
class Built:
    """All periods of a pass; `valid_until` is the moment from which a workbook would show something else."""

    periods: list[PeriodResult] = field(default_factory=list)
    valid_until: datetime | None = None
    statuses: dict[str, str] = field(default_factory=dict)
    """What became of each content, by its SHA-256; see facts.all_receipts."""

    reviews: list[ReviewResult] = field(default_factory=list)

    def add(self, earlier: Built) -> None:
        """Counts in what the same pass wrote before."""
        written = {each.period: each for each in earlier.periods}
        for each in self.periods:
            before = written[each.period]
            each.rebuilt |= before.rebuilt
            each.returned = sorted({*before.returned, *each.returned})


def build_all(
    office: OpenOffice,
    ledger: Ledger,
    in_sight: Collection[str],
    asked: str | None,
    google: Client | None,
    progress: Progress,
    answers: Answers,
) -> Built:
    """Builds what is out of date: the workbooks of the periods with receipts and of the current one, or of `asked`.

    `google` is what schools' Google Sheets get their verdicts through; None where there are none. `answers` puts
    workbooks into their places without losing what was typed into the old ones.
    """
    everything = facts.all_receipts(ledger, in_sight, office.decisions)
    periods = _periods(office, everything, asked)
    built = Built(statuses=dict(zip(everything["sha256"], everything["status"], strict=True)))
    gathered = Gathered(office, ledger, everything)
    for done, period in enumerate(periods):
        progress(_("Consolidating"), done, len(periods))
        receipts = facts.receipts_of(office, ledger, period, everything)
        standings = facts.standings_of(office, receipts)
        if period.key in office.sealed:
            built.periods.append(_keep_sealed(office, ledger, receipts, standings, google, progress, answers))
            continue
        outlook = replace(outlook_of(office, ledger, period), earlier=gathered.before(period))
        built.periods.append(_build(answers, receipts, standings, outlook, google, progress))
        soon = (answers.told_until(period), *(each.at for each in outlook.coming))
        for until in (_valid_until(office, period, standings), *soon):
            built.valid_until = _sooner(built.valid_until, until)
    reviews = build_reviews(answers, gathered, asked)
    built.reviews = reviews.reviews
    for until in (gathered.valid_until, reviews.valid_until):
        built.valid_until = _sooner(built.valid_until, until)
    progress(_("Consolidating"), len(periods), len(periods))
    return built


def _periods(office: OpenOffice, everything: pd.DataFrame, asked: str | None) -> list[Period]:
    periods = office.control.periods
    if asked is not None:
        return [period for period in periods.of_schools() if period.key == asked]
    current = periods.current(office.now)
    keys = {*everything["period"].dropna(), *([current.key] if current else [])}
    return [period for period in periods.of_schools() if period.key in keys]


def _build(
    answers: Answers,
    receipts: PeriodReceipts,
    standings: pd.DataFrame,
    outlook: Outlook,
    google: Client | None,
    progress: Progress,
) -> PeriodResult:
    office, ledger = answers.office, answers.ledger
    name = f"{office.workspace.outputs.name}/tong-hop-{receipts.period.key.replace('/', '-')}.xlsx"
    counts = {str(standing_): count for standing_, count in standing.counts(standings).items()}
    result = PeriodResult(receipts.period.key, counts, receipts.doubles, name)
    note = answers.sentence(receipts.period)
    fingerprint = _fingerprint(office, receipts, standings, outlook, note)
    last = ledger.output(name)
    path = office.workspace.path / name
    if last is None or last.fingerprint != fingerprint or not path.is_file() or answers.is_edited(path):
        findings = _return(office, ledger, receipts, result, google, progress)
        workbook = _workbook(office, ledger, receipts, standings, outlook, findings, note)
        _write(answers, path, workbook, outlook.run, result)
        # What is remembered as built is whole: its verdicts were written before, and no check was left out.
        if not (result.notes or result.failures or (google is None and office.settings.google.is_used)):
            ledger.record_output(Output(name, fingerprint, office.now))
    problem = publishing.publish(answers, google, receipts.period.key, result.workbook, fingerprint)
    result.failures += [problem] if problem else []
    return result


def _keep_sealed(
    office: OpenOffice,
    ledger: Ledger,
    receipts: PeriodReceipts,
    standings: pd.DataFrame,
    google: Client | None,
    progress: Progress,
    answers: Answers,
) -> PeriodResult:
    """What is left to do for a period that is sealed: schools are answered, and its workbook stays the sealed one."""
    from sync.sealing import placing

    name = f"{office.workspace.outputs.name}/tong-hop-{receipts.period.key.replace('/', '-')}.xlsx"
    counts = {str(standing_): count for standing_, count in standing.counts(standings).items()}
    result = PeriodResult(receipts.period.key, counts, receipts.doubles, name, sealed=True)
    later = receipts.receipts["id"] > office.sealed[receipts.period.key].last_receipt
    result.after_seal = list(receipts.receipts.loc[later, "path"])
    if result.after_seal:
        _return(office, ledger, receipts, result, google, progress)
    result.notes += placing.place(office, ledger, receipts.period.key, answers)
    return result


def _return(
    office: OpenOffice,
    ledger: Ledger,
    receipts: PeriodReceipts,
    result: PeriodResult,
    google: Client | None,
    progress: Progress,
) -> pd.DataFrame:
    """Writes the returned copies that changed, and the verdicts on Google Sheets; gives the period's findings."""
    with i18n.using("vi"):
        findings, failures = period_findings(office, ledger, receipts)
        returned = returning.return_copies(office, ledger, receipts, findings, progress=progress)
    if google is not None:
        returned.problems += returning_sheets.return_verdicts(office, ledger, google, receipts, findings)
    result.returned, result.notes = returned.written, returned.notes
    result.failures = [*(str(failure) for failure in failures), *returned.problems]
    return findings


def _write(answers: Answers, path: Path, workbook: bytes, run: int | None, result: PeriodResult) -> None:
    """Writes the consolidated workbook; what was held open goes into `notes`."""
    written = answers.place(path, workbook, run)
    result.rebuilt = True
    if written != path:
        # The old workbook is open in Excel; it is not remembered as built, so that the next pass tries again.
        old, result.workbook = result.workbook, written.relative_to(answers.office.workspace.path).as_posix()
        message = _("{old} is open in another program; the new workbook is {new}.")
        result.notes.append(message.format(old=old, new=result.workbook))


def _workbook(
    office: OpenOffice,
    ledger: Ledger,
    receipts: PeriodReceipts,
    standings: pd.DataFrame,
    outlook: Outlook,
    findings: pd.DataFrame,
    note: str = "",
) -> bytes:
    from sync.consolidate import consolidate
    from sync.outputs import office_workbook
    from sync.recent import recent_of

    known = facts.facts_of(office, ledger, receipts, standings, findings)
    decided = log.notes(office.decisions, receipts.period, office.now)
    consolidated = consolidate(replace(known, outlook=outlook, notes=[*known.notes, *decided]))
    recent = recent_of(office, ledger, receipts, known, consolidated)
    consolidated = replace(consolidated, recent=recent)
    return office_workbook.build(consolidated, office.settings.office, office.now, note)


def workbook_of(office: OpenOffice, ledger: Ledger, period: Period, outlook: Outlook, note: str = "") -> bytes:
    """The consolidated workbook of a schools' period as `office` and `ledger` have it now; nothing is recorded.

    `note` is one more sentence for the officer, in Vietnamese.
    """
    everything = facts.all_receipts(ledger, looking.in_sight(ledger), office.decisions)
    receipts = facts.receipts_of(office, ledger, period, everything)
    standings = facts.standings_of(office, receipts)
    with i18n.using("vi"):
        findings, _failures = period_findings(office, ledger, receipts)
    beside = replace(outlook, earlier=Gathered(office, ledger, everything).before(period))
    return _workbook(office, ledger, receipts, standings, beside, findings, note)


def outlook_of(office: OpenOffice, ledger: Ledger, period: Period) -> Outlook:
    """The last pass, and what is sent next: on `period`, and where it is the current one on the others too."""
    from sync.reminding.gathering import gather_periods

    periods = office.control.periods
    asked = periods if periods.current(office.now) == period else [period]
    coming = upcoming(gather_periods(office, ledger, asked).facts, office.now)
    last = ledger.last_run()
    return Outlook(last.id if last else None, tuple(coming[:COMING]))


def _fingerprint(
    office: OpenOffice, receipts: PeriodReceipts, standings: pd.DataFrame, outlook: Outlook, note: str
) -> str:
    """A digest of all that the workbook shows but the moment it was built at, and the number of the pass."""
    columns = ["sha256", "path", "status", "received_at", "in_sight", "plan_digest"]
    rows = pd.concat([receipts.receipts[columns], receipts.lost[columns]])
    parts = (
        __version__,
        office.digest,
        office.settings.office.model_dump_json(),
        list(office.control.schools),
        receipts.period,
        _days_left(office, receipts.period),
        sorted((*cell, each.value) for cell, each in office.decisions.typed(receipts.period.key).items()),
        [each.id for each in office.decisions.all if each.period == receipts.period.key],
        log.notes(office.decisions, receipts.period, office.now),
        note,
        outlook.coming,
        [(each.period, each.received, each.counted, each.standings, each.tables) for each in outlook.earlier],
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


def _days_left(office: OpenOffice, period: Period) -> tuple[int, int]:
    """Whole days until the due moments of the schools and of the office, 0 from then on."""
    today = office.now.date()
    schools, of_office = (max((due.date() - today).days, 0) if due else 0 for due in _dues(period))
    return schools, of_office


def _dues(period: Period) -> tuple[datetime | None, datetime | None]:
    return period.schools_due, None if period.office_reported_on else period.office_due


def _valid_until(office: OpenOffice, period: Period, standings: pd.DataFrame) -> datetime | None:
    until = standing.valid_until(standings, office.now, office.settings.deadlines.due_soon_days)
    if not any(_days_left(office, period)):
        return until
    tomorrow = office.now.date() + timedelta(days=1)
    return _sooner(until, datetime.combine(tomorrow, datetime.min.time(), office.zone))


def _sooner(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(filter(None, (one, other)), default=None)
