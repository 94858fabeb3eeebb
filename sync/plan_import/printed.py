"""Tables as they are printed: what is read of a document, before anybody knows what it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

Cell = str | None
"""A text on one line; None where a cell above reaches down into this one."""


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """A table: its number in the document (from 1), its name ("" in Word), its rows.

    Rows have a cell per grid column; cells to the right of a merged one are "". numbered: rows (zero-based) with a
    cell whose number Word counts by itself, so that no text is there to read.
    """

    number: int
    name: str
    rows: Sequence[Sequence[Cell]]
    numbered: frozenset[int] = field(default_factory=frozenset)
