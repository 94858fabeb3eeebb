"""Making one sheet of an open workbook what it is in a built one: the cells that differ, in few rectangles.

Only what differs is written, because each write is a call into another program. Formulas are written as formulas.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sync.addin.built import Entry, Formula
from sync.addin.built import Sheet as BuiltSheet
from sync.answers.elsewhere import serial
from sync.text import address

if TYPE_CHECKING:
    import xlwings as xw

    from sync.addin.cells import Rows

MOST_RECTANGLES = 12
"""So often a sheet is written to at most; rows between two changes are written too then."""
LONGEST_IN_BLOCK = 8000
"""Characters of a text that is written together with others; a longer one is written alone, as a cell takes it."""
MOST_CELLS = 100_000
"""So many cells are written at once, as xlwings does too (DEFAULT_MAX_CELLS_PER_WRITE)."""
_WORDS = re.compile(r"[^\W\d_]\D*")
_HALF_SECOND = 0.5 / 86400

Formulas = Sequence[Sequence[object]]
"""The formulas of a sheet from A1 on; what is no formula stands there in any way."""


class Rectangle(NamedTuple):
    """Zero-based, the last row and column included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Current:
    """What stands in a sheet now, from A1 on. formulas: None where the client does not tell them."""

    values: Rows
    formulas: Formulas | None = None

    @property
    def height(self) -> int:
        """How many rows are used."""
        return len(self.values)


def rewrite(sheet: xw.Sheet, built: BuiltSheet, current: Current, merged: frozenset[str]) -> list[Rectangle]:
    """Writes into `sheet` what it lacks of `built`; gives the rectangles.

    merged: the ranges that are merged there now.
    """
    found = rectangles(built, current)
    if not found:
        return found
    for each in sorted(merged - built.merged):
        sheet.range(each).unmerge()
    _dress_new_rows(sheet, built, current.height)
    for rectangle in found:
        _write(sheet, built, rectangle)
    for each in sorted(built.merged - merged):
        sheet.range(each).merge()
    if built.table is not None and built.table[0] in sheet.tables:
        sheet.tables[built.table[0]].resize(sheet.range(built.table[1]))
    return found


def rectangles(built: BuiltSheet, current: Current) -> list[Rectangle]:
    """The rectangles of cells that differ, at most MOST_RECTANGLES; cells between them that do not may be in them."""
    rows = [(row, span) for row, span in _differing(built, current) if span]
    gap = 1
    found = _bands(rows, gap)
    while len(found) > MOST_RECTANGLES:
        gap *= 2
        found = _bands(rows, gap)
    return found


def _differing(built: BuiltSheet, current: Current) -> Iterator[tuple[int, tuple[int, int] | None]]:
    """Each row with its first and last column that differ."""
    height = max(len(built.rows), current.height)
    for row in range(height):
        line = built.rows[row] if row < len(built.rows) else ()
        values = current.values[row] if row < current.height else ()
        formulas = (current.formulas[row] if row < len(current.formulas) else ()) if current.formulas else None
        columns = [
            column for column in range(max(len(line), len(values))) if not _is_there(line, values, formulas, column)
        ]
        yield row, (columns[0], columns[-1]) if columns else None


def _is_there(line: Sequence[Entry], values: Sequence[object], formulas: Sequence[object] | None, column: int) -> bool:
    entry = line[column] if column < len(line) else None
    value = values[column] if column < len(values) else ""
    formula = formulas[column] if formulas is not None and column < len(formulas) else None
    return is_same(entry, value, formula)


def is_same(entry: Entry, value: object, formula: object) -> bool:
    """Whether a cell with this value and formula (None: not known) is what `entry` makes it.

    A formula that is not known is never the same: what it gives may be, and it lead to another place.
    """
    if isinstance(entry, Formula):
        return isinstance(formula, str) and _plain(formula) == _plain(entry)
    if isinstance(formula, str) and formula.startswith("=") and formula != entry:
        return False
    return _is_same_value(entry, value)


def _is_same_value(entry: Entry, value: object) -> bool:
    if entry is None:
        return value is None or value == ""
    if isinstance(entry, str):
        return isinstance(value, str) and value.replace("\r\n", "\n") == entry.replace("\r\n", "\n")
    if isinstance(entry, bool) or isinstance(value, bool):
        return value is entry
    return _is_same_number(entry, value)


def _is_same_number(entry: float, value: object) -> bool:
    if isinstance(value, date | time | timedelta):
        return abs(serial(value) - entry) < _HALF_SECOND
    return isinstance(value, int | float) and f"{value:.15g}" == f"{entry:.15g}"


