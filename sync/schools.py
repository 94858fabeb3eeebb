"""Who reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from sync.periods import Period


@dataclass(frozen=True, slots=True)
class School:
    """A school as the officer's control workbook lists it; open from `opened_on` to `closed_on`, both days included."""

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

    def exists_in(self, period: Period) -> bool:
        """Whether the school is open on the last day of `period`, the day its report is about."""
        opened = self.opened_on is None or self.opened_on <= period.ends_on
        return opened and (self.closed_on is None or self.closed_on >= period.ends_on)


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

    def reporting_in(self, period: Period) -> Iterable[School]:
        """The schools that owe a report of `period`."""
        return [school for school in self.schools if school.exists_in(period)]
