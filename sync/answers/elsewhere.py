"""Whether somebody typed outside the marked columns: one workbook against itself as it was written.

Sorting, filtering, hiding and deleting rows, and saving in another program, are no difference: the values of each
sheet's rows are compared, in any order of the rows. Pure: workbooks in, places out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain

from sync.answers.document import Place, Rows, Sheets, place_of, school_of
from sync.intake.values import Raw
from sync.landmarks import BASE_SHEET
from sync.text import address, fold

SHOWN_CELLS = 5
SHOWN_SHEETS = 3
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  # days of workbooks have no time zone
_DIGITS = 10
"""Digits that two programs' floating point agrees in; of a moment, its second."""

Line = tuple[str, ...]


def differences(there: Sheets, written: Sheets, *, only_ours: bool = False) -> dict[str, list[str]]:
    """The sheets of `there` with rows that `written` has not, and the first cells of each. Raises NotReadable.

    only_ours: sheets that `written` has not are passed over.
    """
    before = {fold(name): name for name in written.names}
    found: dict[str, list[str]] = {}
    for name in there.names:
        if fold(name) == fold(BASE_SHEET) or (only_ours and fold(name) not in before):
            continue
        rows = written.rows(before[fold(name)]) if fold(name) in before else ()
        if cells := changed_cells(there.rows(name), rows):
            found[name] = cells
    return found


def told(changed: Mapping[str, Sequence[str]]) -> str:
    """Sheets and cells in a few words."""
    more = "; …" if len(changed) > SHOWN_SHEETS else ""
    return "; ".join(f"{sheet}: {', '.join(cells)}" for sheet, cells in list(changed.items())[:SHOWN_SHEETS]) + more


def changed_cells(there: Rows, *written: Rows) -> list[str]:
    """The addresses of the first cells of a sheet in rows that none of the sheets `written` has."""
    known = Counter(line for rows in written for _number, line in _lines(rows))
    new = []
    for number, line in _lines(there):
        if known[line]:
            known[line] -= 1
        else:
            new.append((number, line))
    # What was there and is not any more: the row that was typed into is the one most like it.
    left = list(known.elements())
    return [cell for number, line in new[:SHOWN_CELLS] for cell in _cells(number, line, left)][:SHOWN_CELLS]


def _cells(number: int, line: Line, left: Sequence[Line]) -> list[str]:
    nearest = max(left[:1000], key=lambda other: _alike(line, other), default=())
    changed = [
        column
        for column, value in enumerate(line)
        if value != (nearest[column] if column < len(nearest) else "") and (value or column < len(nearest))
    ]
    return [address(number, column) for column in changed] or [address(number, 0)]


def _alike(one: Line, other: Line) -> int:
    return sum(mine == theirs for mine, theirs in zip(one, other, strict=False))


def _lines(rows: Rows) -> Iterator[tuple[int, Line]]:
    """The rows that hold anything, with their zero-based numbers; what the officer may type is left out."""
    place = place_of(rows)
    for number, row in enumerate(rows):
        line = [_value(cell) for cell in row]
        if place and number > place.heading and school_of(row, place):
            _leave_out(line, place)
        while line and not line[-1]:
            line.pop()
        if line:
            yield number, tuple(line)


def _leave_out(line: list[str], place: Place) -> None:
    for column in chain.from_iterable(place.columns.values()):
        line[column] = ""


def _value(raw: Raw) -> str:
    """A cell's value as a text that is the same for every program that saves it."""
    if isinstance(raw, str):
        return raw.replace("\r\n", "\n").replace("_x000D_", "").strip()
    return _number(serial(raw) if isinstance(raw, date | time | timedelta) else float(raw))


def serial(raw: date | time | timedelta) -> float:
    """Excel's serial number."""
    if isinstance(raw, time):
        return (raw.hour * 3600 + raw.minute * 60 + raw.second) / 86400
    if isinstance(raw, timedelta):
        return raw / timedelta(days=1)
    moment = raw if isinstance(raw, datetime) else datetime.combine(raw, time())
    return (moment.replace(tzinfo=None) - _DAY_ZERO) / timedelta(days=1)


def _number(value: float) -> str:
    return f"{value:.{_DIGITS}g}"
