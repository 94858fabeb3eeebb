"""An office with three schools, and their workbooks open in a client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sync import addin, control, office, passes
from sync.addin import Outcome
from sync.outputs.school_workbook import Form, build
from sync.passes import PassResult
from sync.setup import make_workspace
from tests.fakes.offices import CAST, PERIOD, PLAN, ZONE, fill_of
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
        opened = self.open("2025-01-10T08:00")
        chosen, asked = opened.control.schools.by_code[school], opened.period(PERIOD)
        form = Form(PLAN, chosen, asked, opened.settings.office, opened.seal_of(school, PERIOD))
        return build(form, fill_of(dict(changes or {}), chosen.level))

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
    made = make_workspace(place / "phong", PLAN.code)
    whole = control.read(made.control_file, PLAN, ZONE)
    control.write(made.control_file, replace(whole, schools=CAST), PLAN)
    return AddinOffice(made.path)
