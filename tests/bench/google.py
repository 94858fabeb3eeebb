"""What passes over Google Sheets ask Google for: requests of each kind, and seconds against the stand-in."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from sync.schools import School, Schools
from tests.fakes.offices import DONE
from tests.fakes.sheets import SheetsOffice, sheets_office


def main(spreadsheets: int = 500, changed: int = 20) -> Iterator[str]:
    """A line for each pass: the first one, two after it, one in which `changed` spreadsheets changed, and one more."""
    codes = [f"TH{number:03}" for number in range(spreadsheets)]
    schools = Schools(tuple(School(code, f"Trường Tiểu học {code}", "TH", "Xã Một") for code in codes))
    with TemporaryDirectory() as folder, sheets_office(Path(folder), schools) as office:
        office.fill_many(codes, DONE)
        yield _line(office, f"{spreadsheets} new spreadsheets")
        yield _line(office, "our own verdicts looked at once more")
        yield _line(office, f"nothing changed in {spreadsheets} spreadsheets")
        for code in codes[:changed]:
            office.type_in(code, 7)
        yield _line(office, f"{changed} of {spreadsheets} spreadsheets changed")


def _line(office: SheetsOffice, what: str) -> str:
    begin = time.perf_counter()
    office.run()
    seconds = time.perf_counter() - begin
    asked = ", ".join(f"{count} {name}" for name, count in office.asked().items())
    return f"pass over Google Sheets, {what}: {asked}; {seconds:.2f} s"


if __name__ == "__main__":
    for line in main(*map(int, sys.argv[1:])):
        print(line)
