"""`submit`: the open workbook's report, handed to the service.

What is handed in are the cells that were read and judged, and the moment is the service's: the next pass finds them as
a file in the folder of submissions and judges them once more. The same cells handed in again are the same submission;
cells that a newer submission replaced are not taken again, so that a call that somebody repeats brings no old report
back. Who means them changes a cell, such as `Ngày lập`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sync import i18n
from sync.addin import checking, earlier, judging, writing
from sync.addin.earlier import Earlier
from sync.addin.errors import NotKept, NotTaken
from sync.addin.judging import Judged
from sync.addin.outcome import Outcome
from sync.i18n import gettext as _
from sync.landmarks import INFO_SHEET
from sync.outputs.returned import words
from sync.sources import addin as handed_in
from sync.sources.addin import Submission

if TYPE_CHECKING:
    from xlwings import Book

    from sync.office import OpenOffice

MOST_A_DAY = 50
"""Submissions of one school for one period within 24 hours: more are no person's."""
LOCK, PATIENCE = "handing-in", 10
"""One report is handed in at a time; how many seconds others wait for it."""
_DAY_NS = int(timedelta(days=1).total_seconds()) * 10**9


def submit(book: Book, office: OpenOffice, school: str | None, now: datetime) -> Outcome:
    """See sync.addin.submit."""
    with i18n.using("vi"):
        informed = _informed(office)
        judged = judging.judged(book, informed, school)
        if judged.status != "accepted" or judged.school is None or judged.period is None:
            return checking.told(judged, informed, now.astimezone(office.zone))
        _refuse_sealed(informed, judged.period)
        # Whatever else may fail does so before: a report that counts is never answered with an error.
        told, place = checking.outcome(judged, informed, "", submitted=True), _place(informed, judged)
        with office.workspace.lock(LOCK, PATIENCE):
            moment, again = _handed_in(informed, judged, judged.school, judged.period, now)
        lines = words.handed_in_lines(moment.astimezone(office.zone), *place, judged.findings)
        locked = writing.write(judged.place, lines, judged.findings)
        same = _("This very report was handed in already; there is nothing to do.")
        return replace(told, message=" ".join(filter(None, [same if again else " ".join(lines), locked, told.message])))


def _informed(office: OpenOffice) -> OpenOffice:
    from sync.ledger import Ledger

    if not checking.has_ledger(office):
        return office
    with Ledger.open(office.ledger_url) as ledger:
        return office.informed(ledger)


def _refuse_sealed(office: OpenOffice, period: str) -> None:
    if period in office.sealed:
        message = _("{period} is sealed: reports of it are not taken any more. Ask the office if yours has to change.")
        raise NotTaken(message.format(period=office.any_period(period).title))


def _handed_in(office: OpenOffice, judged: Judged, school: str, period: str, now: datetime) -> tuple[datetime, bool]:
    """When the content counts as handed in, and whether it had been before. Raises NotTaken, NotKept."""
    folder = office.workspace.handed_in
    before = handed_in.submissions(folder, school, period)
    known = earlier.of(office, judged, before)
    _refuse_old(known)
    if known.handed_in_at is not None:
        return known.handed_in_at, True
    now = _after(before, now)
    if sum(each.at_ns > handed_in.nanoseconds(now) - _DAY_NS for each in before) >= MOST_A_DAY:
        message = _("{count} reports were handed in within a day; try again tomorrow, or send the file to the office.")
        raise NotTaken(message.format(count=MOST_A_DAY))
    _keep(folder, school, period, judged.content, now)
    return now, False


def _refuse_old(known: Earlier) -> None:
    if known.returned is not None:
        message = _("The office gave this very report back: “{reason}”. Mend it as that says, then hand it in.")
        raise NotTaken(message.format(reason=known.returned))
    if known.is_replaced:
        message = _(
            "This report was handed in before, and a newer one has taken its place. If it is really to count again, "
            "change the date of the report in the sheet {sheet} and hand it in."
        )
        raise NotTaken(message.format(sheet=INFO_SHEET))


def _keep(folder: Path, school: str, period: str, content: bytes, now: datetime) -> None:
    try:
        handed_in.hand_in(folder, school, period, content, now)
    except OSError as error:
        message = _(
            "The office's computer could not keep the report, so nothing was handed in. Try again later, or send the "
            "file to the office."
        )
        raise NotKept(message) from error


def _after(before: Sequence[Submission], now: datetime) -> datetime:
    """`now`, but always after the last submission: the newest counts, and clocks are set back at times."""
    if not before or handed_in.nanoseconds(now) > before[-1].at_ns:
        return now
    return handed_in.moment_of(before[-1]) + timedelta(seconds=1)


def _place(office: OpenOffice, judged: Judged) -> tuple[str, str]:
    """The name of the school in that period, and the period's title."""
    school, period = office.control.schools.by_code[str(judged.school)], office.any_period(str(judged.period))
    return school.at(period.ends_on).name, period.title
