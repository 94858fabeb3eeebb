"""What the formulas of a new workbook calculate, for their cached values: programs that do not calculate show these.

The plan's rules run as masks here, over one frame per table; the rest mirrors `formulas`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pandas as pd

from sync.expression.grammar import FIRST_DATE, LAST_DATE, excel_serial
from sync.expression.mask import Rows, violation_mask
from sync.outputs import layout as at
from sync.outputs.school_workbook import wording
from sync.outputs.school_workbook.form import Draft, Fill
from sync.outputs.school_workbook.formulas import rules_of
from sync.plan import PERIOD_NAMES, Column, Row, Rule, Table
from sync.text import fold, trim


@dataclass(frozen=True)
class RowVerdict:
    """The values of a row's helpers: rules by rule id, the rest by column id."""

    rules: Mapping[str, int]
    kinds: Mapping[str, int]
    marks: Mapping[str, int]
    messages: Mapping[str, str]
    filled: int
    state: int
    verdict: str


@dataclass(frozen=True)
class TableVerdict:
    """The verdicts of a table's rows by row code, and the counts over them."""

    rows: Mapping[str, RowVerdict]

    @property
    def all(self) -> int:
        return sum(row.state < at.STATE_OPTIONAL for row in self.rows.values())

    @property
    def blank(self) -> int:
        return sum(row.state == at.STATE_TODO for row in self.rows.values())

    @property
    def wrong(self) -> int:
        return sum(mark == at.MARK_ERROR for row in self.rows.values() for mark in row.marks.values())


def verdicts(draft: Draft, fill: Fill) -> Mapping[str, TableVerdict]:
    """The verdict of every row by table id, if the workbook holds `fill`."""
    outer = _outer(draft, fill)
    return {table.id: _of_table(draft, table, fill, outer) for table in draft.plan.all_tables}


def kind_of(column: Column, value: object, is_open: bool) -> int:
    """KIND_…: what a cell's own kind says of `value`."""
    if is_blank(value):
        return at.KIND_BLANK
    if not is_open:
        return at.KIND_CLOSED
    if column.kind == "choice":
        known = {fold(choice) for choice in column.values}
        return at.KIND_SOUND if fold(_text(value)) in known else at.KIND_WRONG
    if column.kind == "text":
        too_long = column.max_length is not None and len(trim(_text(value))) > column.max_length
        return at.KIND_UNFIT if too_long else at.KIND_SOUND
    return _kind_of_number(column, _number(value))


def is_blank(value: object) -> bool:
    """Whether a cell with `value` counts as blank."""
    return value is None or (isinstance(value, str) and not value.strip(" "))


def _kind_of_number(column: Column, number: float | None) -> int:
    if number is None:
        return at.KIND_WRONG
    if column.kind == "date":
        number = float(int(number))
        if not excel_serial(FIRST_DATE) <= number <= excel_serial(LAST_DATE):
            return at.KIND_WRONG
    if column.kind == "whole" and not number.is_integer():
        return at.KIND_UNFIT
    if column.minimum is not None and number < _bound(column.minimum):
        return at.KIND_LOW
    return at.KIND_HIGH if column.maximum is not None and number > _bound(column.maximum) else at.KIND_SOUND


def _bound(bound: float | date) -> float:
    return excel_serial(bound) if isinstance(bound, date) else bound


def _number(value: object) -> float | None:
    """The number that Excel holds for `value`; None for texts and logical values."""
    if isinstance(value, datetime):
        return (
            excel_serial(value.date()) + (value - datetime.combine(value.date(), datetime.min.time())).seconds / 86400
        )
    if isinstance(value, date):
        return float(excel_serial(value))
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(value: object) -> str:
    number = _number(value)
    return str(value) if number is None else f"{number:.15g}"


def _outer(draft: Draft, fill: Fill) -> dict[str, object]:
    """The values of the names school.<figure> and period.<date>."""
    figures = {
        f"school.{name}": _number(fill.get((figure.table, figure.row, figure.column)))
        for name, figure in draft.plan.figures.items()
    }
    days = {name: getattr(draft.period, name.removeprefix("period."), None) for name in PERIOD_NAMES}
    return {**figures, **days}


def _of_table(draft: Draft, table: Table, fill: Fill, outer: Mapping[str, object]) -> TableVerdict:
    mine = [row for row in table.rows if draft.is_for_school(row)]
    fired = _fired(draft, table, mine, fill, outer)
    return TableVerdict(
        {row.code: _of_row(draft, table, row, fill, fired.get(row.code, {})) for row in table.rows},
    )


