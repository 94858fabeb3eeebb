"""What a notice is: one thing that somebody is owed to be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal[
    "due_soon",
    "overdue",
    "due_changed",
    "announced",
    "accepted",
    "to_mend",
    "returned",
    "office_due_soon",
    "office_overdue",
    "digest",
]
KINDS: tuple[Kind, ...] = (
    "office_overdue",
    "office_due_soon",
    "digest",
    "announced",
    "due_changed",
    "due_soon",
    "overdue",
    "returned",
    "to_mend",
    "accepted",
)
"""In the order in which letters go where not all can go at once."""

State = Literal["missing", "to_mend", "accepted", ""]


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice that is owed.

    kind; stage: "-7" is seven days before the due date, "+3" three days after it, else what tells two notices of one
    kind apart (a day, a receipt, a due moment, a decision). school: its code, "" where the notice is the office's own.
    period: its key, "" for the digest. at: when it is sent, due: the due moment that it is about (aware, office time
    zone). state: what the school's report is like at `at`. receipt: SHA-256 of the receipt that it is about, "" for
    none. told: the due moment that was told before, of a due date that changed.
    """

    kind: Kind
    stage: str
    school: str
    period: str
    at: datetime
    due: datetime | None
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    state: State = ""
    receipt: str = ""
    told: datetime | None = None

    @property
    def key(self) -> str:
        """What the ledger knows it by: no two letters have the same one. Stages belong to a due date."""
        day = f"{self.due:%Y-%m-%d}" if self.due and self.stage.startswith(("+", "-")) else ""
        return ":".join((self.kind, self.stage, self.school, self.period, day)).rstrip(":")
