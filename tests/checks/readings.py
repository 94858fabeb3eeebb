"""Readings by hand: a sound report of the other plan's shape, to be spoilt cell by cell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sync.intake.reading import Reading, RowReading, TableReading, Value
from sync.plan import Plan
from sync.text import column_letters

FIRST_ROW = 9
"""Excel's number of the first row of every table made here."""


def reading(plan: Plan, cells: dict[tuple[str, str, str], Value], **identity: Any) -> Reading:
    """A reading with all tables, blank but for `cells` (table, row code, column id): fill-in columns from F on."""
    tables = []
    for table in plan.all_tables:
        rows = [
            RowReading(row.code, FIRST_ROW + at, tuple(cells.get((table.id, row.code, c.id)) for c in table.columns))
            for at, row in enumerate(table.rows)
        ]
        letters = tuple(column_letters(5 + at) for at, _column in enumerate(table.columns))
        tables.append(TableReading(table.id, table.sheet, letters, rows))
    said = {"plan": plan.code, "template_version": plan.version, "school": "TH01", "period": "2024-2025/HK1"}
    return Reading(tables=tables, **(said | identity))


def cell(plan: Plan, table: str, row: str, column: str) -> str:
    """The address of a cell of `reading`."""
    found = next(each for each in plan.all_tables if each.id == table)
    letters = column_letters(5 + [c.id for c in found.columns].index(column))
    return f"{letters}{FIRST_ROW + [r.code for r in found.rows].index(row)}"


def without_row(whole: Reading, table: str, code: str) -> Reading:
    """`whole` without one row of a table."""
    tables = [
        TableReading(t.id, t.sheet, t.letters, [r for r in t.rows if (t.id, r.code) != (table, code)])
        for t in whole.tables
    ]
    return replace(whole, tables=tables)


def without_column(whole: Reading, plan: Plan, table: str, column: str) -> Reading:
    """`whole` without one fill-in column of a table."""
    ids = [c.id for c in next(t for t in plan.all_tables if t.id == table).columns]
    at = ids.index(column)
    tables = []
    for part in whole.tables:
        if part.id == table:
            letters = tuple(None if i == at else each for i, each in enumerate(part.letters))
            rows = [r._replace(values=tuple(None if i == at else v for i, v in enumerate(r.values))) for r in part.rows]
            tables.append(TableReading(part.id, part.sheet, letters, rows))
        else:
            tables.append(part)
    return replace(whole, tables=tables)
