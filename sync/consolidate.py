"""All schools' entries of one period → the figures that the office reports. Pure: frames in, frames out.

What counts is the newest accepted receipt of each school that owes a report. Every figure here has a formula in the
consolidated workbook that gives the same value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas import DataFrame, Index

from sync.decisions import Decisions
from sync.decisions.effects import answered
from sync.notices.due import Upcoming
from sync.periods import Period
from sync.plan import Column, Plan, Row, Stage, Table, TableId
from sync.schools import Schools
from sync.standing import Standing

if TYPE_CHECKING:
    from pandas import Series

    from sync.changes import Recent
    from sync.comparing import PeriodFigures

STANDINGS: tuple[Standing, ...] = ("on_time", "late", "to_mend", "missing", "due_soon", "not_due", "excused")
STAGES: tuple[Stage, ...] = ("done", "under_way", "not_begun", "not_applicable")

BLANK, NO_REPORT, NOT_FOR_LEVEL = -1, -2, -3
"""Cells of the matrix that hold no choice: nothing entered, no report that counts, no row of the school's level."""

NUMERATOR, DENOMINATOR = "numerator", "denominator"
"""Columns of a table with these ids give a share."""


@dataclass(frozen=True)
class Outlook:
    """What is known beyond the period.

    run: the number of the pass that builds the workbook, None outside of one. coming: what is sent next. earlier: the
    figures of the schools' periods before this one, oldest first.
    """

    run: int | None = None
    coming: tuple[Upcoming, ...] = ()
    earlier: Sequence[PeriodFigures] = ()


@dataclass(frozen=True)
class Facts:
    """What is known of one period.

    standings: what sync.standing.standings gives: one row per school that owes a report, in the schools' order, with
        code, name, level, unit, standing (str), due, received_at, accepted_at, first_accepted_at (aware or NaT),
        days_late, receipts, errors, warnings (int64).
    receipts: all receipts of the period: id (int64), sha256, school (str or None), period, path, source, received_at
        (aware UTC), status ('accepted', 'to_mend', 'refused'), rows_read, rows_accepted, rows_rejected, rows_blank,
        in_sight (bool: the file lies in a source now).
    counted: the newest accepted receipt of each school, same columns.
    entries: by table, the entries of the counted receipts: receipt (int64), school, row, sheet, cell (str), excel_row,
        then a column per fill-in column: float64 for whole and number, datetime64 for date, else str or None.
    findings: of each school's newest receipt and of refused files: receipt, school, file, code, severity, table,
        sheet, cell, row, column, value, message, fix; and of their receipt sha256, source (str or None), in_sight
        (bool or None), received_at (aware UTC or NaT).
    notes: sentences for the officer.
    doubles: for schools with several files in the sources, by code, a sentence that names the one that counts.
    decisions: what the officer decided, of all periods.
    outlook: the pass that builds the workbook, and what is sent next.
    """

    plan: Plan
    period: Period
    schools: Schools
    standings: DataFrame
    receipts: DataFrame
    counted: DataFrame
    entries: Mapping[TableId, DataFrame]
    findings: DataFrame
    notes: list[str] = field(default_factory=list)
    doubles: Mapping[str, str] = field(default_factory=dict)
    decisions: Decisions = field(default_factory=Decisions)
    outlook: Outlook = field(default_factory=Outlook)


@dataclass(frozen=True)
class TableFigures:
    """What the schools' entries in one table add up to. Every frame is indexed by row code, in the plan's order.

    reports: entries per row (int64).
    applicable: schools with a report that counts whose level fills the row (int64).
    counts: by choice column, how often each of its values was chosen (int64, a column per value).
    sums: of the number columns (float64; NaN where the cell is closed).
    sums_by_level: the same, per level of the plan.
    """

    table: Table
    reports: Series[int]
    applicable: Series[int]
    counts: Mapping[str, DataFrame]
    sums: DataFrame
    sums_by_level: Mapping[str, DataFrame]

    @cached_property
    def stages(self) -> DataFrame:
        """Schools by stage (columns STAGES, int64); zero where the table has no column of progress."""
        status = self.table.status_column
        stages = pd.DataFrame(0, index=self.reports.index, columns=list(STAGES), dtype="int64")
        for choice in status.choices if status else ():
            if status and choice.stage:
                stages[choice.stage] += self.counts[status.id][choice.value]
        return stages

    @cached_property
    def applies(self) -> Series[int]:
        """Schools to which the row applies: `applicable` less those that say it does not (int64)."""
        return self.applicable - self.stages["not_applicable"]

    @property
    def has_share(self) -> bool:
        return {NUMERATOR, DENOMINATOR} <= {column.id for column in self.table.columns if column.is_number}


