"""What can be wrong with the contents of a report, planted so that it gives the findings that are written down here.

A fault is planted in a sound report, in a row that nothing else was planted in, where it breaks no rule (or, planted
for the sake of a rule, that rule alone): so that the list of what must be found is short and exact.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations, product
from typing import NamedTuple

from sync.demo.reports import Report
from sync.demo.soundness import Error, Filled, Odd, Value, broken_in_row, broken_rules, figures_of
from sync.plan import Column, CompiledRule, Plan, Row, Table
from sync.text import fold

_TRIES = 12


class Planting(NamedTuple):
    """A finding that a fault gives, and its cell."""

    code: str
    table: str | None = None
    row: str | None = None
    column: str | None = None


class CannotPlantError(Exception):
    """The report has no place for the fault."""


@dataclass
class Draft:
    """A report in which faults are planted."""

    report: Report
    plantings: list[Planting] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    """The codes and rule ids that were planted."""
    used: set[tuple[str, str]] = field(default_factory=set)
    """Rows (table id, code) that have a fault."""

    def add(self, name: str, *plantings: Planting) -> None:
        """Writes down that `name` was planted and what it gives."""
        self.names.append(name)
        self.plantings += plantings
        self.used |= {(each.table, each.row) for each in plantings if each.table and each.row}

    def broken(self, report: Report | None = None) -> set[Planting]:
        """What the rules say of the report."""
        chosen = report or self.report
        return set(_plantings(chosen.plan, broken_rules(chosen.plan, [chosen.filled], chosen.period)))


def plant(draft: Draft, name: str) -> None:
    """Plants the fault of a finding code or of a rule's id. Raises CannotPlantError, and then changed nothing."""
    if name in CELL_FAULTS:
        _plant_cell(draft, name)
    else:
        _plant_rule(draft, name)


def plannable(plan: Plan) -> list[str]:
    """The names of all faults of contents that `plan` has a place for, errors and warnings."""
    cells = [name for name, fault in CELL_FAULTS.items() if any(_has_place(plan, name, fault))]
    return [*cells, *plan.rules_by_id]


def leave_blank(draft: Draft, share: float) -> None:
    """Clears about `share` of the rows: a report that somebody stopped filling. Figures stay."""
    figures = {(figure.table, figure.row) for figure in draft.report.plan.figures.values()}
    for table, row in draft.report.rows():
        required = [column.id for column in table.columns if column.required and column.id not in row.closed]
        place = (table.id, row.code)
        if place in figures or place in draft.used or not required or draft.report.rng.random() > share:
            continue
        draft.report.filled[table.id][row.code].clear()
        draft.used.add(place)
        draft.plantings += [Planting("required", *place, column) for column in required]
    draft.names.append("partly-filled")


def _plantings(plan: Plan, broken: dict[tuple[int, str, str], frozenset[str]]) -> Iterator[Planting]:
    for (_, table, row), rules in broken.items():
        for rule in rules:
            yield Planting(rule, table, row, plan.rules_by_id[rule].cell)


# ---------------------------------------------------------------- faults of one cell

Values = Callable[[Column, Value, Report], Iterable[Value]]
"""Faulty values for a cell of a column with a sound value (or None); none where the fault means nothing there."""


def _required(column: Column, value: Value, report: Report) -> Iterator[Value]:
    if column.required and value is not None:
        yield None


def _not_in_list(column: Column, value: Value, report: Report) -> Iterator[Value]:
    for text in ("Tạm hoãn", "Không rõ", "x"):
        if column.kind == "choice" and all(_likeness(text, choice) < 0.5 for choice in column.values):
            yield Odd(text)
            return


def _near_the_list(column: Column, value: Value, report: Report) -> Iterator[Value]:
    for choice in column.values:
        if len(choice) > 5:
            yield Odd(choice[:-1])


def _not_a_date(column: Column, value: Value, report: Report) -> Iterator[Value]:
    if column.kind == "date":
        yield Odd(f"31/02/{report.period.ends_on.year}")
        yield Odd("cuối tháng 10")


def _not_a_number(column: Column, value: Value, report: Report) -> Iterator[Value]:
    if column.is_number:
        yield Odd("khoảng 50")


def _not_whole(column: Column, value: Value, report: Report) -> Iterator[Value]:
    if column.kind == "whole":
        yield Odd(2.5)


def _too_small(column: Column, value: Value, report: Report) -> Iterator[Value]:
    if isinstance(column.minimum, date):
        yield column.minimum - timedelta(days=20)
    elif column.minimum is not None:
        yield int(column.minimum) - 1


