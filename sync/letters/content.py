"""What letters say, as plain values: gathered by the steps, drawn by the templates. Moments are aware, office time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sync.notices import Kind, Notice
from sync.periods import Period
from sync.schools import School


@dataclass(frozen=True, slots=True)
class Mend:
    """One finding as a letter tells it: the place ("Phụ lục, ô H8"), what is wrong, how to mend it."""

    place: str
    message: str
    fix: str
    is_error: bool = True


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter."""

    name: str
    content: bytes
    kind: str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Item:
    """One notice of a letter with what its template needs.

    days: calendar days from the notice's day to the due day, negative when late. file: name of the school's file that
    is spoken of. counts: an earlier report of the school is accepted and counts although this one has errors. more:
    findings that are left out of `findings` for length. too_large: a returned copy is left out for its size. refused:
    nothing of the file could be used. marked: the returned copy is the school's own workbook with its cells marked, not
    a list of findings alone. to_whom: of the office's own duties, who gets the report; "" is the office's
    parent.
    """

    notice: Notice
    school: School | None = None
    period: Period | None = None
    days: int = 0
    file: str = ""
    received_at: datetime | None = None
    counts: bool = False
    findings: tuple[Mend, ...] = ()
    more: int = 0
    attachments: tuple[Attachment, ...] = ()
    too_large: bool = False
    grace_until: datetime | None = None
    """Until when a report that came in time and has errors can be mended and still count as on time."""
    link: str = ""
    """Of the Google Sheet that the school reports in; "" where it sends files."""
    refused: bool = False
    marked: bool = True
    to_whom: str = ""
    reason: str = ""
    """Why the office gives the report back, in the officer's words."""


@dataclass(frozen=True, slots=True)
class SchoolLine:
    """A school in the digest."""

    code: str
    name: str
    phone: str
    days_late: int = 0
    standing: str = ""
    reason: str = ""
    """Why it is on the list: no address, a letter that failed, a report that was given back."""


@dataclass(frozen=True, slots=True)
class PeriodLines:
    """One period in the digest; `counts` has the schools by standing, `new` those whose reports came since the last.

    The `reason` of one that has to mend its report is why the office gave it back, "" where it did not.
    """

    period: Period
    counts: dict[str, int]
    missing: Sequence[SchoolLine] = ()
    to_mend: Sequence[SchoolLine] = ()
    new: Sequence[SchoolLine] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A letter that did not reach an address."""

    address: str
    school: str
    """Name of the school, "" for the office's own letters."""
    phone: str
    subject: str
    at: datetime
    reason: str
    unknown: bool = False
    """The connection was lost when the letter may have been taken already; it is not sent again by itself."""
    repeated: bool = False
    """It was sent twice, with the same Message-ID, because the program was ended while it was sent."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A job of the service that failed."""

    job: str
    at: datetime
    message: str


@dataclass(frozen=True, slots=True)
class Digest:
    """The officer's daily letter. sent: letters since the last digest by kind. next: what goes next and when."""

    at: datetime
    since: datetime | None
    periods: Sequence[PeriodLines] = ()
    sent: Sequence[tuple[Kind, int]] = ()
    failed: Sequence[Failed] = ()
    to_call: Sequence[SchoolLine] = ()
    last_pass: datetime | None = None
    troubles: Sequence[Trouble] = ()
    next: Sequence[tuple[datetime, Kind, str, int]] = ()
    """When, kind, title of the period, how many notices."""
    waiting: int = 0
    """Letters that wait because the daily limit is reached."""
    remarks: Sequence[str] = ()
    """Sentences in Vietnamese on what the officer should know: reminder dates that do not fit, broken templates."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter: what it says, to whom. `id` is 32 hex digits that stay the same when it is sent again."""

    id: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    items: tuple[Item, ...]
    digest: Digest | None = None
