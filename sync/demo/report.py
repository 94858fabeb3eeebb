"""What one school reports."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

from sync.demo.cast import Size
from sync.demo.soundness import Filled
from sync.periods import Period
from sync.plan import Plan, Row, Table
from sync.schools import School


@dataclass(eq=False)
class Report:
    """What one school reports; `filled` is by table id and row code, with filled cells only."""

    plan: Plan
    school: School
    size: Size
    period: Period
    rng: random.Random
    filled: dict[str, dict[str, Filled]] = field(default_factory=dict)

    def rows(self) -> Iterable[tuple[Table, Row]]:
        """The rows that the school's level fills."""
        for table in self.plan.all_tables:
            for row in table.rows:
                if row.is_for(self.school.level):
                    yield table, row

    def cells(self, table: Table, code: str) -> Filled:
        """The filled cells of a row, to be changed in place."""
        return self.filled.setdefault(table.id, {}).setdefault(code, {})

    def copy(self) -> Report:
        """The same report, whose cells can be changed without changing these."""
        filled = {table: {code: dict(row) for code, row in rows.items()} for table, rows in self.filled.items()}
        return Report(self.plan, self.school, self.size, self.period, self.rng, filled)
