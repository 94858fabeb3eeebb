"""`submit`: the open workbook's report, handed to the service.

What is handed in are the cells that were read and judged, and the moment is the service's: the next pass finds them as
a file in the folder of submissions and judges them once more. The same cells handed in again are the same submission;
cells that a newer submission replaced are not taken again, so that a call that somebody repeats brings no old report
back. Who means them changes a cell, such as `Ngày lập`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sync import i18n
from sync.addin import checking, judging, writing
from sync.addin.errors import NotTaken
from sync.addin.judging import Judged
from sync.addin.outcome import Outcome
from sync.i18n import gettext as _
from sync.outputs.returned import words
from sync.sources import addin as handed_in

if TYPE_CHECKING:
    from xlwings import Book

    from sync.office import OpenOffice

MOST_A_DAY = 50
"""Submissions of one school for one period within 24 hours: more are no person's."""
_DAY_NS = int(timedelta(days=1).total_seconds()) * 10**9


def submit(book: Book, office: OpenOffice, school: str | None, now: datetime) -> Outcome:
    """See sync.addin.submit."""
    with i18n.using("vi"):
        informed = _informed(office)
        judged = judging.judged(book, informed, school)
        if judged.status != "accepted" or judged.school is None or judged.period is None:
            return checking.told(judged, informed, now.astimezone(office.zone))
        _refuse_sealed(informed, judged.period)
        moment, again = _handed_in(informed, judged, judged.school, judged.period, now)
        return _told(informed, judged, moment, again)


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
    """When the content counts as handed in, and whether it had been before. Raises NotTaken."""
    folder, digest = office.workspace.handed_in, handed_in.digest_of(judged.content)
    before = handed_in.submissions(folder, school, period)
    if before and before[-1].digest == digest:
        return datetime.fromtimestamp(before[-1].at_ns / 10**9, UTC), True
    if any(each.digest == digest for each in before):
        message = _(
            "This report was handed in before, and a newer one has taken its place. If it is really to count again, "
            "change the date of the report in the sheet {sheet} and hand it in."
        )
        raise NotTaken(message.format(sheet="Thông tin"))
    at_ns = round(now.timestamp() * 10**9)
    if sum(each.at_ns > at_ns - _DAY_NS for each in before) >= MOST_A_DAY:
        message = _("{count} reports were handed in within a day; try again tomorrow, or send the file to the office.")
        raise NotTaken(message.format(count=MOST_A_DAY))
    handed_in.hand_in(folder, school, period, judged.content, now.astimezone(office.zone))
    return now, False


def _told(office: OpenOffice, judged: Judged, moment: datetime, again: bool) -> Outcome:
    school = office.control.schools.by_code[str(judged.school)]
    period = office.any_period(str(judged.period))
    local = moment.astimezone(office.zone)
    lines = words.handed_in_lines(local, school.at(period.ends_on).name, period.title, judged.findings)
    writing.write(judged.place, lines, judged.findings)
    same = _("This very report was handed in already; there is nothing to do.")
    return checking.outcome(judged, office, same if again else " ".join(lines), submitted=True)
