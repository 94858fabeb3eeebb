"""`check`: the verdict on the open workbook, in its sheet `Kiểm tra`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sync import i18n
from sync.addin import earlier, judging, writing
from sync.addin.judging import Judged
from sync.addin.outcome import Outcome
from sync.i18n import gettext as _
from sync.outputs.returned import words

if TYPE_CHECKING:
    from xlwings import Book

    from sync.office import OpenOffice


def check(book: Book, office: OpenOffice | None, school: str | None = None) -> Outcome:
    """See sync.addin.check."""
    with i18n.using("vi"):
        judged = judging.judged(book, office, school)
        return told(judged, office, office.now if office else None)


def told(judged: Judged, office: OpenOffice | None, checked_at: datetime | None) -> Outcome:
    """Writes that the workbook was checked at a moment and what was found, and gives it as an outcome."""
    known = _known(judged, office) if office else ""
    lines = words.checked_lines(checked_at, judged.status, judged.findings, known)
    locked = writing.write(judged.place, lines, judged.findings)
    return outcome(judged, office, " ".join(filter(None, [lines[1], locked])), submitted=False)


def _known(judged: Judged, office: OpenOffice) -> str:
    """What became of the same report before, in Vietnamese; "" where nothing did or it is to be mended anyway."""
    from sync.sources import addin as handed_in

    if judged.status != "accepted" or judged.school is None or judged.period is None:
        return ""
    before = handed_in.submissions(office.workspace.handed_in, judged.school, judged.period)
    known = earlier.of(office, judged, before)
    if known.returned is not None:
        return words.given_back_line(known.returned)
    if known.is_replaced or known.handed_in_at is None:
        return ""
    return words.handed_in_before_line(known.handed_in_at.astimezone(office.zone))


def outcome(judged: Judged, office: OpenOffice | None, message: str, *, submitted: bool) -> Outcome:
    """The outcome of a call on the judged workbook."""
    failed = _("A check failed through a mistake of the program; the office has been told nothing yet: {failures}")
    failures = [failed.format(failures="; ".join(judged.failures))] if judged.failures else []
    period = office.control.periods.by_key.get(judged.period or "") if office else None
    due = period.due_for(judged.school or "") if period else None
    return Outcome(
        accepted=judged.status == "accepted",
        submitted=submitted,
        message=" ".join([message, *failures]),
        findings=judged.verdict["findings"],
        errors=judged.count("error"),
        warnings=judged.count("warning"),
        school=judged.school,
        period=judged.period,
        due=due.isoformat() if due else None,
        standing=_standing(judged, office) if office and period and period.schools_due else None,
    )


def _standing(judged: Judged, office: OpenOffice) -> str | None:
    """Where the school stands by what the last pass knew; None where it owes no report of the period."""
    from sync import facts
    from sync.ledger import Ledger

    if not has_ledger(office):
        return None
    with Ledger.open(office.ledger_url) as ledger:
        _period, frame = facts.status_of(office.informed(ledger), ledger, judged.period)
    found = frame.loc[frame["code"] == judged.school, "standing"].tolist()
    return str(found[0]) if found else None


def has_ledger(office: OpenOffice) -> bool:
    """Whether the office has had a pass; asking makes no ledger."""
    from pathlib import Path

    return not isinstance(office.ledger_url, Path) or office.ledger_url.is_file()
