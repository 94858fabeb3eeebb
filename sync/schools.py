"""Who reports, and how schools change: one that was renamed, moved or merged counts where it stood in each period."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from sync.periods import Period


@dataclass(frozen=True, slots=True)
class Earlier:
    """How a school was up to `until`, that day included; "" where it was then as it was afterwards."""

    until: date
    name: str = ""
    level: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class School:
    """A school as the officer's control workbook lists it; open from `opened_on` to `closed_on`, both days included.

    name, level and unit are those of now; `at` knows those of before.
    """

    code: str
    name: str
    level: str
    unit: str = ""
    emails: tuple[str, ...] = ()
    head_emails: tuple[str, ...] = ()
    phone: str = ""
    opened_on: date | None = None
    closed_on: date | None = None
    spreadsheet: str = ""
    """The id of the Google Sheet that the school reports in; "" where it sends files."""
    merged_into: str = ""
    """The code of the school that it went into when it closed."""
    earlier: tuple[Earlier, ...] = ()
    """How it was before, in order of days; each day at most once."""

    def exists_in(self, period: Period) -> bool:
        """Whether the school is open on the last day of `period`, the day its report is about."""
        opened = self.opened_on is None or self.opened_on <= period.ends_on
        return opened and (self.closed_on is None or self.closed_on >= period.ends_on)

    def at(self, day: date) -> School:
        """The school as it stood on `day`; what is not about that day (addresses, telephone) stays that of now."""
        since = [each for each in self.earlier if each.until >= day]
        if not since:
            return self
        name, level, unit = self.name, self.level, self.unit
        for each in reversed(since):
            name, level, unit = each.name or name, each.level or level, each.unit or unit
        return replace(self, name=name, level=level, unit=unit, earlier=self.earlier[: -len(since)])


@dataclass(frozen=True)
class Schools:
    """All schools of an office, in the order of the control workbook."""

    schools: tuple[School, ...] = ()
    by_code: dict[str, School] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_code", {school.code: school for school in self.schools})

    def __iter__(self) -> Iterator[School]:
        return iter(self.schools)

    def __len__(self) -> int:
        return len(self.schools)

    def at(self, day: date) -> Schools:
        """All schools, the closed ones too, as each stood on `day`."""
        return Schools(tuple(school.at(day) for school in self.schools))

    def reporting_in(self, period: Period) -> Iterable[School]:
        """The schools that owe a report of `period`, as they stood on its last day."""
        return [school.at(period.ends_on) for school in self.schools if school.exists_in(period)]

    def absorbing_between(self, first: Period, second: Period) -> frozenset[str]:
        """Codes of the schools that others went into, which existed in `first` and do not in the later `second`."""
        days = (first.ends_on, second.ends_on)
        gone = [each for each in self.schools if each.closed_on and days[0] <= each.closed_on < days[1]]
        return frozenset(school.merged_into for school in gone if school.merged_into)
