"""What can be wrong with the contents of a report, planted so that it gives the findings that are written down here.

A fault is planted in a sound report, in a row that nothing else was planted in, where it breaks no rule (or, planted
for the sake of a rule, that rule alone): so that the list of what must be found is short and exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations, product
from typing import NamedTuple

from sync.demo.cell_faults import CELL_FAULTS, Cell, has_place
from sync.demo.report import Report
from sync.demo.soundness import Error, Filled, Odd, Value, broken_in_row, broken_rules, figures_of
from sync.plan import Column, CompiledRule, Plan, Row, Table

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
    return [*(name for name in CELL_FAULTS if has_place(plan, name)), *plan.rules_by_id]


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


def _plant_cell(draft: Draft, name: str) -> None:
    before = draft.broken()
    for cell, value in _places(draft, name):
        changed = [_with(cell, variant) for variant in _variants(cell.column, value)]
        if all(draft.broken(report) == before for report in changed):
            draft.report = changed[0]
            draft.add(name, Planting(name, cell.table.id, cell.row.code, cell.column.id))
            return
    raise CannotPlantError(name)


def _places(draft: Draft, name: str) -> Iterator[tuple[Cell, Value]]:
    """Cells and faulty values for the fault, in a random order, figures last."""
    found = [(cell, value) for cell in _cells(draft, name) for value in CELL_FAULTS[name](cell)]
    draft.report.rng.shuffle(found)
    figures = {(figure.table, figure.row) for figure in draft.report.plan.figures.values()}
    found.sort(key=lambda place: (place[0].table.id, place[0].row.code) in figures)
    # Nobody begins a row that is not theirs in a cell for remarks.
    if name == "row-not-for-level":
        found.sort(key=lambda place: place[0].table.columns.index(place[0].column))
    return iter(found[: 4 * _TRIES])


def _cells(draft: Draft, name: str) -> Iterator[Cell]:
    """The cells in which the fault can be: closed ones and rows of other levels for the faults of that name only."""
    report = draft.report
    for table in report.plan.all_tables:
        for row in table.rows:
            is_foreign = not row.is_for(report.school.level)
            if (table.id, row.code) in draft.used or is_foreign != (name == "row-not-for-level"):
                continue
            given = report.filled.get(table.id, {}).get(row.code, {})
            for column in table.columns:
                if (column.id in row.closed) == (name == "cell-closed"):
                    yield Cell(report, table, row, column, given.get(column.id))


def _variants(column: Column, value: Value) -> list[Value]:
    """The value, and what else a reader could take it for: whichever it does, no rule must break."""
    if not isinstance(value, Odd) or value.read is not None:
        return [value]
    written = value.written
    if isinstance(written, Error) or isinstance(written, str) != (column.kind in ("choice", "text")):
        return [value, None]
    return [value, Odd(written, written), None]


def _with(cell: Cell, value: Value) -> Report:
    changed = cell.report.copy()
    cells = changed.cells(cell.table, cell.row.code)
    cells.pop(cell.column.id, None)
    if value is not None:
        cells[cell.column.id] = value
    return changed


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
    for row in rows:
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
