"""Ranges in A1 notation, as far as Google's own parser is known.

https://developers.google.com/workspace/sheets/api/guides/concepts#cell: `Tab!A1:B2`, `Tab!A:A`, `Tab!1:2`,
`Tab!A5:A`, `A1:B2` of the first tab, and a tab's title alone; titles with other signs than letters, digits and `_` in
single quotes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_CORNER = re.compile(r"\$?([A-Za-z]{1,3})?\$?([1-9][0-9]{0,7})?")
_PLAIN = re.compile(r"[A-Za-z0-9_]+")
_CELL_LIKE = re.compile(r"[A-Za-z]{1,3}[0-9]+|[rR][0-9]*[cC][0-9]*")


@dataclass(frozen=True, slots=True)
class Box:
    """Rows and columns from 0, ends not included; an end that is None is open. `anchor`: only a corner was named."""

    top: int = 0
    left: int = 0
    bottom: int | None = None
    right: int | None = None
    anchor: bool = False

    def within(self, rows: int, columns: int) -> Box:
        """The part of the box that a grid has."""
        bottom = rows if self.bottom is None else min(self.bottom, rows)
        right = columns if self.right is None else min(self.right, columns)
        return Box(self.top, self.left, bottom, right, self.anchor)


def column_number(letters: str) -> int:
    """A is 0."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def column_letters(number: int) -> str:
    """0 is A."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def quoted(title: str) -> str:
    """A title as Google writes it before `!`."""
    if _PLAIN.fullmatch(title) and not _CELL_LIKE.fullmatch(title) and not title.isdigit():
        return title
    return "'" + title.replace("'", "''") + "'"


def text_of(title: str, box: Box) -> str:
    """A closed box as Google names it in an answer."""
    assert box.bottom is not None
    assert box.right is not None
    first = f"{column_letters(box.left)}{box.top + 1}"
    last = f"{column_letters(box.right - 1)}{box.bottom}"
    return f"{quoted(title)}!{first}" + (f":{last}" if last != first else "")


def parse(text: str, titles: Sequence[str]) -> tuple[str, Box] | None:
    """The tab and the box that `text` names in a spreadsheet with `titles` in their order; None where it names none."""
    title, corners = _split(text)
    if title is None:
        if text in titles:
            return text, Box()
        box = _box(corners)
        return (titles[0], box) if box else None
    if title not in titles:
        return None
    box = _box(corners) if corners else Box()
    return (title, box) if box else None


def _split(text: str) -> tuple[str | None, str]:
    """A title where there is one, without its quotes, and what stands behind it."""
    if text.startswith("'"):
        end = re.match(r"'((?:[^']|'')*)'(?:!(.+))?$", text, re.DOTALL)
        return (end[1].replace("''", "'"), end[2] or "") if end else ("", "?")
    title, mark, corners = text.rpartition("!")
    return (title, corners or "?") if mark else (None, text)


def _box(text: str) -> Box | None:
    corners = [_CORNER.fullmatch(corner) for corner in text.split(":")]
    if len(corners) > 2 or not all(corner and corner[0] for corner in corners):
        return None
    (first_column, first_row), (last_column, last_row) = [corner.groups() for corner in corners if corner][:1] * 2
    anchor = len(corners) == 1
    if anchor and not (first_column and first_row):
        return None
    if not anchor and corners[1]:
        last_column, last_row = corners[1].groups()
    columns = sorted(column_number(letters) for letters in (first_column, last_column) if letters)
    rows = sorted(int(row) - 1 for row in (first_row, last_row) if row)
    return Box(
        rows[0] if rows else 0,
        columns[0] if columns else 0,
        rows[-1] + 1 if last_row and rows else None,
        columns[-1] + 1 if last_column and columns else None,
        anchor,
    )
