"""What the officer decided, put into the ledger as if it had been read from the consolidated workbook."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sync import office
from sync.decisions import Decision, Field
from sync.ledger import Ledger
from tests.fakes.offices import PERIOD, ZONE

PLACE = "tong-hop/tong-hop-2024-2025-HK1.xlsx"


def decide(workspace: Path, school: str, field: Field, value: str, moment: str, period: str = PERIOD) -> Decision:
    """The officer types `value` for `school` at `moment`, into the workbook that the last pass wrote."""
    decided_at = datetime.fromisoformat(moment).replace(tzinfo=ZONE)
    with Ledger.open(office.open_office(workspace).ledger_url) as ledger:
        last = ledger.last_run()
        typed = Decision(
            period, school, field, value, decided_at, decided_at, PLACE, seen_run=last.id if last else None
        )  # fmt: skip
        [decision] = ledger.decisions.record([typed], f"{len(ledger.decisions.all()):064x}", PLACE, decided_at)
    return decision
