"""An office with three schools, and their workbooks open in a client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sync import addin, office, passes
from sync.addin import Outcome
from sync.passes import PassResult
from tests.fakes.offices import ZONE, office_of_cast, report_of
from tests.fakes.remote_books import Written, payload_of, remote_book

PLACE = "Kiểm tra"


def at(moment: str) -> datetime:
    """A moment in the office's time zone."""
    return datetime.fromisoformat(moment).replace(tzinfo=ZONE)


@dataclass
class AddinOffice:
    """A workspace that schools reach through the add-in."""

    path: Path

    def open(self, moment: str) -> office.OpenOffice:
        return office.open_office(self.path, at(moment))

    def workbook(self, school: str, changes: Mapping[tuple[str, str, str], Any] | None = None) -> bytes:
        """The filled workbook of a school, without faults but for `changes`."""
        return report_of(self.open("2025-01-10T08:00"), school, changes)

    def submit(
        self, school: str, moment: str, changes: Mapping[tuple[str, str, str], Any] | None = None
    ) -> tuple[Outcome, Written]:
        """A school hands its report in; gives the outcome and what was written into its workbook."""
        payload = payload_of(self.workbook(school, changes))
        book = remote_book(payload)
        try:
            outcome = addin.submit(book, self.open(moment), school, at(moment))
            return outcome, Written(payload, book.json())
        finally:
            book.close()

    def run(self, moment: str) -> PassResult:
        return passes.run(self.open(moment))

    @property
    def handed_in(self) -> list[str]:
        """The names of the submissions."""
        folder = self.open("2025-01-10T08:00").workspace.handed_in
        return sorted(file.name for file in folder.iterdir()) if folder.is_dir() else []


def addin_office(place: Path) -> AddinOffice:
    """A new office in `place`."""
    return AddinOffice(office_of_cast(place / "phong").path)
