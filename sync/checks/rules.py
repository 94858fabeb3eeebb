"""The plan's rules over all files at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from sync.checks.attempt import Attempts
from sync.checks.findings import Finding, TableMarker
from sync.expression.mask import Rows, violation_mask
from sync.periods import Period
from sync.plan import PERIOD_NAMES, CompiledRule, Plan, Table


def check(frame: pd.DataFrame, table: Table, plan: Plan, mine: np.ndarray, attempts: Attempts) -> list[Finding]:
    """Findings of all rules of `table`; `frame` has the names that they read (see `with_names`), `mine` the rows."""
    rows, marker = Rows(frame), TableMarker(frame, table, plan)
    findings: list[Finding] = []
    for compiled in plan.rules[table.id]:
        findings += attempts.run(compiled.rule.id, partial(_one, compiled, rows, marker, mine))
    return findings


def _one(compiled: CompiledRule, rows: Rows, marker: TableMarker, mine: np.ndarray) -> list[Finding]:
    return marker.mark(fires(compiled, rows) & mine, compiled.rule.id, compiled.rule.cell)


def fires(compiled: CompiledRule, rows: Rows) -> np.ndarray:
    """Where the rule fires; a rule for some rows only is silent elsewhere."""
    fired = violation_mask(compiled.when, compiled.require, rows)
    if compiled.rule.rows is not None:
        fired &= rows.frame["row"].isin(list(compiled.rule.rows)).to_numpy()
    return fired


def with_names(
    frame: pd.DataFrame, plan: Plan, frames: Mapping[str, pd.DataFrame], periods: Sequence[Period | None]
) -> pd.DataFrame:
    """`frame` with a column for each school.<figure> and period.<date> of its receipt; `periods` by receipt."""
    receipts = frame["receipt"].to_numpy()
    extra = {f"school.{name}": values[receipts] for name, values in _figures(plan, frames, len(periods)).items()}
    for name in PERIOD_NAMES:
        attribute = name.removeprefix("period.")
        days = [getattr(period, attribute) if period else None for period in periods]
        extra[name] = np.array(days, dtype="datetime64[D]").astype("datetime64[s]")[receipts]
    return pd.concat([frame, pd.DataFrame(extra, index=frame.index)], axis=1)


def _figures(plan: Plan, frames: Mapping[str, pd.DataFrame], receipts: int) -> dict[str, np.ndarray]:
    """Each figure by receipt; NaN where it is blank or missing."""
    figures = {}
    for name, figure in plan.figures.items():
        values = np.full(receipts, np.nan)
        rows = frames[figure.table]
        rows = rows[rows["row"] == figure.row]
        values[rows["receipt"].to_numpy()] = rows[figure.column].to_numpy(dtype=float)
        figures[name] = values
    return figures
