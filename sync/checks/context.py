"""What reports are judged against. Light to import: commands that judge nothing make one too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sync.intake.reading import Reading
from sync.periods import Periods
from sync.plan import Plan
from sync.schools import Schools

IsSealed = Callable[[Reading], bool]


@dataclass(frozen=True)
class Context:
    """What reports are judged against.

    Outside a workspace there are no schools and no seal: then nothing is said about them.
    """

    plan: Plan
    periods: Periods
    schools: Schools | None = None
    is_sealed: IsSealed | None = None

    def level_of(self, reading: Reading) -> str | None:
        """The level of the reading's school in the period that it reports; None where it is not known."""
        school = self.schools.by_code.get(reading.school or "") if self.schools else None
        period = self.periods.by_key.get(reading.period or "")
        if school is None:
            return None
        return (school.at(period.ends_on) if period else school).level