def _plain(formula: str) -> str:
    """A formula without what Excel writes in its own way: quotes around sheets' names, spaces, capital letters."""
    parts = formula.split('"')
    outside = (part.replace("'", "").replace(" ", "").replace("@", "").casefold() for part in parts[::2])
    inside = [*parts[1::2], ""]
    return '"'.join(each for pair in zip(outside, inside, strict=False) for each in pair)


def _bands(rows: Iterable[tuple[int, tuple[int, int] | None]], gap: int) -> list[Rectangle]:
    found: list[Rectangle] = []
    for row, span in rows:
        left, right = span or (0, 0)
        last = found[-1] if found else None
        if last is not None and row - last.bottom <= gap:
            found[-1] = Rectangle(last.top, min(last.left, left), row, max(last.right, right))
        else:
            found.append(Rectangle(row, left, row, right))
    return found


def _write(sheet: xw.Sheet, built: BuiltSheet, whole: Rectangle) -> None:
    """Writes one rectangle, a block of it after the other: a client takes only so much at once."""
    height = max(1, MOST_CELLS // (whole.right - whole.left + 1))
    for top in range(whole.top, whole.bottom + 1, height):
        _write_block(sheet, built, whole._replace(top=top, bottom=min(top + height - 1, whole.bottom)))


def _write_block(sheet: xw.Sheet, built: BuiltSheet, block: Rectangle) -> None:
    lines = [_line(built, row, block) for row in range(block.top, block.bottom + 1)]
    if all(entry is None for line in lines for entry in line):
        _range(sheet, block).clear_contents()
        return
    long = [
        Rectangle(row, column, row, column)
        for row, line in enumerate(lines, block.top)
        for column, entry in enumerate(line, block.left)
        if isinstance(entry, str) and len(entry) > LONGEST_IN_BLOCK
    ]
    texts = [[entered(entry) for entry in line] for line in lines]
    alone = [(each, texts[each.top - block.top][each.left - block.left]) for each in long]
    for each in long:
        texts[each.top - block.top][each.left - block.left] = ""
    # Range.value keeps each sheet of the remote engine in memory for ever (get_range_api of xlwings 0.37.8).
    _range(sheet, block).raw_value = texts
    for each, text in alone:
        _range(sheet, each).raw_value = [[text]]


def _line(built: BuiltSheet, row: int, block: Rectangle) -> list[Entry]:
    line = built.rows[row][block.left : block.right + 1] if row < len(built.rows) else []
    return [*line, *[None] * (block.right - block.left + 1 - len(line))]


def entered(entry: Entry) -> str | float | bool:
    """What is typed so that a cell becomes `entry`.

    An apostrophe keeps a text a text: Excel takes 1/2 for a day, 007 for a number, and what begins with a sign of
    arithmetic for a formula.
    """
    if entry is None:
        return ""
    if isinstance(entry, Formula):
        return str(entry)
    if isinstance(entry, str):
        return entry if _stays_text(entry) else f"'{entry}"
    return entry


def _stays_text(text: str) -> bool:
    """Whether a text is taken for nothing else wherever it is typed: words without digits."""
    return _WORDS.fullmatch(text) is not None and text.strip().casefold() not in ("true", "false")


def _dress_new_rows(sheet: xw.Sheet, built: BuiltSheet, height: int) -> None:
    """Numbers in rows that were not used yet are shown as what they are, such as days."""
    for column in sorted({column for row in built.formats[height:] for column in row}):
        for top, bottom, look in _looks(built, column, height):
            _range(sheet, Rectangle(top, column, bottom, column)).number_format = look


def _looks(built: BuiltSheet, column: int, first: int) -> list[tuple[int, int, str]]:
    """The number formats of a column from the row `first` on; a text or a blank cell has whichever is near."""
    found: list[tuple[int, int, str]] = []
    is_open = False
    for row in range(first, len(built.rows)):
        look, entry = built.formats[row].get(column), built.rows[row][column] if column < len(built.rows[row]) else None
        if look and is_open and found[-1][2] == look:
            found[-1] = (found[-1][0], row, look)
        elif look:
            found.append((row, row, look))
        is_open = bool(look) or (
            is_open and (entry is None or (isinstance(entry, str) and not isinstance(entry, Formula)))
        )
    return found


def _range(sheet: xw.Sheet, each: Rectangle) -> xw.Range:
    return sheet.range(f"{address(each.top, each.left)}:{address(each.bottom, each.right)}")