@dataclass(frozen=True)
class Consolidated:
    """Everything that the consolidated workbook shows of one period.

    progress: the standings with `counted` (bool), `counted_at` (aware UTC or NaT), and of the receipt that counts
        `file`, `sha256`, `source` (str or None) and `in_sight` (bool or None).
    overdue: the rows of `progress` that came late or are still owed after the due moment.
    entries: as in Facts, of the schools in `progress` only, with name, level, unit, and of their receipt file, sha256,
        source, in_sight and received_at.
    matrix: school code × activity code, int8: index of the choice, or BLANK, NO_REPORT, NOT_FOR_LEVEL. None where
        activities have no column of progress.
    findings: as in Facts with the school's `name`; in the schools' order, files of unknown schools last.
    refused: the receipts of which nothing can be used.
    standings: schools by standing.
    """

    plan: Plan
    period: Period
    progress: DataFrame
    overdue: DataFrame
    entries: Mapping[TableId, DataFrame]
    tables: Mapping[TableId, TableFigures]
    matrix: DataFrame | None
    findings: DataFrame
    refused: DataFrame
    standings: Mapping[Standing, int]
    notes: tuple[str, ...]
    doubles: Mapping[str, str] = field(default_factory=dict)
    decisions: Decisions = field(default_factory=Decisions)
    outlook: Outlook = field(default_factory=Outlook)
    spreadsheets: Mapping[str, str] = field(default_factory=dict)
    """The ids of the Google Sheets that schools report in, by school code."""
    answered: frozenset[str] = frozenset()
    """The schools that have sent again what the officer had given back."""
    recent: Recent | None = None
    """What changed lately; None where nobody asked."""

    def schools_standing(self, standing: Standing) -> list[str]:
        """Names of the schools with this standing, in the schools' order."""
        return [str(name) for name in self.progress.loc[self.progress["standing"] == standing, "name"]]


def consolidate(facts: Facts) -> Consolidated:
    """The figures of the period. Entries of schools that owe no report are left out, and a note says so."""
    progress = _progress(facts)
    strangers = sorted(set(facts.counted["school"].dropna()) - set(progress["code"]))
    entries = {table.id: _entries(facts, table, progress) for table in facts.plan.all_tables}
    levels = progress.loc[progress["counted"], "level"].value_counts()
    figures = {table.id: _figures(facts.plan, table, entries[table.id], levels) for table in facts.plan.all_tables}
    standings = progress["standing"].value_counts()
    return Consolidated(
        plan=facts.plan,
        period=facts.period,
        progress=progress,
        overdue=_overdue(progress),
        entries=entries,
        tables=figures,
        matrix=_matrix(facts.plan.tables["activities"], progress, entries["activities"]),
        findings=_findings(facts, progress),
        refused=facts.receipts[facts.receipts["status"] == "refused"].reset_index(drop=True),
        standings={standing: int(standings.get(standing, 0)) for standing in STANDINGS},
        notes=(*facts.notes, *(_stranger_note(code) for code in strangers)),
        doubles=facts.doubles,
        decisions=facts.decisions,
        outlook=facts.outlook,
        spreadsheets={school.code: school.spreadsheet for school in facts.schools if school.spreadsheet},
        answered=answered(facts.receipts, facts.decisions, facts.period.key),
    )


def _stranger_note(code: str) -> str:
    return f"Trường {code} có báo cáo nhưng không thuộc diện báo cáo của kỳ này; số liệu không được tính."


def _progress(facts: Facts) -> DataFrame:
    counted = facts.counted.drop_duplicates("school", keep="last").set_index("school")
    progress = facts.standings.reset_index(drop=True)
    return progress.assign(
        counted=progress["code"].isin(counted.index),
        counted_at=_looked_up(counted["received_at"], progress["code"]).astype("datetime64[us, UTC]"),
        **{to: _looked_up(counted[of], progress["code"]).astype(object) for of, to in _OF_RECEIPT.items()},
    )


def _overdue(progress: DataFrame) -> DataFrame:
    owed = progress["standing"].isin(["missing", "late"])
    mending = (progress["standing"] == "to_mend") & (progress["days_late"] > 0)
    return progress[owed | mending].reset_index(drop=True)


