"""A whole open workbook made what it is in a built one, sheet after sheet, with what is typed meanwhile kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from sync.addin import cells, rewriting
from sync.addin.built import BuiltBook, Entry, Formula
from sync.addin.built import Sheet as BuiltSheet
from sync.addin.errors import AddinError, is_refusal
from sync.addin.rewriting import Current, Rectangle
from sync.answers.document import MAX_CELLS, Cell, Rows, cells_of, place_of, school_of
from sync.answers.elsewhere import serial
from sync.i18n import gettext as _
from sync.intake.guard import Limits
from sync.intake.values import Raw
from sync.landmarks import BASE_SHEET, PROGRESS_SHEET
from sync.outputs.office_workbook.data_sheet import SHEET as DATA_SHEET
from sync.text import fold

if TYPE_CHECKING:
    import xlwings as xw

_LIMITS = Limits(max_sheets=255, max_cells=MAX_CELLS)
_FIRST = (DATA_SHEET, PROGRESS_SHEET, BASE_SHEET)
"""What formulas count over, and what the officer typed beside what tells that; so that the two are never apart long."""


class NotWritten(AddinError):
    """Excel did not take what was written."""

    status = 409


@dataclass
class Written:
    """What was written into a workbook: the sheets, into how many rectangles, and how many cells these have."""

    sheets: list[str] = field(default_factory=list)
    rectangles: int = 0
    cells: int = 0

    def add(self, sheet: str, found: Sequence[Rectangle]) -> None:
        """Counts the rectangles of one sheet."""
        if found:
            self.sheets.append(sheet)
            self.rectangles += len(found)
            self.cells += sum((each.bottom - each.top + 1) * (each.right - each.left + 1) for each in found)


@dataclass(frozen=True)
class LiveSheets:
    """The sheets of an open workbook; see document.Sheets. Each is read in one call.

    Those that say what was decided stay in memory as they were when they were read first.
    """

    book: xw.Book

    @cached_property
    def _sheets(self) -> dict[str, xw.Sheet]:
        return cells.named(self.book, _LIMITS)

    @cached_property
    def _read(self) -> dict[str, Rows]:
        return {}

    @property
    def names(self) -> list[str]:
        """The names of all sheets, hidden ones too."""
        return list(self._sheets)

    def rows(self, name: str) -> Rows:
        """The rows of a sheet from A1 on, "" for a blank cell. Raises NotAReport where they are too many."""
        if name in self._read:
            return self._read[name]
        rows = cells.rows(self._sheets[name], _LIMITS)
        if fold(name) in (fold(PROGRESS_SHEET), fold(BASE_SHEET)):
            self._read[name] = rows
        return rows


def bring_up(book: xw.Book, built: BuiltBook, was: BuiltBook | None, before: LiveSheets) -> Written:
    """Writes into the open `book` what it lacks of `built`.

    was: the build that `book` was when it was opened, None where it is not known. before: what stood in `book` when the
    officer's columns were heard; what was typed there since stays. Raises NotWritten, NotAReport.
    """
    return _Rewriting(book, built, was, before).run()


def _not_written(sheet: str) -> NotWritten:
    message = _("Excel did not take all of the sheet {sheet}: take off its filters and its protection, click again.")
    return NotWritten(message.format(sheet=sheet))


@dataclass(frozen=True)
class _Rewriting:
    """See bring_up."""

    book: xw.Book
    built: BuiltBook
    was: BuiltBook | None
    before: LiveSheets

    @cached_property
    def _is_remote(self) -> bool:
        return str(self.book.app.engine.type) == "remote"

    def run(self) -> Written:
        """Writes sheet after sheet, so that no more than one is in memory twice."""
        written = Written()
        with self._quiet():
            names = {fold(name): sheet for name, sheet in cells.named(self.book, _LIMITS).items()}
            for name in sorted(
                self.built.names, key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST)
            ):
                written.add(name, self._rewrite(self.built.sheet(name), names.get(fold(name))))
                if name == BASE_SHEET:
                    self._rename()
        return written

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        """Excel neither draws nor calculates meanwhile; every total would be counted again after each call."""
        if self._is_remote:
            yield
        else:
            with self.book.app.properties(screen_updating=False, calculation="manual"):
                yield

    def _rewrite(self, built: BuiltSheet, sheet: xw.Sheet | None) -> Sequence[Rectangle]:
        is_known = sheet is not None
        if sheet is None:
            sheet = self.book.sheets.add(built.name, after=self.book.sheets[len(self.book.sheets) - 1])
        current = self._current(sheet)
        if built.name == PROGRESS_SHEET and is_known:
            _keep_typed(built, self.before.rows(str(sheet.name)), current.values)
        merged = self.was.merged(built.name) if self.was else built.merged
        found = self._write(sheet, built, current, merged)
        if found and not self._is_remote:
            self._make_sure(sheet, built)
        return found

    def _write(self, sheet: xw.Sheet, built: BuiltSheet, current: Current, merged: frozenset[str]) -> list[Rectangle]:
        try:
            return rewriting.rewrite(sheet, built, current, merged)
        except Exception as error:
            if not is_refusal(error):
                raise
            raise _not_written(built.name) from error

    def _current(self, sheet: xw.Sheet) -> Current:
        return Current(cells.rows(sheet, _LIMITS), None if self._is_remote else _formulas(sheet))

    def _make_sure(self, sheet: xw.Sheet, built: BuiltSheet) -> None:
        """What was written is read back: rows that a filter hides may not have taken it. Raises NotWritten."""
        if not rewriting.rectangles(built, self._current(sheet)):
            return
        filtered = self.was.sheet(built.name).filtered if self.was and built.name in self.was.names else built.filtered
        if filtered is not None:
            sheet.range(filtered).autofilter.clear()
            self._write(sheet, built, self._current(sheet), built.merged)
        if rewriting.rectangles(built, self._current(sheet)):
            raise _not_written(built.name)

    def _rename(self) -> None:
        """Lets the names that formulas count over reach as far as their rows; somebody may have deleted or moved them.

        The remote engine is not told where names lead.
        """
        known = self.was.ranges if self.was else {}
        for name, place in self.built.ranges.items():
            if known.get(name) == place if self._is_remote else self._leads_to(name, place):
                continue
            if name in self.book.names:
                self.book.names[name].refers_to = place
            else:
                self.book.names.add(name, place)

    def _leads_to(self, name: str, place: str) -> bool:
        return name in self.book.names and rewriting.is_same(Formula(place), None, self.book.names[name].refers_to)


def _formulas(sheet: xw.Sheet) -> list[list[object]]:
    """The formulas of what is used, from A1 on; in one call."""
    used = sheet.used_range
    found: object = used.formula
    lines = found if isinstance(found, list | tuple) else ((found,),)
    rows = [list(line) if isinstance(line, list | tuple) else [line] for line in lines]
    top, left = used.row - 1, used.column - 1
    return [*([] for _row in range(top)), *([None] * left + row for row in rows)]


def _keep_typed(built: BuiltSheet, heard: Rows, now: Rows) -> None:
    """Puts what was typed into the officer's columns since they were heard into `built`; the next pass hears it."""
    typed, place = _typed_since(heard, now), place_of(_raw(built.rows))
    if not typed or place is None:
        return
    for number, line in enumerate(_raw(built.rows)):
        school = school_of(line, place) if number > place.heading else ""
        for name, columns in place.columns.items():
            if (school, name) in typed:
                built.rows[number][columns[0]] = _entry(typed[school, name])


def _typed_since(heard: Rows, now: Rows) -> Mapping[Cell, Raw]:
    """The cells of the officer's columns that say something else than when they were heard, as they are now."""
    place_before, place = place_of(heard), place_of(now)
    if place is None:
        return {}
    said = cells_of(heard, place_before) if place_before else {}
    changed = {cell for cell, texts in cells_of(now, place).items() if cell in said and texts != said[cell]}
    found: dict[Cell, Raw] = {}
    for line in now[place.heading + 1 :] if changed else ():
        school = school_of(line, place)
        found |= {
            (school, name): line[columns[0]] for name, columns in place.columns.items() if (school, name) in changed
        }
    return found


def _raw(rows: Sequence[Sequence[Entry]]) -> list[list[Raw]]:
    return [["" if cell is None else cell for cell in row] for row in rows]


def _entry(raw: Raw) -> Entry:
    """What somebody typed, to be entered as it is."""
    if raw == "":
        return None
    return raw if isinstance(raw, str | bool | int | float) else serial(raw)
