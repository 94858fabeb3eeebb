"""What `check` finds on workbooks beside the reports that the office has already; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from sync.checks import across
from sync.checks.findings import as_frame, of_file
from sync.checks.judging import Judgement
from sync.facts import all_receipts, entries_of, newest
from sync.intake.reading import Reading
from sync.ledger import Ledger
from sync.office import OpenOffice
from sync.period_findings import earlier_periods, earlier_reports
from sync.periods import Period
from sync.plan import Table


def compared(office: OpenOffice, readings: Sequence[Reading], judgement: Judgement) -> Judgement:
    """`judgement` with what shows when the judged files are compared with the ledger's reports."""
    if isinstance(office.ledger_url, Path) and not office.ledger_url.is_file():
        return judgement
    with Ledger.open(office.ledger_url) as ledger:
        office = office.informed(ledger)
        everything = all_receipts(ledger, (), office.decisions)
        for key in sorted({reading.period or "" for reading in readings}):
            period = office.control.periods.by_key.get(key)
            if period is not None:
                judgement = _in_period(office, ledger, period, everything, readings, judgement)
    return _beside_receipts(office, everything, readings, judgement)


def _beside_receipts(
    office: OpenOffice, everything: pd.DataFrame, readings: Sequence[Reading], judgement: Judgement
) -> Judgement:
    """What an empty workbook would take back, and which file is of an earlier period than the one that is due."""
    reports = everything[everything["status"] != "refused"]
    known = set(zip(reports["school"], reports["period"], strict=True))
    reported = [(reading.school, reading.period) in known for reading in readings]
    findings = judgement.findings
    emptied = (findings["code"] == "empty-report") & findings["receipt"].map(lambda at: reported[at]).astype(bool)
    findings = findings.assign(code=findings["code"].mask(emptied, "emptied-report"))
    current = office.control.periods.current(office.now)
    if current is None or office.now.date() < current.ends_on:
        return replace(judgement, findings=findings)
    earlier = {period.key for period in earlier_periods(office, current)}
    usable = judgement.receipts["status"].to_numpy() != "refused"
    late = [
        of_file(at, "earlier-period", office.plan, period=str(reading.period), current=current.key)
        for at, reading in enumerate(readings)
        if usable[at] and reading.period in earlier and (reading.school, current.key) not in known
    ]
    told = pd.concat([findings, as_frame(late, office.plan)])
    return replace(judgement, findings=told.sort_values("receipt", kind="stable", ignore_index=True))


def _in_period(
    office: OpenOffice,
    ledger: Ledger,
    period: Period,
    everything: pd.DataFrame,
    readings: Sequence[Reading],
    judgement: Judgement,
) -> Judgement:
    usable = judgement.receipts["status"].to_numpy() != "refused"
    ours = [at for at, reading in enumerate(readings) if reading.period == period.key and usable[at]]
    schools = {at: readings[at].school for at in ours}
    others = everything[(everything["period"] == period.key) & (everything["status"] == "accepted")]
    others = newest(others[~others["school"].isin(list(schools.values()))])
    known = entries_of(ledger, office.plan, others)
    entries = {
        table.id: pd.concat(
            [_of_files(table, judgement.entries[table.id], schools), known[table.id]], ignore_index=True
        )
        for table in office.plan.all_tables
    }
    before = earlier_reports(office, ledger, period, everything)
    found, failures = across.check(office.plan, period, entries, before, office.control.schools)
    mine = found[found["receipt"] < 0]
    told = pd.concat([judgement.findings, mine.assign(receipt=-1 - mine["receipt"])])
    findings = told.sort_values("receipt", kind="stable", ignore_index=True)
    return replace(judgement, findings=findings, failures=(*judgement.failures, *failures))


def _of_files(table: Table, frame: pd.DataFrame, schools: dict[int, str | None]) -> pd.DataFrame:
    """The filled rows of judged files as facts.entries_of has them; receipts count down from -1, as no ledger's do."""
    frame = frame[~frame["blank"] & frame["receipt"].isin(list(schools))]
    letters = [f"{column.id}:letters" for column in table.columns]
    first = frame[letters].bfill(axis=1).iloc[:, 0] if len(frame) else pd.Series(dtype=object)
    kept = frame[["row", "sheet", *(column.id for column in table.columns), *letters]]
    return kept.assign(
        receipt=-1 - frame["receipt"].to_numpy(dtype=np.int64),
        school=frame["receipt"].map(schools).astype(object),
        excel_row=frame["number"],
        cell=first.astype(str) + frame["number"].astype(str),
    )
