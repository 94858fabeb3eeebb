"""Facts of an office put straight into its ledger, without a single workbook: receipts with their entries."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sync import office
from sync.ledger import (
    EntryRow,
    Ledger,
    ReceiptRecord,
    Run,
    RunRecord,
    Sighting,
    SightingChanges,
    Verdict,
)
from sync.ledger.records import Status
from sync.sources import INBOX
from tests.fakes.offices import PLAN, office_of_cast

Cells = Mapping[tuple[str, str, str], Any]


def make_office(folder: Path) -> Path:
    """A workspace with the cast of schools and nothing received."""
    made = office_of_cast(folder)
    return made.path


def opened(workspace: Path, now: datetime, ledger: Ledger) -> office.OpenOffice:
    """The office at `now`, with what `ledger` has of the officer's decisions."""
    return office.open_office(workspace, now).informed(ledger)


def report(
    school: str | None, period: str, at: datetime, cells: Cells, status: Status = "accepted", path: str | None = None
) -> ReceiptRecord:
    """A receipt of a school with these cells, by (table, row, column)."""
    content = repr((school, period, at, sorted(cells.items()), status)).encode()
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for (table, row, column), value in cells.items():
        rows.setdefault((table, row), {})[column] = value
    entries = [] if status == "refused" else [_entry(*key, data) for key, data in sorted(rows.items())]
    verdict = Verdict(status, "digest", school, period, entries=entries)
    sha256, name = hashlib.sha256(content).hexdigest(), path or f"{school}.xlsx"
    return ReceiptRecord(sha256, len(content), ".xlsx", INBOX, name, at, verdict)


def _entry(table: str, row: str, data: Mapping[str, Any]) -> EntryRow:
    columns = PLAN.tables[table].columns  # type: ignore[index]  # one of the plan's own
    letters = ",".join("GHIJKLMNOPQRST"[at] for at in range(len(columns)))
    return EntryRow(table, row, "Phụ lục", "G9", 9, letters, data)


def take(ledger: Ledger, now: datetime, reports: Sequence[ReceiptRecord], **counts: Any) -> Run:
    """A pass at `now` that took these in; each lies at its path from then on."""
    seen = [Sighting(each.source, each.path, each.size, 0, each.sha256) for each in reports]
    return ledger.record(RunRecord(now, counts, [INBOX]), reports, SightingChanges(seen))
