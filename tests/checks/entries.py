"""Entries by hand as sync.consolidate.Facts has them: fill-in columns from F on, rows from row 9 on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sync.consolidate import dtype_of
from sync.plan import Plan, Table, TableId
from sync.text import column_letters
from tests.checks.readings import FIRST_ROW

Cells = Mapping[tuple[str, str, str], Any]
"""Values by table, row code and column."""


def entries(plan: Plan, reports: Mapping[str, Cells], letters: bool = True) -> dict[TableId, pd.DataFrame]:
    """The entries of `reports`, by school; receipts are numbered in their order, from 1 on."""
    return {table.id: _frame(table, reports, letters) for table in plan.all_tables}


def _frame(table: Table, reports: Mapping[str, Cells], letters: bool) -> pd.DataFrame:
    rows = [
        _row(table, at, {column: value for (of, code, column), value in cells.items() if (of, code) == (table.id, row)})
        | {"receipt": receipt, "school": school}
        for receipt, (school, cells) in enumerate(reports.items(), start=1)
        for at, row in enumerate(each.code for each in table.rows)
        if any(cells.get((table.id, row, column.id)) is not None for column in table.columns)
    ]
    kinds = {"receipt": "int64", "school": "object", "row": "object", "sheet": "object", "cell": "object"}
    kinds |= {"excel_row": "int64"} | {column.id: dtype_of(column) for column in table.columns}
    if letters:
        kinds |= {f"{column.id}:letters": "object" for column in table.columns}
    data = {name: pd.Series([row.get(name) for row in rows], dtype=kind) for name, kind in kinds.items()}
    return pd.DataFrame(data)


def _row(table: Table, at: int, values: Mapping[str, Any]) -> dict[str, Any]:
    number = FIRST_ROW + at
    places = {f"{column.id}:letters": column_letters(5 + at) for at, column in enumerate(table.columns)}
    fixed = {"row": table.rows[at].code, "sheet": table.sheet, "cell": f"F{number}", "excel_row": number}
    return {**fixed, **places, **values}


def shuffled(frames: Mapping[TableId, pd.DataFrame], seed: int) -> dict[TableId, pd.DataFrame]:
    """The same entries in another order."""
    return {name: frame.sample(frac=1, random_state=seed, ignore_index=True) for name, frame in frames.items()}
