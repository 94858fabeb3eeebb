"""The database that remembers receipts, findings, entries, runs and what was written from them.

`Ledger` is imported when it is asked for: its library costs a quarter of a second that most commands need not pay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync.ledger.records import (
    DeliveryStatus,
    EntryRow,
    FindingRow,
    Known,
    LedgerBusy,
    LedgerError,
    Output,
    ReceiptRecord,
    Run,
    RunRecord,
    Sealing,
    Sighting,
    SightingChanges,
    Status,
    Verdict,
)

if TYPE_CHECKING:
    from sync.ledger.store import Ledger

__all__ = [
    "DeliveryStatus",
    "EntryRow",
    "FindingRow",
    "Known",
    "Ledger",
    "LedgerBusy",
    "LedgerError",
    "Output",
    "ReceiptRecord",
    "Run",
    "RunRecord",
    "Sealing",
    "Sighting",
    "SightingChanges",
    "Status",
    "Verdict",
]


def __getattr__(name: str) -> Any:
    if name == "Ledger":
        from sync.ledger.store import Ledger

        return Ledger
    raise AttributeError(name)
