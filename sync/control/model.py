"""What the control workbook says, and what can be wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sync import periods
from sync.errors import MendableError
from sync.periods import Periods
from sync.plan import Plan
from sync.schools import Schools
from sync.working_days import WorkingDays


@dataclass(frozen=True)
class Control:
    """The officer's standing instructions. `holidays` are extra days off and their names, in order of days."""

    schools: Schools = field(default_factory=Schools)
    periods: Periods = field(default_factory=Periods)
    holidays: Mapping[date, str] = field(default_factory=dict)


class Problem(NamedTuple):
    """One thing to mend: where (a sheet and Excel's address, None where there is none), what is wrong, what to do."""

    sheet: str | None
    cell: str | None
    message: str
    fix: str

    def __str__(self) -> str:
        place = "!".join(part for part in (self.sheet, self.cell) if part)
        return f"{place}: {self.message} {self.fix}" if place else f"{self.message} {self.fix}"


class ControlError(MendableError):
    """A control workbook with problems; all of them, in the order of its sheets and rows."""

    def __init__(self, source: str, problems: list[Problem]) -> None:
        super().__init__("\n".join([f"{source}:", *(f"  {problem}" for problem in problems)]))
        self.source = source
        self.problems = problems


def proposed(plan: Plan, zone: ZoneInfo, days: WorkingDays | None = None, before_days: Collection[int] = ()) -> Control:
    """What a new workspace begins with: the plan's reporting calendar (see periods.proposed), and no schools yet."""
    return Control(periods=periods.proposed(plan, zone, days, before_days))
