"""One open workbook → the verdict on it, by the same reader and the same checks as its file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from sync import beside, checking
from sync.addin import cells
from sync.addin.errors import NotAReport, OtherSchool
from sync.checks.catalogue import wording
from sync.checks.report import file_verdict
from sync.i18n import gettext as _
from sync.intake import reader
from sync.intake.gsheet import to_bytes
from sync.intake.guard import Limits
from sync.intake.spec import plan_spec
from sync.landmarks import INFO_SHEET, META_SHEET
from sync.outputs.layout import FINDINGS_SHEET
from sync.outputs.returned import ReturnedFinding, words
from sync.plan import Plan
from sync.text import fold

if TYPE_CHECKING:
    from xlwings import Book, Sheet

    from sync.checks.context import Context
    from sync.checks.judging import Judgement
    from sync.intake.reading import Reading
    from sync.office import OpenOffice


@dataclass(frozen=True)
class Judged:
    """A judged workbook: whose report it is, the verdict, and where the verdict goes."""

    place: Sheet
    """Its sheet `Kiểm tra`."""
    content: bytes
    """The cells that were read, as the archive keeps them."""
    school: str | None
    period: str | None
    status: words.Status
    verdict: dict[str, Any]
    """In the shape of `check --json`."""
    findings: list[ReturnedFinding]
    failures: list[str]
    """Checks of ours that crashed."""

    def count(self, severity: str) -> int:
        """How many findings are 'error' or 'warning'."""
        return sum(finding.severity == severity for finding in self.findings)


def judged(book: Book, office: OpenOffice | None, school: str | None) -> Judged:
    """The verdict on the open `book`; nothing is written. Raises AddinError, PlanError, ControlError, LedgerError.

    `school` is whose key opened the way here, None where nobody needs one.
    """
    contexts = {office.plan.code: office.context} if office else checking.shipped_contexts()
    limits = office.limits if office else Limits()
    sheets = cells.named(book, limits)
    place = next((sheet for name, sheet in sheets.items() if fold(name) == fold(FINDINGS_SHEET)), None)
    content, reading = _read(sheets, contexts, limits, school)
    if place is None:
        raise NotAReport(
            _("This workbook has no sheet {sheet}; use the one that the office sent.").format(sheet=FINDINGS_SHEET)
        )
    context = contexts[str(reading.plan)]
    compare = partial(beside.compared, office) if office else None
    judgement = checking.judged([reading], context, compare)
    return _judged(book, place, content, reading, judgement, context.plan)


def _read(
    sheets: dict[str, Sheet], contexts: dict[str, Context], limits: Limits, school: str | None
) -> tuple[bytes, Reading]:
    """The cells as bytes and what they say, bound to the school that they are of. Raises NotAReport, OtherSchool."""
    plans = [context.plan for context in contexts.values()]
    tables = [table.sheet for each in plans for table in each.all_tables]
    names = cells.chosen(sheets, [META_SHEET, INFO_SHEET, *tables], _expected(plans, sheets), FINDINGS_SHEET)
    tabs = cells.tabs(sheets, names, limits)
    specs = reader.prepare({each.code: plan_spec(each) for each in plans})
    reading = reader.read(to_bytes(tabs, school or ""), specs, limits)
    if reading.refused:
        raise NotAReport(_told(reading))
    reading.school = reading.school or school
    if school is not None and reading.school != school:
        message = _("This key is of {school}; the workbook is of {other}. Use the workbook of your own school.")
        raise OtherSchool(message.format(school=school, other=reading.school))
    return to_bytes(tabs, reading.school or ""), reading


def _expected(plans: list[Plan], sheets: dict[str, Sheet]) -> list[str]:
    """The sheets of the tables of the plan that `sheets` has most of."""
    there = set(map(fold, sheets))
    tables = [[table.sheet for table in each.all_tables] for each in plans]
    return max(tables, key=lambda names: sum(fold(name) in there for name in names))


def _told(reading: Reading) -> str:
    """Why a workbook cannot be used, and what to do."""
    seen = reading.observations[0]
    message, fix = wording(seen.code, dict(seen.params), None)
    return f"{message} {fix}"


def _judged(book: Book, place: Sheet, content: bytes, reading: Reading, judgement: Judgement, plan: Plan) -> Judged:
    verdict = file_verdict(str(book.name), reading, judgement, 0, plan)
    tables = judgement.findings["table"].astype(object)
    known = tables.where(tables.notna(), None).tolist()
    return Judged(
        place,
        content,
        reading.school,
        reading.period,
        judgement.receipts.iloc[0]["status"],
        verdict,
        [ReturnedFinding(table=table, **told) for table, told in zip(known, verdict["findings"], strict=True)],
        [str(failure) for failure in judgement.failures],
    )
