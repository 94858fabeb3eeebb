"""What became of a click: the same for macros, the task pane and Google Sheets."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """What is told of one call on an open workbook.

    accepted: whether the report in it has no error (of `refresh` and `remind`: whether it was done).
    submitted: whether the service has the report now.
    message: one sentence or two for the person who clicked, in Vietnamese.
    findings: as in `check --json`, in Vietnamese.
    due: the school's due moment of the period, ISO 8601. standing: one of sync.standing.STANDINGS, where known.
    """

    accepted: bool
    submitted: bool
    message: str
    findings: list[dict[str, Any]] = field(default_factory=list)
    errors: int = 0
    warnings: int = 0
    school: str | None = None
    period: str | None = None
    due: str | None = None
    standing: str | None = None

    def document(self) -> dict[str, Any]:
        """The outcome as plain values that JSON has."""
        return asdict(self)
