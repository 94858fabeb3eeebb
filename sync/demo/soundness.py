"""Which of the plan's rules many reports break: the expressions of the plan over all of them at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sync.periods import Period
from sync.plan import PERIOD_NAMES, Column, Plan, Table

Place = tuple[int, str, str]
"""Position of the report, table id, row code."""


@dataclass(frozen=True, slots=True)
class Error:
    """A cell that shows an error of Excel's, such as #DIV/0!."""

    text: str


@dataclass(frozen=True, slots=True)
class Odd:
    """A cell in which something else stands than what is understood."""

    written: str | float | int | date | Error
    read: str | float | int | date | None = None
    """The value that counts; None where nothing can be understood, though the cell is not blank."""


Value = str | float | int | date | Odd | None
Filled = dict[str, Value]
"""Filled cells of a row by column id."""
Report = Mapping[str, Mapping[str, Filled]]
"""Filled cells by table id and row code."""


def broken_rules(plan: Plan, reports: Sequence[Report], period: Period | None) -> dict[Place, frozenset[str]]:
    """Ids of the broken rules by row, for the rows that break any."""
    if not reports or period is None:
        return {}
    figures = {name: _figures(plan, name, reports) for name in plan.figures}
    broken: defaultdict[Place, set[str]] = defaultdict(set)
    for table in plan.all_tables:
        places = [(at, code) for at, report in enumerate(reports) for code in report.get(table.id, {})]
        rows = [reports[at][table.id][code] for at, code in places]
        each = {f"school.{name}": [values[at] for at, _ in places] for name, values in figures.items()}
        for rule, fired in _fired(plan, table, [code for _, code in places], rows, each, period).items():
            for index in fired:
                at, code = places[index]
                broken[at, table.id, code].add(rule)
    return {place: frozenset(rules) for place, rules in broken.items()}


def broken_in_row(
    plan: Plan,
    table: Table,
    code: str,
    candidates: Sequence[Filled],
    figures: Mapping[str, float | None],
    period: Period,
) -> list[frozenset[str]]:
    """The rules that each of the `candidates` for one row would break, with the school's `figures` as given."""
    broken: list[set[str]] = [set() for _ in candidates]
    each = {f"school.{name}": [value] * len(candidates) for name, value in figures.items()}
    for rule, fired in _fired(plan, table, [code] * len(candidates), candidates, each, period).items():
        for index in fired:
            broken[index].add(rule)
    return [frozenset(rules) for rules in broken]


def figures_of(plan: Plan, report: Report) -> dict[str, float | None]:
    """The school's figures as its report gives them."""
    return {name: _figures(plan, name, [report])[0] for name in plan.figures}


def _figures(plan: Plan, name: str, reports: Sequence[Report]) -> list[float | None]:
    figure = plan.figures[name]
    closed = figure.column in plan.tables[figure.table].rows_by_code[figure.row].closed
    cells = [report.get(figure.table, {}).get(figure.row, {}).get(figure.column) for report in reports]
    return [None if closed else _read(cell) for cell in cells]


def _read(cell: Any) -> Any:
    return cell.read if isinstance(cell, Odd) else cell


def _fired(
    plan: Plan,
    table: Table,
    codes: Sequence[str],
    rows: Sequence[Filled],
    figures: Mapping[str, Sequence[float | None]],
    period: Period,
) -> dict[str, list[int]]:
    """Positions in `rows` where each rule fires; rules that fire nowhere are left out."""
    import numpy as np
    import pandas as pd

    from sync.expression.mask import Rows, violation_mask

    data: dict[str, Any] = {name: np.array(values, dtype=float) for name, values in figures.items()}
    for name in PERIOD_NAMES:
        day = getattr(period, name.removeprefix("period."))
        data[name] = np.full(len(rows), np.datetime64(day), dtype="datetime64[s]")
    for column in table.columns:
        shut = {row.code for row in table.rows if column.id in row.closed}
        cells = [None if code in shut else row.get(column.id) for code, row in zip(codes, rows, strict=True)]
        data[column.id] = _array(column, [_read(cell) for cell in cells])
        data[f"{column.id}:filled"] = np.array([isinstance(cell, Odd) for cell in cells], dtype=bool)
    frame = Rows(pd.DataFrame(data, index=range(len(rows))))
    fired = {}
    for compiled in plan.rules[table.id]:
        mask = violation_mask(compiled.when, compiled.require, frame)
        if compiled.rule.rows is not None:
            mask &= np.array([code in compiled.rule.rows for code in codes], dtype=bool)
        if mask.any():
            fired[compiled.rule.id] = np.flatnonzero(mask).tolist()
    return fired


def _array(column: Column, values: list[Any]) -> Any:
    import numpy as np
    import pandas as pd

    if column.is_number:
        return np.array(values, dtype=float)
    if column.kind == "date":
        return np.array(values, dtype="datetime64[D]").astype("datetime64[s]")
    return pd.Series(values, dtype=object)
