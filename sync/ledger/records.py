"""What goes into the ledger and what comes out of it, as plain values. All moments are aware datetimes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sync.errors import Busy, MendableError
from sync.intake.reading import Value

Status = Literal["accepted", "to_mend", "refused"]
STATUSES: tuple[Status, ...] = ("accepted", "to_mend", "refused")

DeliveryStatus = Literal["pending", "sending", "sent", "written", "permanent", "exhausted", "unknown", "withdrawn"]
DELIVERY_STATUSES: tuple[DeliveryStatus, ...] = (
    *("pending", "sending", "sent", "written", "permanent", "exhausted", "unknown", "withdrawn"),
)
"""pending: claimed, and to be sent (again). sending: on its way in this very moment, or a program was ended then.
exhausted: refused for the time being too often. unknown: may have arrived. withdrawn: no longer true before it left."""


class LedgerError(MendableError):
    """The ledger cannot be opened or used; the message is for the user and never shows a password."""


class LedgerBusy(LedgerError, Busy):
    """Another machine is at the same work with the same ledger."""


class FindingRow(NamedTuple):
    """A finding of one receipt; `value` is kept as text, `params` are the named parts of its message."""

    code: str
    severity: str
    table: str | None = None
    sheet: str | None = None
    cell: str | None = None
    row: str | None = None
    column: str | None = None
    value: str | float | int | None = None
    params: Mapping[str, str] = {}


class EntryRow(NamedTuple):
    """A filled row of one receipt.

    `cell` is Excel's address of its first fill-in cell, `letters` those of all its fill-in columns in the plan's order,
    with commas between and nothing for a missing column; `data` its typed values by column id; blanks (None, NaN, NaT)
    are not kept, dates are kept as ISO text.
    """

    table: str
    row: str
    sheet: str
    cell: str
    excel_row: int
    letters: str
    data: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What reading and judging made of a receipt, and the digest of the plan that judged it."""

    status: Status
    plan_digest: str
    school: str | None = None
    period: str | None = None
    plan: str | None = None
    template_version: str | None = None
    rows_read: int = 0
    rows_accepted: int = 0
    rows_rejected: int = 0
    rows_blank: int = 0
    findings: Sequence[FindingRow] = ()
    entries: Sequence[EntryRow] = ()


@dataclass(frozen=True, slots=True)
class ReceiptRecord:
    """A new receipt: its content, where it was first seen, when it counts as received, and the verdict on it."""

    sha256: str
    size: int
    suffix: str
    source: str
    path: str
    received_at: datetime
    verdict: Verdict


class Sighting(NamedTuple):
    """What stands in a source now."""

    source: str
    path: str
    size: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SightingChanges:
    """What is to change in the scan index: files seen for the first time or anew, and (source, path) of those gone."""

    seen: Sequence[Sighting] = ()
    gone: Sequence[tuple[str, str]] = ()

    def __bool__(self) -> bool:
        return bool(self.seen or self.gone)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A completed pass: its moment, its figures, and the sources that it looked through in full."""

    as_of: datetime
    counts: Mapping[str, Any] = field(default_factory=dict)
    scanned: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """A pass as the ledger remembers it; `as_of` in UTC."""

    id: int
    as_of: datetime
    counts: Mapping[str, Any]


class Known(NamedTuple):
    """A receipt that the ledger has already."""

    receipt_id: int
    status: Status
    plan_digest: str


@dataclass(frozen=True, slots=True)
class Output:
    """A file that was written, the fingerprint of what it was built from, and until when it holds (None: always)."""

    path: str
    fingerprint: str
    built_at: datetime
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sealing:
    """What was sealed of a period: `number` 0 is the seal, from 1 on its addenda. `folder` is in the workspace.

    last_receipt, last_decision: the newest ones (ids) that the office had then; what has a higher id came afterwards.
    """

    period: str
    number: int
    sealed_at: datetime
    folder: str
    manifest_sha256: str
    last_receipt: int = 0
    last_decision: int = 0
