"""Offices that work with the stand-in for Google, for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sync import control, office, preparing_sheets, sending
from sync.office import OpenOffice
from sync.schools import School, Schools
from sync.setup import make_workspace
from sync.spreadsheets import SetUp
from tests.fakes.google import GoogleServer
from tests.fakes.offices import CAST, PERIOD, PLAN, ZONE
from tests.reminding.offices import with_addresses

NOW = datetime(2025, 1, 20, 8, tzinfo=ZONE)
WRITES = ("drive.files.create", "drive.permissions.create", "sheets.spreadsheets.batchUpdate", "drive.files.update")
CODES = [school.code for school in CAST]


def never_wait(_seconds: float) -> bool:
    """For a client that need not wait in a test."""
    return False


class Office:
    """A workspace whose account lives at the stand-in, with a Shared Drive to make spreadsheets in."""

    def __init__(self, google: GoogleServer, place: Path, **settings: Any) -> None:
        self.google = google
        self.drive = google.add_drive("Báo cáo")
        given = {"key_file": str(google.key_file(place)), "endpoint": google.url, "shared_drive": self.drive}
        self.workspace = make_workspace(place / "phong", PLAN.code, {"google": {**given, **settings}})
        self.list_schools(*(with_addresses(school) for school in CAST))

    def list_schools(self, *schools: School) -> None:
        """The officer lists other schools."""
        file = self.workspace.control_file
        control.write(file, replace(control.read(file, PLAN, ZONE), schools=Schools(schools)), PLAN)

    def open(self, now: datetime = NOW) -> OpenOffice:
        return office.open_office(self.workspace.path, now)

    def prepare(self, now: datetime = NOW, *codes: str) -> SetUp:
        return preparing_sheets.prepare(self.open(now), PERIOD, codes, wait=never_wait)

    def ids(self) -> dict[str, str]:
        """The bound spreadsheets by school code, as a pass sees them."""
        return {school.code: school.spreadsheet for school in self.open().control.schools if school.spreadsheet}

    def spreadsheets(self) -> list[str]:
        """The names of all spreadsheets in the Shared Drive."""
        return sorted(file.name for file in self.google.state.files.values() if file.drive == self.drive)

    def by_hand(self, code: str, period: str = PERIOD, **more: Any) -> str:
        """A person makes the spreadsheet of a school from its workbook and shares it with the account."""
        opened = self.open()
        workbook = sending.workbook_of(opened, opened.period(period), opened.control.schools.by_code[code])
        return self.google.add_spreadsheet(f"Bản của {code}", tabs_of(workbook, self.google), **more)


def tabs_of(workbook: bytes, google: GoogleServer) -> dict[str, list[list[Any]]]:
    """The tabs of a workbook as the stand-in imports them."""
    from tests.fakes.google import importing

    return {tab.title: [list(row) for row in tab.rows] for tab in importing.tabs_of(workbook, google.state)}


@contextmanager
def google_at(now: datetime = NOW, **options: Any) -> Iterator[GoogleServer]:
    """The stand-in, with as large a quota as tests need."""
    with GoogleServer(clock=lambda: now, quota=None, **options) as google:
        yield google
