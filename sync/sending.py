"""The workbooks that go out to schools."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

from sync.errors import MendableError
from sync.i18n import gettext as _
from sync.office import OpenOffice
from sync.periods import Period
from sync.progress import Progress
from sync.schools import School
from sync.workspace import write_atomically


@dataclass
class Written:
    """Which files of a period were written, and which were there already; names inside the folder of workbooks."""

    period: str
    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


def write_templates(office: OpenOffice, key: str | None, schools: Collection[str], progress: Progress) -> Written:
    """Writes the workbook of each school (or of the codes in `schools`) for the period `key` (None: the current one).

    Raises UnknownPeriod, UnknownSchool, LedgerError.
    """
    office = informed(office)
    period = office.period(key)
    chosen = schools_of(office, period, schools)
    result = Written(period.key)
    folder = office.workspace.templates / period.key.replace("/", "-")
    folder.mkdir(exist_ok=True)
    for done, school in enumerate(chosen):
        progress(_("Writing workbooks"), done, len(chosen))
        content = workbook_of(office, period, school)
        path = folder / f"{school.code}.xlsx"
        if path.is_file() and path.read_bytes() == content:
            result.unchanged.append(f"{folder.name}/{path.name}")
        else:
            result.written.append(f"{folder.name}/{write_atomically(path, content).name}")
    progress(_("Writing workbooks"), len(chosen), len(chosen))
    return result


def informed(office: OpenOffice) -> OpenOffice:
    """`office` with the officer's decisions: a workbook prints its school's own due date. Makes no ledger."""
    from sync.ledger import Ledger

    if isinstance(office.ledger_url, Path) and not office.ledger_url.is_file():
        return office
    with Ledger.open(office.ledger_url) as ledger:
        return office.informed(ledger)


def schools_of(office: OpenOffice, period: Period, codes: Collection[str]) -> list[School]:
    """The schools that report in `period`, or those of them that have one of `codes`. Raises UnknownSchool."""
    chosen = [s for s in office.control.schools.reporting_in(period) if not codes or s.code in codes]
    _refuse_unknown(set(codes) - {school.code for school in chosen})
    return chosen


def workbook_of(office: OpenOffice, period: Period, school: School) -> bytes:
    """The workbook that goes to `school` for `period`, sealed, as xlsx; the same arguments give the same bytes."""
    from sync.outputs.school_workbook import Form, build

    own = replace(period, schools_due=period.due_for(school.code))
    return build(Form(office.plan, school, own, office.settings.office, office.seal_of(school.code, period.key)))


class UnknownSchool(MendableError):
    """Schools were asked for that do not report in the period; the message names them."""


def _refuse_unknown(codes: Collection[str]) -> None:
    if codes:
        raise UnknownSchool(
            _("These schools do not report in the period: {codes}.").format(codes=", ".join(sorted(codes)))
        )
