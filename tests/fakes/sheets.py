"""An office whose schools report in Google Sheets of the stand-in, on a clock that moves when somebody says so."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped, unused-ignore]

from sync import control, office, passes
from sync.landmarks import META_SHEET
from sync.ledger import Ledger
from sync.office import OpenOffice
from sync.outputs import layout as at
from sync.outputs.school_workbook import Form, build
from sync.passes import PassResult
from sync.schools import Schools
from sync.setup import make_workspace
from tests.fakes.google import GoogleServer
from tests.fakes.offices import CAST, PERIOD, PLAN, ZONE, fill_of

START = datetime(2025, 1, 20, 8, tzinfo=ZONE)
TAB = "Kiểm tra"
SESSIONS = ("Phụ lục", "J10")
"""The tab and cell of how often the first activity took place, a whole number."""
FAST = {"reads_per_minute": 60_000, "writes_per_minute": 60_000, "timeout_seconds": 1}
Changes = Mapping[tuple[str, str, str], Any]


def tabs_of(content: bytes) -> tuple[dict[str, list[list[Any]]], list[str]]:
    """The values of an .xlsx as its sheets' rows from A1 on, as openpyxl reads them; and which sheets are hidden."""
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    tabs = {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets}
    return tabs, [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]


@dataclass
class SheetsOffice:
    """The workspace `path`, whose schools' spreadsheets (`ids`, by code) lie in `google`.

    now: the moment of the next pass. waited: seconds of each wait of the last pass, which nobody spent.
    """

    google: GoogleServer
    path: Path
    now: datetime = START
    ids: dict[str, str] = field(default_factory=dict)
    waited: list[float] = field(default_factory=list)

    def open(self) -> OpenOffice:
        return office.open_office(self.path, self.now)

    def fill(self, code: str, changes: Changes | None = None, period: str = PERIOD, bind: bool = True) -> str:
        """Makes the spreadsheet of a school with a filled report in it, and binds it to the school. Its id."""
        tabs, hidden = tabs_of(self.workbook(code, changes, period))
        return self.add(code, tabs, hidden, bind)

    def fill_many(self, codes: Sequence[str], changes: Changes | None = None) -> None:
        """Makes the spreadsheets of schools of one level, all with the same figures."""
        opened = self.open()
        tabs, hidden = tabs_of(self.workbook(codes[0], changes))
        for code in codes:
            own = {"school": code, "seal": opened.seal_of(code, PERIOD)}
            meta = [[row[0], own.get(str(row[0]), row[1])] for row in tabs[META_SHEET]]
            self.add(code, {**tabs, META_SHEET: meta}, hidden, bind=False)
        self.bind()

    def workbook(self, code: str, changes: Changes | None = None, period: str = PERIOD) -> bytes:
        """A filled report of a school as an .xlsx."""
        opened = self.open()
        school = opened.control.schools.by_code[code]
        form = Form(
            PLAN, school, opened.period(period), opened.settings.office, seal=opened.seal_of(school.code, period)
        )
        return build(form, fill_of(dict(changes or {}), school.level))

    def add(self, code: str, tabs: Mapping[str, Any], hidden: list[str], bind: bool = True) -> str:
        """Makes a school's spreadsheet of these tabs. Its id."""
        self.ids[code] = self.google.add_spreadsheet(code, tabs, hidden=hidden)
        if bind:
            self.bind()
        return self.ids[code]

    def bind(self) -> None:
        """Writes the spreadsheets into the control workbook."""
        whole = control.read(self.open().workspace.control_file, PLAN, ZONE)
        schools = (replace(school, spreadsheet=self.ids.get(school.code, "")) for school in whole.schools)
        control.write(self.open().workspace.control_file, replace(whole, schools=Schools(tuple(schools))), PLAN)

    def type_in(self, code: str, value: Any, at: tuple[str, str] = SESSIONS) -> None:
        """A person types into a cell of a school's spreadsheet."""
        self.google.edit(self.ids[code], at[0], at[1], value)

    def run(self, minutes: float = 1) -> PassResult:
        """A pass, so many minutes later. The waits of it are only counted."""
        self.now += timedelta(minutes=minutes)
        self.waited.clear()
        self.google.reset_log()
        return passes.run(self.open(), wait=self._wait)

    def _wait(self, seconds: float) -> bool:
        self.waited.append(seconds)
        return False

    def asked(self) -> dict[str, int]:
        """What the last pass asked Google for, by short names, and how often."""
        counted = self.google.counted()
        return {name.rpartition(".")[2]: count for name, count in counted.items() if name != "oauth2.token"}

    def receipts(self, code: str) -> list[tuple[str, str]]:
        """Status and content (SHA-256) of a school's receipts, oldest first."""
        with Ledger.open(self.open().ledger_url) as ledger:
            found = ledger.receipts().sort_values("receipt_id")
        mine = found[found["school"] == code]
        return list(zip(mine["status"], mine["sha256"], strict=True))

    def told(self, code: str) -> list[list[Any]]:
        """The rows of findings in the tab `Kiểm tra` of a school's spreadsheet: key, severity, sheet, cell, value, …"""
        rows = self.google.tab(self.ids[code], TAB)[at.FINDINGS_FIRST_ROW : at.FINDINGS_FIRST_ROW + at.FINDINGS_ROWS]
        return [row for row in rows if any(row)]

    def said(self, code: str) -> list[str]:
        """The lines above the findings."""
        rows = self.google.tab(self.ids[code], TAB)[at.RECEIPT_FIRST_ROW : at.RECEIPT_FIRST_ROW + at.RECEIPT_ROWS]
        return [str(row[at.FINDINGS_SEVERITY_COLUMN]) for row in rows if len(row) > at.FINDINGS_SEVERITY_COLUMN]


@contextmanager
def sheets_office(folder: Path, schools: Schools = CAST, **settings: Any) -> Iterator[SheetsOffice]:
    """An office without a report; `settings` are those of [google]."""
    with GoogleServer(quota=None) as google:
        key_file = str(google.key_file(folder))
        chosen = {"key_file": key_file, "endpoint": google.url, **FAST, **settings}
        made = make_workspace(folder / "office", PLAN.code, {"google": chosen, "intake": {"workers": 1}})
        whole = control.read(made.control_file, PLAN, ZONE)
        control.write(made.control_file, replace(whole, schools=schools), PLAN)
        there = SheetsOffice(google, made.path)
        google.clock = lambda: there.now
        yield there
