"""What a report is about: a period, the periods of schools that it covers, and whose report it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal

from sync import comparing
from sync.comparing import PeriodFigures
from sync.config import Office
from sync.consolidate import Consolidated
from sync.periods import Period, Periods
from sync.plan import CalendarEntry, Plan
from sync.reporting.masking import Masking
from sync.reporting.wording import lowered

Kind = Literal["semester", "yearly", "review"]
KINDS: Mapping[str, Kind] = {
    "school_year": "semester",
    "on_demand": "semester",
    "calendar_year": "yearly",
    "once": "review",
}
"""What kind of report an entry of the plan's calendar asks for, by its `every`."""


@dataclass(frozen=True)
class Subject:
    """period: the one reported on. covered: the figures of the schools' periods in it, oldest first.
    state: all figures of the last of `spans`; where there are none, of the last one of `covered`.
    earlier: as `covered`, of the period that this one is compared with, and its title. now: the moment of the report.
    """

    plan: Plan
    period: Period
    office: Office
    now: datetime
    covered: Sequence[PeriodFigures] = ()
    state: Consolidated | None = None
    earlier: Sequence[PeriodFigures] = ()
    earlier_title: str = ""
    masking: Masking = field(default_factory=Masking)

    @property
    def kind(self) -> Kind:
        return report_kind(self.plan, self.period)

    @cached_property
    def spans(self) -> tuple[PeriodFigures, ...]:
        """The covered periods that figures are taken from; see `spans_of`."""
        return spans_of(self.covered, self.now)

    @property
    def main(self) -> Consolidated | None:
        """`state`, where a report counts: what activities, duties and targets are taken from."""
        return self.state if self.spans else None

    @property
    def past(self) -> PeriodFigures | None:
        """What the last of `spans` is compared with."""
        spans = spans_of(self.earlier, self.now)
        return spans[-1] if spans else None


def entry_of(plan: Plan, period: Period) -> CalendarEntry | None:
    """The entry of the plan's calendar that `period` belongs to; None where the officer named the period."""
    code = comparing.kind_of(plan, period)
    return next((entry for entry in plan.calendar if entry.code == code), None)


def report_kind(plan: Plan, period: Period) -> Kind:
    """The kind of report that the plan's calendar asks for; like a semester's where it says nothing of the period."""
    entry = entry_of(plan, period)
    return KINDS[entry.every] if entry else "semester"


def spans_of(covered: Sequence[PeriodFigures], now: datetime) -> tuple[PeriodFigures, ...]:
    """Those with reports that count, without the ones that lie within another one that is over.

    A report on a school year counts from its first day on, the first semester included; both together would count
    twice.
    """
    known = [each for each in covered if each.counted]
    return tuple(each for each in known if not any(_within(each.period, other.period, now) for other in known))


def _within(period: Period, other: Period, now: datetime) -> bool:
    inside = other.starts_on <= period.starts_on and period.ends_on <= other.ends_on and period.key != other.key
    return inside and other.ends_on <= now.date()


def before(plan: Plan, periods: Periods, period: Period) -> Period | None:
    """The last period of the same entry of the calendar before `period`; None for what comes once or on demand."""
    entry = entry_of(plan, period)
    if entry is None or KINDS[entry.every] == "review" or entry.every == "on_demand":
        return None
    earlier = [each for each in periods if entry_of(plan, each) == entry and each.ends_on < period.ends_on]
    return earlier[-1] if earlier else None


def in_text(title: str) -> str:
    """A period's title inside a sentence: "học kỳ I năm học 2024-2025", "năm 2025"."""
    return lowered(title.removeprefix("Báo cáo ")) if title != "Báo cáo" else lowered(title)


def short_title(figures: PeriodFigures) -> str:
    """A period as the head of a narrow column."""
    return figures.period.title.removeprefix("Năm học ").removeprefix("Báo cáo ")