def _too_great(column: Column, value: Value, report: Report) -> Iterator[Value]:
    if isinstance(column.maximum, date):
        yield column.maximum + timedelta(days=20)
    elif column.maximum is not None:
        yield int(column.maximum) + 5


def _too_long(column: Column, value: Value, report: Report) -> Iterator[Value]:
    if column.max_length is not None and isinstance(value, str):
        words = f"{value} "
        yield (words * (column.max_length // len(words) + 2))[: column.max_length + 17].rstrip() + "..."


def _date_as_text(column: Column, value: Value, report: Report) -> Iterator[Value]:
    if isinstance(value, date):
        yield Odd(f"{value.day}/{value.month}/{value.year}", value)


def _number_as_text(column: Column, value: Value, report: Report) -> Iterator[Value]:
    if column.is_number and isinstance(value, int | float) and value >= 0:
        yield (
            Odd(f"{value:,.0f}".replace(",", "."), int(value))
            if value == int(value)
            else Odd(f"{value}".replace(".", ","), value)
        )


def _error_cell(column: Column, value: Value, report: Report) -> Iterator[Value]:
    if column.is_number:
        yield Odd(Error("#DIV/0!"))


def _any(column: Column, value: Value, report: Report) -> Iterator[Value]:
    yield {"choice": column.values[-1] if column.values else None, "date": report.period.ends_on, "text": "Có"}.get(
        column.kind, 3
    )


CELL_FAULTS: dict[str, Values] = {
    "required": _required,
    "not-in-list": _not_in_list,
    "not-in-list-near": _near_the_list,
    "not-a-date": _not_a_date,
    "not-a-number": _not_a_number,
    "not-whole": _not_whole,
    "too-small": _too_small,
    "too-great": _too_great,
    "text-too-long": _too_long,
    "date-as-text": _date_as_text,
    "number-as-text": _number_as_text,
    "error-cell": _error_cell,
    "cell-closed": _any,
    "row-not-for-level": _any,
}
_KINDS = {
    "not-in-list": ("choice",), "not-in-list-near": ("choice",), "not-a-date": ("date",), "date-as-text": ("date",),
    "not-a-number": ("whole", "number"), "number-as-text": ("whole", "number"), "error-cell": ("whole", "number"),
    "not-whole": ("whole",), "text-too-long": ("text",),
}  # fmt: skip


def _has_place(plan: Plan, name: str, fault: Values) -> Iterator[bool]:
    for table in plan.all_tables:
        if name == "cell-closed":
            yield any(row.closed for row in table.rows)
        elif name == "row-not-for-level":
            yield any(row.levels is not None for row in table.rows)
        for column in table.columns if name not in ("cell-closed", "row-not-for-level") else ():
            bound = {"too-small": column.minimum, "too-great": column.maximum, "text-too-long": column.max_length}
            is_kind = column.kind in _KINDS.get(name, (column.kind,))
            yield is_kind and bound.get(name, True) is not None and (name != "required" or column.required)


def _plant_cell(draft: Draft, name: str) -> None:
    before = draft.broken()
    for table, row, column, value in _places(draft, name):
        changed = [_with(draft.report, table, row, column, variant) for variant in _variants(column, value)]
        if all(draft.broken(report) == before for report in changed):
            draft.report = changed[0]
            draft.add(name, Planting(name, table.id, row.code, column.id))
            return
    raise CannotPlantError(name)


def _places(draft: Draft, name: str) -> Iterator[tuple[Table, Row, Column, Value]]:
    """Cells and faulty values for the fault, in a random order, figures last."""
    report = draft.report
    figures = {(figure.table, figure.row) for figure in report.plan.figures.values()}
    found = []
    for table in report.plan.all_tables:
        for row in table.rows:
            if (table.id, row.code) in draft.used or row.is_for(report.school.level) == (name == "row-not-for-level"):
                continue
            for column in table.columns:
                if (column.id in row.closed) == (name == "cell-closed"):
                    given = report.filled.get(table.id, {}).get(row.code, {}).get(column.id)
                    found += [(table, row, column, value) for value in CELL_FAULTS[name](column, given, report)]
    report.rng.shuffle(found)
    found.sort(key=lambda place: (place[0].id, place[1].code) in figures)
    # Nobody begins a row that is not theirs in a cell for remarks.
    if name == "row-not-for-level":
        found.sort(key=lambda place: place[0].columns.index(place[2]))
    return iter(found[: 4 * _TRIES])


def _variants(column: Column, value: Value) -> list[Value]:
    """The value, and what else a reader could take it for: whichever it does, no rule must break."""
    if not isinstance(value, Odd) or value.read is not None:
        return [value]
    raw = value.written if isinstance(value.written, str) == (column.kind in ("choice", "text")) else None
    raw = raw if isinstance(raw, str | int | float) else None
    return [value, Odd(value.written, raw), None]


def _with(report: Report, table: Table, row: Row, column: Column, value: Value) -> Report:
    changed = report.copy()
    cells = changed.cells(table, row.code)
    cells.pop(column.id, None)
    if value is not None:
        cells[column.id] = value
    return changed


def _likeness(text: str, choice: str) -> float:
    return difflib.SequenceMatcher(None, fold(text), fold(choice)).ratio()


# ---------------------------------------------------------------- faults that break a rule


def _plant_rule(draft: Draft, rule_id: str) -> None:
    plan = draft.report.plan
    table, compiled = next(
        (table, rule) for table in plan.all_tables for rule in plan.rules[table.id] if rule.rule.id == rule_id
    )
    before, best = draft.broken(), None
    for row, cells in _breaking(draft, table, compiled):
        changed = draft.report.copy()
        changed.filled[table.id][row.code] = cells
        given = draft.broken(changed) - before
        wanted = Planting(rule_id, table.id, row.code, compiled.rule.cell)
        if wanted not in given or before - draft.broken(changed):
            continue
        if best is None or len(given) < len(best[1]):
            best = (changed, given)
        if len(given) == 1:
            break
    if best is None:
        raise CannotPlantError(rule_id)
    draft.report = best[0]
    draft.add(rule_id, *sorted(best[1]))


def _breaking(draft: Draft, table: Table, compiled: CompiledRule) -> Iterator[tuple[Row, Filled]]:
    """Rows and contents for them that break the rule, those that break it alone before others."""
    report = draft.report
    rows = [
        row for each, row in report.rows()
        if each is table and (table.id, row.code) not in draft.used
        and (compiled.rule.rows is None or row.code in compiled.rule.rows) and compiled.rule.cell not in row.closed
    ]  # fmt: skip
    report.rng.shuffle(rows)
    figures = figures_of(report.plan, report.filled)
    others: list[tuple[int, Row, Filled]] = []
    for row in rows[:_TRIES]:
        candidates = list(_candidates(report, table, row, compiled, figures))
        broken = broken_in_row(report.plan, table, row.code, candidates, figures, report.period)
        hits = [
            (len(rules), row, cells)
            for cells, rules in zip(candidates, broken, strict=True)
            if compiled.rule.id in rules
        ]
        hits.sort(key=lambda hit: hit[0])
        yield from ((row, cells) for count, _, cells in hits[:2] if count == 1)
        others += hits[:1]
    others.sort(key=lambda hit: hit[0])
    yield from ((row, cells) for _, row, cells in others[:_TRIES])


def _candidates(
    report: Report, table: Table, row: Row, compiled: CompiledRule, figures: dict[str, float | None]
) -> Iterator[Filled]:
    """The row with one, then with two of the cells changed that the rule names."""
    cells = report.filled.get(table.id, {}).get(row.code, {})
    sizes = [figures.get(name.removeprefix("school.")) or 0 for name in compiled.names if name.startswith("school.")]
    columns = [c for c in table.columns if c.id in compiled.names and c.id not in row.closed]
    values = {column.id: list(_alternatives(column, report, sizes)) for column in columns}
    for count in (1, 2):
        for chosen in combinations([column.id for column in columns], count):
            for changes in product(*(values[name] for name in chosen)):
                changed = {**cells, **dict(zip(chosen, changes, strict=True))}
                yield {name: value for name, value in changed.items() if value is not None}


def _alternatives(column: Column, report: Report, sizes: Sequence[float]) -> Iterator[Value]:
    """Sound values for the cell, near and beyond the limits that rules set."""
    if not column.required:
        yield None
    if column.kind == "choice":
        yield from column.values
    elif column.kind == "text":
        yield from ("ko", "Theo kế hoạch năm học của trường.")
    elif column.kind == "date":
        start, end = report.period.starts_on, report.period.ends_on
        days = (
            start + (end - start) / 4,
            start + (end - start) / 2,
            end + timedelta(days=12),
            start - timedelta(days=9),
        )
        yield from (day for day in days if _is_inside(column, day))
    else:
        beyond = max(sizes, default=0)
        numbers = (0, 1, 4, beyond + 7, sum(sizes) + 2, 2 * beyond + 5)
        bounds = [bound for bound in (column.minimum, column.maximum) if isinstance(bound, int | float)]
        yield from (int(number) for number in (*numbers, *bounds) if _is_inside(column, number))


def _is_inside(column: Column, value: float | date) -> bool:
    low, high = column.minimum, column.maximum
    return (low is None or value >= low) and (high is None or value <= high)  # type: ignore[operator]
