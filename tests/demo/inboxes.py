"""Reading the demo's files without the project's own reader, so that what was planted is checked independently."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped, unused-ignore]
from python_calamine import CalamineWorkbook

from sync.demo import Planted, make
from sync.plan import Plan, Table
from sync.text import fold

_ADDRESS = re.compile(r"([A-Z]+)([0-9]+)")


@dataclass(frozen=True)
class Demo:
    """A demo workspace that was made."""

    plan: Plan
    folder: Path
    planted: Planted

    @property
    def inbox(self) -> Path:
        return self.folder / "nhan"

    def workbook(self, path: str) -> OpenWorkbook:
        return OpenWorkbook((self.inbox / path).read_bytes())


def made(plan: Plan, folder: Path, schools: int = 42, seed: int = 2024, source: Path | None = None) -> Demo:
    return Demo(
        plan, folder, make(folder, plan, schools=schools, seed=seed, plan_source=str(source) if source else None)
    )


class OpenWorkbook:
    """The sheets of a workbook by their names, and their cells by Excel's addresses."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self._book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        self.names = self._book.sheet_names

    @cached_property
    def cells(self) -> dict[str, dict[tuple[int, int], Any]]:
        found = {}
        for name in self.names:
            sheet = self._book.get_sheet_by_name(name)
            top, left = sheet.start or (0, 0)
            found[name] = {
                (top + row, left + column): value
                for row, values in enumerate(sheet.to_python())
                for column, value in enumerate(values)
                if value != ""
            }
        return found

    def at(self, sheet: str, address: str) -> Any:
        """The value of a cell, None where it is blank."""
        found = _ADDRESS.fullmatch(address)
        assert found, address
        column = 0
        for letter in found[1]:
            column = column * 26 + ord(letter) - 64
        return self.cells[sheet].get((int(found[2]) - 1, column - 1))

    def shown(self, sheet: str, address: str) -> Any:
        """The value of a cell of an xlsx as openpyxl sees it: python-calamine has nothing for cells with errors."""
        return openpyxl.load_workbook(io.BytesIO(self.content), data_only=True)[sheet][address].value

    def rows(self, table: Table) -> dict[str, dict[str, Any]]:
        """The fill-in cells of a table by row code and column id, found by headings and codes wherever they stand."""
        name = next((own for own in self.names if fold(own) == fold(table.sheet)), None)
        if name is None:
            return {}
        cells = self.cells[name]
        (top, code_column) = next(place for place, value in sorted(cells.items()) if value == "Mã")
        headings = {fold(str(value)): column for (row, column), value in cells.items() if row == top}
        columns = {c.id: headings[fold(c.heading)] for c in table.columns if fold(c.heading) in headings}
        codes = {
            fold(str(value)).strip(): row
            for (row, column), value in sorted(cells.items(), reverse=True)
            if column == code_column and row > top
        }
        return {
            code: {name: _plain(cells.get((codes[fold(code)], column))) for name, column in columns.items()}
            for code in table.rows_by_code
            if fold(code) in codes
        }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def is_number(value: object) -> bool:
    return isinstance(value, int | float)


def is_day(value: object) -> bool:
    return isinstance(value, date)