def _fired(
    draft: Draft, table: Table, rows: Sequence[Row], fill: Fill, outer: Mapping[str, object]
) -> dict[str, dict[str, int]]:
    """Row code → rule id → 1 where the rule fires, else 0, for the rules that judge the row."""
    found: dict[str, dict[str, int]] = {row.code: {} for row in rows}
    if not rows or not draft.plan.rules[table.id]:
        return found
    frame = _frame(table, rows, fill, outer)
    for compiled in draft.plan.rules[table.id]:
        mask = violation_mask(compiled.when, compiled.require, Rows(frame))
        for row, fires in zip(rows, mask, strict=True):
            if compiled in rules_of(draft.plan, table, row):
                found[row.code][compiled.rule.id] = int(fires)
    return found


def _frame(table: Table, rows: Sequence[Row], fill: Fill, outer: Mapping[str, object]) -> pd.DataFrame:
    data: dict[str, object] = {}
    for column in table.columns:
        cells = [None if column.id in row.closed else fill.get((table.id, row.code, column.id)) for row in rows]
        data[column.id] = _typed(column, cells)
        data[f"{column.id}:filled"] = [not is_blank(cell) for cell in cells]
    for name, value in outer.items():
        data[name] = np.full(len(rows), np.datetime64(value) if isinstance(value, date) else _missing(name, value))
    return pd.DataFrame(data)


def _missing(name: str, value: object) -> object:
    if value is not None:
        return value
    return np.datetime64("NaT", "D") if name in PERIOD_NAMES else np.nan


def _typed(column: Column, cells: Sequence[object]) -> object:
    if column.is_number:
        return np.array([_number(cell) for cell in cells], dtype=float)
    if column.kind == "date":
        return np.array([_day(cell) for cell in cells], dtype="datetime64[D]")
    return pd.Series([None if is_blank(cell) else _text(cell) for cell in cells], dtype=object)


def _day(value: object) -> date | None:
    number = _number(value)
    if number is None or not excel_serial(FIRST_DATE) <= int(number) <= excel_serial(LAST_DATE):
        return None
    return date.fromordinal(FIRST_DATE.toordinal() + int(number) - excel_serial(FIRST_DATE))


def _of_row(draft: Draft, table: Table, row: Row, fill: Fill, fired: Mapping[str, int]) -> RowVerdict:
    foreign = not draft.is_for_school(row)
    shut = {column.id for column in table.columns if foreign or column.id in row.closed}
    kinds = {
        column.id: kind_of(column, fill.get((table.id, row.code, column.id)), column.id not in shut)
        for column in table.columns
    }
    filled = sum(kind >= at.KIND_SOUND for kind in kinds.values())
    marks, messages = {}, {}
    for column in table.columns:
        rules = [rule for rule in table.rules if rule.cell == column.id and fired.get(rule.id)]
        required = column.required and column.id not in shut
        kind = kinds[column.id]
        marks[column.id] = _mark(kind, rules, required and kind == at.KIND_BLANK, filled > 0, foreign)
        messages[column.id] = _message(column, kind, rules, required) if marks[column.id] >= at.MARK_WARNING else ""
    state = _state(set(marks.values()), filled)
    return RowVerdict(fired, kinds, marks, messages, filled, state, _verdict(state, marks, messages, foreign))


def _mark(kind: int, rules: Sequence[Rule], missing: bool, touched: bool, foreign: bool) -> int:
    """`rules` are those that fire on the cell."""
    wrong = kind > at.KIND_SOUND or (missing and touched) or (foreign and kind == at.KIND_CLOSED)
    if wrong or any(rule.severity == "error" for rule in rules):
        return at.MARK_ERROR
    if rules or kind == at.KIND_CLOSED:
        return at.MARK_WARNING
    return at.MARK_TODO if missing else 0


def _message(column: Column, kind: int, rules: Sequence[Rule], required: bool) -> str:
    if kind != at.KIND_SOUND and (required or kind != at.KIND_BLANK):
        return wording.kind_messages(column)[kind]
    return min(rules, key=lambda rule: rule.severity).message


def _state(marks: set[int], filled: int) -> int:
    for mark, state in (
        (at.MARK_ERROR, at.STATE_MEND),
        (at.MARK_TODO, at.STATE_TODO),
        (at.MARK_WARNING, at.STATE_WARNED),
    ):
        if mark in marks:
            return state
    return at.STATE_DONE if filled else at.STATE_OPTIONAL


def _verdict(state: int, marks: Mapping[str, int], messages: Mapping[str, str], foreign: bool) -> str:
    def first(mark: int) -> str:
        return next(messages[column] for column, value in marks.items() if value == mark)

    if state == at.STATE_TODO:
        return wording.NOT_BEGUN
    if state == at.STATE_MEND:
        wrong = sum(value == at.MARK_ERROR for value in marks.values())
        return first(at.MARK_ERROR) + (wording.more_cells(wrong - 1) if wrong > 1 else "")
    if state == at.STATE_WARNED:
        return wording.WARNING_PREFIX + first(at.MARK_WARNING)
    if state == at.STATE_DONE:
        return wording.SOUND
    return wording.FOREIGN if foreign else ""
