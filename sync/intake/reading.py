"""What reading a file gives: plain values that cross the border of a process cheaply. Nothing here judges.

The child process imports this module and its neighbours only, never pandas or pydantic.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

Value = str | float | int | date | None
"""A typed cell: text, whole number (int), number (float), date; None where blank or unreadable."""


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """What the reader must know of a fill-in column; `kind` as in the plan."""

    id: str
    heading: str
    kind: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableSpec:
    """What the reader must know of a table."""

    id: str
    sheet: str
    headings: tuple[str, ...]
    """Headings of the printed columns; with the code column they help to recognise the heading row."""
    columns: tuple[ColumnSpec, ...]
    codes: tuple[str, ...]
    """Row codes."""
    sections: tuple[str, ...] = ()
    printed: tuple[tuple[str, ...], ...] = ()
    """What is printed in each row of `codes`, one text per heading of `headings`; empty where it is not compared."""


@dataclass(frozen=True, slots=True)
class PlanSpec:
    """What the reader must know of a plan."""

    code: str
    version: str
    tables: tuple[TableSpec, ...]


class Observation(NamedTuple):
    """Something seen while reading that may become a finding; `code` is a finding code of the catalogue."""

    code: str
    table: str | None = None
    sheet: str | None = None
    cell: str | None = None
    row: str | None = None
    """Row code."""
    column: str | None = None
    """Column id."""
    value: str | float | int | None = None
    """The value seen, as text where it is no number."""
    params: tuple[tuple[str, str], ...] = ()
    """Named parts of the message."""


class RowReading(NamedTuple):
    """A row of a table, found by its code."""

    code: str
    number: int
    """Excel's row number."""
    values: tuple[Value, ...]
    """One per fill-in column of the table, in the plan's order."""


@dataclass(slots=True)
class TableReading:
    """A table that was found."""

    id: str
    sheet: str
    """The sheet's name as it stands in the file."""
    letters: tuple[str | None, ...]
    """Excel's column letters per fill-in column, in the plan's order; None where the column is missing."""
    rows: list[RowReading]
    """In the order of the sheet; each code once."""


@dataclass(slots=True)
class Reading:
    """A file that was read, or why it could not be.

    `refused` is set when nothing of the file can be used; then `observations` says why.
    """

    refused: bool = False
    plan: str | None = None
    template_version: str | None = None
    school: str | None = None
    period: str | None = None
    seal: str | None = None
    tables: list[TableReading] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
