"""Sound reports of invented schools: drafted, then mended until none of the plan's rules fires."""

from __future__ import annotations

import random
from collections.abc import Sequence

from sync.demo.cast import Size
from sync.demo.drafting import any_value, draft
from sync.demo.report import Report
from sync.demo.soundness import broken_rules
from sync.periods import Period
from sync.plan import Plan, Table
from sync.schools import School

_ROUNDS = 400
_PATIENCE = 40


def sound(plan: Plan, cast: dict[School, Size], period: Period, seed: int | str) -> list[Report]:
    """A sound report for each school, which depends on the seed and the school alone."""
    reports = [
        Report(plan, school, size, period, random.Random(f"{seed}/{school.code}/{period.key}"))  # noqa: S311
        for school, size in cast.items()
    ]
    for report in reports:
        draft(report)
    _mend(plan, reports)
    return reports


def _mend(plan: Plan, reports: Sequence[Report]) -> None:
    """Changes the cells that broken rules name, at random, until none is broken."""
    wrong = list(reports)
    for round_ in range(_ROUNDS):
        broken = broken_rules(plan, [report.filled for report in wrong], wrong[0].period if wrong else None)
        if not broken:
            return
        touched = sorted({at for at, *_ in broken})
        if round_ % _PATIENCE == _PATIENCE - 1:
            # Some figure of the school leaves no room; another school is invented.
            for at in touched:
                wrong[at].filled.clear()
                draft(wrong[at])
        else:
            for (at, table, code), rules in sorted(broken.items()):
                _mend_row(wrong[at], plan.tables[table], code, rules, round_ % _PATIENCE)  # type: ignore[index]
        wrong = [wrong[at] for at in touched]
    raise RuntimeError(f"the rules of plan {plan.code} leave no sound report to invent")


def _mend_row(report: Report, table: Table, code: str, rules: frozenset[str], round_: int) -> None:
    names = {name for each in report.plan.rules[table.id] if each.rule.id in rules for name in each.names}
    pinned = {
        figure.column for figure in report.plan.figures.values() if (figure.table, figure.row) == (table.id, code)
    }
    cells = report.cells(table, code)
    # Blanks are filled first. Figures are what other rows are measured by, and the stage is what the row was drafted
    # for: they change only where nothing else helped.
    kept = pinned if round_ < 10 else set()
    kept = kept | ({table.status_column.id} if table.status_column and round_ < 5 else set())
    columns = [c for c in table.columns if c.id in names - kept - table.rows_by_code[code].closed]
    columns = [c for c in columns if c.id not in cells or round_ >= 2] or columns
    for column in columns:
        if round_ >= 2 and report.rng.random() < 0.4:
            continue
        if column.id in cells and not column.required and report.rng.random() < 0.4:
            del cells[column.id]
        else:
            cells[column.id] = any_value(report, table, code, column, is_likely=round_ < 5)
