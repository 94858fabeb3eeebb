"""An office whose officer answers in the consolidated workbook: a report came, a pass went over it, time goes on."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sync import office, passes
from sync.passes import PassResult
from tests.fakes.offices import ZONE, office_of_cast, send

NOW = datetime(2025, 1, 20, 8, tzinfo=ZONE)
NAME = "tong-hop-2024-2025-HK1.xlsx"


def built(folder: Path, changes: dict[tuple[str, str, str], Any] | None = None) -> Path:
    """A workspace with a report, filled as `changes` say, and a pass behind it."""
    made = office_of_cast(folder).path
    send(made, "TH01", changes)
    work(made, 0)
    return made


def main(workspace: Path) -> Path:
    """The consolidated workbook of the current period."""
    return workspace / "tong-hop" / NAME


def at(minutes: float) -> datetime:
    """So many minutes after the first pass."""
    return NOW + timedelta(minutes=minutes)


def work(workspace: Path, minutes: float) -> PassResult:
    """A pass so many minutes after the first one."""
    return passes.run(office.open_office(workspace, at(minutes)))
