"""A small office whose period can be sealed, for tests of sealing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sync import office, passes
from sync.decisions import Decision, Field
from sync.ledger import Ledger
from sync.office import OpenOffice
from sync.passes import PassResult
from sync.sealing import Sealed, seal
from tests.fakes.offices import DONE, FAULTY, PERIOD, ZONE, office_of_cast, send

NOW = datetime(2025, 1, 27, 8, tzinfo=ZONE)
LATER = datetime(2025, 2, 10, 9, 30, tzinfo=ZONE)
KEY = "2024-2025-HK1"


def make_office(folder: Path) -> Path:
    """An office to which one school sent a good report, and one a report with an error."""
    made = office_of_cast(folder).path
    send(made, "TH01", DONE)
    send(made, "MN01", FAULTY)
    return made


def opened(workspace: Path, now: datetime = NOW) -> OpenOffice:
    return office.open_office(workspace, now)


def run_pass(workspace: Path, now: datetime = NOW) -> PassResult:
    return passes.run(opened(workspace, now))


def sealed(workspace: Path, now: datetime = NOW) -> Sealed:
    return seal(opened(workspace, now), PERIOD)


def file_of(workspace: Path, number: int = 0) -> Path:
    ending = f"-bo-sung-{number:02}" if number else ""
    return workspace / "tong-hop" / "niem-phong" / KEY / f"niem-phong-{KEY}{ending}.zip"


def workbook_of(workspace: Path) -> Path:
    return workspace / "tong-hop" / f"tong-hop-{KEY}.xlsx"


def decide(workspace: Path, school: str, field: Field, value: str, now: datetime = NOW) -> None:
    """Puts into the ledger what the officer typed."""
    decision = Decision(PERIOD, school, field, value, decided_at=now, read_at=now, place="tong-hop.xlsx")
    with Ledger.open(opened(workspace).ledger_url) as ledger:
        ledger.decisions.record([decision], f"{school}{field}{value}".encode().hex()[:64].ljust(64, "0"), "x", now)