def _entries(facts: Facts, table: Table, progress: DataFrame) -> DataFrame:
    entries = facts.entries.get(table.id)
    if entries is None:
        entries = empty_entries(table)
    entries = entries[entries["school"].isin(progress["code"])].reset_index(drop=True)
    schools = progress.set_index("code")
    receipts = facts.counted.drop_duplicates("id").set_index("id")
    return entries.assign(
        **{name: _looked_up(schools[name], entries["school"]).astype(object) for name in ("name", "level", "unit")},
        **{to: _looked_up(receipts[of], entries["receipt"]).astype(object) for of, to in _OF_RECEIPT.items()},
        received_at=_looked_up(receipts["received_at"], entries["receipt"]).astype("datetime64[us, UTC]"),
    )


_OF_RECEIPT = {"path": "file", "sha256": "sha256", "source": "source", "in_sight": "in_sight"}
"""Columns of receipts → what they are called where a receipt is named beside other things."""


def _looked_up(values: Series[Any], keys: Series[Any]) -> Series[Any]:
    """The value of each key, blank where there is none, with the index of `keys`."""
    # Not map(): it takes an empty series of moments for one of numbers.
    return values.reindex(pd.Index(keys)).set_axis(keys.index)


def empty_entries(table: Table) -> DataFrame:
    """The entries of `table` where there are none, with the columns and dtypes of Facts.entries."""
    fixed = {"receipt": "int64", "school": "object", "row": "object", "sheet": "object", "cell": "object"}
    kinds = {**fixed, "excel_row": "int64", **{column.id: dtype_of(column) for column in table.columns}}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})


def dtype_of(column: Column) -> str:
    """The pandas dtype of a fill-in column."""
    if column.is_number:
        return "float64"
    return "datetime64[s]" if column.kind == "date" else "object"


def _figures(plan: Plan, table: Table, entries: DataFrame, levels: Series[int]) -> TableFigures:
    codes = pd.Index([row.code for row in table.rows])
    by_level = {level.code: entries[entries["level"] == level.code] for level in plan.levels}
    return TableFigures(
        table=table,
        reports=entries["row"].value_counts().reindex(codes, fill_value=0).astype("int64"),
        applicable=pd.Series([_applicable(row, levels) for row in table.rows], index=codes, dtype="int64"),
        counts={column.id: _counts(column, entries, codes) for column in table.columns if column.choices},
        sums=_sums(table, entries, codes),
        sums_by_level={code: _sums(table, part, codes) for code, part in by_level.items()},
    )


def _applicable(row: Row, levels: Series[int]) -> int:
    return sum(int(count) for level, count in levels.items() if row.is_for(str(level)))


def _counts(column: Column, entries: DataFrame, codes: Index[str]) -> DataFrame:
    chosen = entries.groupby(["row", column.id]).size().unstack(fill_value=0)
    return chosen.reindex(index=codes, columns=list(column.values), fill_value=0).astype("int64")


def _sums(table: Table, entries: DataFrame, codes: Index[str]) -> DataFrame:
    numbers = [column.id for column in table.columns if column.is_number]
    sums = entries.groupby("row")[numbers].sum().reindex(codes, fill_value=0.0).astype("float64")
    closed = [name in row.closed for row in table.rows for name in numbers]
    return sums.mask(np.array(closed, dtype=bool).reshape(sums.shape))


def _matrix(table: Table, progress: DataFrame, entries: DataFrame) -> DataFrame | None:
    if table.status_column is None:
        return None
    schools, codes = pd.Index(progress["code"]), pd.Index([row.code for row in table.rows])
    cells = np.full((len(schools), len(codes)), NO_REPORT, dtype="int8")
    cells[progress["counted"].to_numpy(dtype=bool)] = BLANK
    for number, row in enumerate(table.rows):
        if row.levels is not None:
            cells[~progress["level"].isin(row.levels).to_numpy(), number] = NOT_FOR_LEVEL
    choice = pd.Index(table.status_column.values).get_indexer(pd.Index(entries[table.status_column.id]))
    where = schools.get_indexer(pd.Index(entries["school"])), codes.get_indexer(pd.Index(entries["row"]))
    known = (choice >= 0) & (where[1] >= 0)
    cells[where[0][known], where[1][known]] = choice[known]
    return pd.DataFrame(cells, index=schools, columns=codes)


def _findings(facts: Facts, progress: DataFrame) -> DataFrame:
    names = {school.code: school.name for school in facts.schools}
    order = {code: number for number, code in enumerate(progress["code"])}
    findings = facts.findings
    return (
        findings.assign(
            name=findings["school"].map(names).astype(object),
            _order=findings["school"].map(order).fillna(len(order)),
        )
        .sort_values(["_order", "receipt"], kind="stable", ignore_index=True)
        .drop(columns="_order")
    )
