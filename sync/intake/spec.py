"""What the child process must know of a plan, without the plan's classes."""

from __future__ import annotations

from sync.intake.reading import ColumnSpec, PlanSpec, TableSpec
from sync.plan import Plan, Table


def plan_spec(plan: Plan) -> PlanSpec:
    """The part of `plan` that reading needs."""
    return PlanSpec(plan.code, plan.version, tuple(_table_spec(table) for table in plan.all_tables))


def _table_spec(table: Table) -> TableSpec:
    return TableSpec(
        id=table.id,
        sheet=table.sheet,
        headings=tuple(column.heading for column in table.fixed),
        columns=tuple(ColumnSpec(c.id, c.heading, c.kind, c.values) for c in table.columns),
        codes=tuple(row.code for row in table.rows),
        sections=tuple(section.code for section in table.sections),
        printed=tuple(tuple(row.text(column.id) for column in table.fixed) for row in table.rows),
    )
