"""Findings as data: one frame for all files.

receipt   int64   position of the file in the judged sequence
code      object  a code of the catalogue or the id of a rule of the plan
severity  object  'error' or 'warning'
table, sheet, cell, row, column  object  where: table id, sheet name, Excel address, row code, column id, or None
value     object  the value seen (text or number), or None
params    object  mapping of the named parts of the message
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sync.checks.catalogue import severity_of
from sync.intake.reading import Reading
from sync.plan import Plan, Table

Params = dict[str, str] | Callable[[Any], dict[str, str]] | None

COLUMNS = ["receipt", "code", "severity", "table", "sheet", "cell", "row", "column", "value", "params"]


class Finding(NamedTuple):
    """One finding; see the module's description."""

    receipt: int
    code: str
    severity: str
    table: str | None = None
    sheet: str | None = None
    cell: str | None = None
    row: str | None = None
    column: str | None = None
    value: str | float | int | None = None
    params: dict[str, str] = {}  # noqa: RUF012 - never changed


def of_file(receipt: int, code: str, plan: Plan | None, **params: str) -> Finding:
    """A finding about the file as a whole."""
    return Finding(receipt, code, severity_of(code, plan), params=params)


def of_observations(receipt: int, reading: Reading, plan: Plan | None) -> list[Finding]:
    """What the reader saw, as findings."""
    return [
        Finding(
            receipt,
            seen.code,
            severity_of(seen.code, plan),
            seen.table,
            seen.sheet,
            seen.cell,
            seen.row,
            seen.column,
            seen.value,
            dict(seen.params),
        )
        for seen in reading.observations
    ]


class TableMarker:
    """Makes findings on the cells of one table's frame."""

    def __init__(self, frame: pd.DataFrame, table: Table, plan: Plan) -> None:
        self.frame, self.table, self.plan = frame, table, plan

    def mark(self, mask: np.ndarray, code: str, column: str, params: Params = None) -> list[Finding]:
        """A finding for each row where `mask` holds, on the cell of `column`.

        `params` are the named parts of the message: the same for all, or a function of the value seen. Cells of
        missing columns are left out: the missing column is a finding of its own.
        """
        at = np.flatnonzero(mask & self.frame[f"{column}:letters"].notna().to_numpy())
        if not len(at):
            return []
        severity = severity_of(code, self.plan)
        # What a school composes is not repeated: a finding goes further than the workbook it is about.
        free = self.table.columns_by_id[column].free
        rows = self.frame.iloc[at]
        places = zip(rows["receipt"].tolist(), rows["sheet"], rows["number"].tolist(), rows["row"], strict=True)
        cells = zip(rows[f"{column}:letters"], rows[column], strict=True)
        return [
            Finding(
                receipt,
                code,
                severity,
                self.table.id,
                sheet,
                f"{letters}{number}",
                row,
                column,
                None if free else seen(value),
                params(value) if callable(params) else params or {},
            )
            for (receipt, sheet, number, row), (letters, value) in zip(places, cells, strict=True)
        ]


def seen(value: Any) -> str | float | int | None:
    """`value` of a frame as a finding shows it: whole numbers without a fraction, dates as day/month/year."""
    if value is None or pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, str | int | float) else str(value)


def as_frame(findings: Iterable[Finding], plan: Plan | None) -> pd.DataFrame:
    """The findings as a frame, in the order of files, of the plan's tables, of rows and of columns."""
    tables = [table.id for table in plan.all_tables] if plan else []
    columns: dict[tuple[str, str], int] = (
        {(t.id, c.id): at for t in plan.all_tables for at, c in enumerate(t.columns)} if plan else {}
    )

    def place(finding: Finding) -> tuple[int, int, int, int, str, str]:
        table = tables.index(finding.table) if finding.table in tables else -1
        number = int("".join(filter(str.isdigit, finding.cell or "")) or 0)
        column = columns.get((str(finding.table), str(finding.column)), -1)
        return (finding.receipt, table, number, column, finding.code, finding.row or "")

    columns_of = list(zip(*sorted(findings, key=place), strict=True)) or [()] * len(COLUMNS)
    # Each column by itself: pandas would make strings of objects, and NaN of None.
    series = {name: pd.Series(values, dtype=object) for name, values in zip(COLUMNS, columns_of, strict=True)}
    return pd.DataFrame(series).astype({"receipt": np.int64})
