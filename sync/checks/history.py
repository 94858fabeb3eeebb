"""A school's entries against its own accepted reports of earlier periods. Pure: frames in, findings out.

Frames of entries, by table: those of sync.consolidate.Facts.entries (receipt int64, school, row, sheet, cell object,
excel_row int64, a column per fill-in column). With the columns `<column>:letters` of sync.checks.frames a finding
names its very cell, without them the row's first one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sync.checks.catalogue import severity_of
from sync.checks.cells import shown
from sync.checks.findings import Finding, of_file, seen
from sync.periods import Period
from sync.plan import Column, Plan, Table, TableId
from sync.schools import Schools

Entries = Mapping[TableId, pd.DataFrame]

LASTING: frozenset[TableId] = frozenset({"activities", "duties"})
"""Tables in which what is done stays done; a target is met anew in each period."""

FEWEST_CELLS = 10
"""Below this many filled cells two reports are the same by chance."""

_BEFORE = ":before"


@dataclass(frozen=True)
class _Match:
    """What schools report now beside what they reported for `period`.

    rows: by table, the entries of rows that both reports have, with `<column>:before` for each fill-in column.
    is_newest: the receipts (of now) whose newest earlier report is of this period.
    filled_before: filled cells of the earlier report, by school.
    """

    period: Period
    rows: Entries
    is_newest: frozenset[int]
    filled_before: Mapping[str, int]


def check(
    plan: Plan,
    period: Period,
    now: Entries,
    before: Sequence[tuple[Period, Entries]],
    schools: Schools | None = None,
) -> list[Finding]:
    """What does not agree with earlier reports: figure-fell, undone, figure-jumped, same-as-before.

    `now` are entries of reports of `period`, of any number of schools; `before` the counted entries of other periods,
    one report a school. Periods that end after `period` are left out. A cell has at most one finding of a code: that
    against the newest period. No figure is said to have jumped where one of `schools` went into the school between the
    two periods.
    """
    matches = list(_matches(plan, period, now, before))
    filled = _filled_by(plan, now, "receipt")
    found: dict[tuple[object, ...], Finding] = {}
    for match in matches:
        grown = schools.absorbing_between(match.period, period) if schools is not None else frozenset[str]()
        for finding in _of_match(plan, period, match, filled, grown):
            found.setdefault((finding.receipt, finding.code, finding.table, finding.row, finding.column), finding)
    return [found[key] for key in sorted(found, key=lambda key: tuple(map(str, key)))]


def _of_match(
    plan: Plan, period: Period, match: _Match, filled: Mapping[int, int], grown: frozenset[str]
) -> Iterator[Finding]:
    for table in plan.all_tables:
        rows = match.rows.get(table.id)
        if rows is None or rows.empty:
            continue
        if period.starts_on <= match.period.starts_on:
            yield from _fallen(plan, table, rows, match.period)
        if table.id in LASTING and table.status_column is not None:
            yield from _undone(plan, table, table.status_column, rows, match.period)
        newest = rows[rows["receipt"].isin(match.is_newest) & ~rows["school"].isin(grown)]
        yield from _jumped(plan, table, newest, match.period)
    yield from _same(plan, match, filled)


# ---------------------------------------------------------------- the rules


def _fallen(plan: Plan, table: Table, rows: pd.DataFrame, before: Period) -> Iterator[Finding]:
    for column in table.columns:
        if not column.cumulative:
            continue
        still = [row.code for row in table.rows if row.snapshot or column.id in row.closed]
        less = (rows[column.id] < rows[column.id + _BEFORE]) & ~rows["row"].isin(still)
        yield from _marked(plan, "figure-fell", table, column, rows[less], _compared(before))


def _undone(plan: Plan, table: Table, status: Column, rows: pd.DataFrame, before: Period) -> Iterator[Finding]:
    stages = {choice.value: choice.stage for choice in status.choices if choice.stage is not None}
    done = rows[status.id + _BEFORE].map(stages) == "done"
    now = rows[status.id].map(stages)
    yield from _marked(plan, "undone", table, status, rows[done & now.notna() & (now != "done")], _compared(before))


def _jumped(plan: Plan, table: Table, rows: pd.DataFrame, before: Period) -> Iterator[Finding]:
    for figure in plan.figures.values():
        if figure.table != table.id or figure.max_change is None:
            continue
        column = table.columns_by_id[figure.column]
        change = (rows[column.id] - rows[column.id + _BEFORE]).abs()
        # A change of exactly the share is allowed, whatever binary fractions make of it.
        far = change > figure.max_change * rows[column.id + _BEFORE].abs() + 1e-9
        hits = rows[far & (rows["row"] == figure.row)]
        percent = shown(figure.max_change * 100)
        yield from _marked(plan, "figure-jumped", table, column, hits, _compared(before, percent=percent))


def _same(plan: Plan, match: _Match, filled: Mapping[int, int]) -> Iterator[Finding]:
    equal: dict[int, int] = {}
    schools: dict[int, str] = {}
    for table in plan.all_tables:
        rows = match.rows.get(table.id)
        if rows is None:
            continue
        rows = rows[rows["receipt"].isin(match.is_newest)]
        for column in table.columns:
            alike = (rows[column.id] == rows[column.id + _BEFORE]) & rows[column.id].notna()
            for receipt, count in rows.loc[alike, "receipt"].value_counts().items():
                equal[int(str(receipt))] = equal.get(int(str(receipt)), 0) + int(count)
        schools.update(zip(rows["receipt"].tolist(), rows["school"], strict=True))
    for receipt in sorted(match.is_newest & equal.keys()):
        count = filled.get(receipt, 0)
        if count >= FEWEST_CELLS and count == equal[receipt] == match.filled_before[schools[receipt]]:
            yield of_file(receipt, "same-as-before", plan, period=match.period.title)


# ---------------------------------------------------------------- frames


def _matches(plan: Plan, period: Period, now: Entries, before: Iterable[tuple[Period, Entries]]) -> Iterator[_Match]:
    """The earlier periods, newest first."""
    earlier = [(each, entries) for each, entries in before if each.key != period.key and each.ends_on <= period.ends_on]
    earlier.sort(key=lambda pair: (pair[0].ends_on, pair[0].starts_on, pair[0].key), reverse=True)
    receipts = {table.id: now[table.id][["receipt", "school"]] for table in plan.all_tables if table.id in now}
    seen_schools: set[str] = set()
    for each, entries in earlier:
        schools = {school for frame in entries.values() for school in frame["school"].unique()} - seen_schools
        seen_schools |= schools
        newest = frozenset(
            int(receipt)
            for frame in receipts.values()
            for receipt in frame.loc[frame["school"].isin(schools), "receipt"].unique()
        )
        rows = {
            table.id: _beside(table, now[table.id], entries[table.id])
            for table in plan.all_tables
            if table.id in now and table.id in entries
        }
        yield _Match(each, rows, newest, _filled_by(plan, entries, "school"))


def _beside(table: Table, now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    columns = [column.id for column in table.columns]
    one = before.sort_values("receipt", kind="stable").drop_duplicates(["school", "row"], keep="last")
    one = one[["school", "row", *columns]].rename(columns={name: name + _BEFORE for name in columns})
    return now[now["row"].isin(list(table.rows_by_code))].merge(one, on=["school", "row"], how="inner")


def _filled_by(plan: Plan, entries: Entries, key: str) -> dict[Any, int]:
    """Filled cells by receipt or school."""
    counts: dict[Any, int] = {}
    for table in plan.all_tables:
        if table.id not in entries:
            continue
        frame = entries[table.id]
        cells = frame[[column.id for column in table.columns]].notna()
        for value, count in cells.sum(axis=1).groupby(frame[key]).sum().items():
            counts[value] = counts.get(value, 0) + int(count)
    return counts


# ---------------------------------------------------------------- findings

_Params = Callable[[Any, Any], dict[str, str]]


def _compared(before: Period, **more: str) -> _Params:
    return lambda now, then: {"now": shown(now), "before": shown(then), "period": before.title, **more}


def _marked(
    plan: Plan, code: str, table: Table, column: Column, rows: pd.DataFrame, params: _Params
) -> Iterator[Finding]:
    severity = severity_of(code, plan)
    places = zip(rows["receipt"].tolist(), rows["sheet"], addresses(rows, column.id), rows["row"], strict=True)
    values = zip(rows[column.id].tolist(), rows[column.id + _BEFORE].tolist(), strict=True)
    for (receipt, sheet, cell, row), (now, then) in zip(places, values, strict=True):
        said = params(now, then)
        yield Finding(receipt, code, severity, table.id, sheet, cell, row, column.id, seen(now), said)


def addresses(rows: pd.DataFrame, column: str) -> list[str]:
    """The address of the cell of `column` in each row; the row's own cell where its letters are not known."""
    if f"{column}:letters" not in rows:
        return list(rows["cell"])
    letters, cells = rows[f"{column}:letters"], rows["cell"]
    number = rows["excel_row"].tolist()
    return [
        f"{letter}{at}" if isinstance(letter, str) else cell
        for letter, at, cell in zip(letters, number, cells, strict=True)
    ]
