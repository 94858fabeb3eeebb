"""The workbooks that go out to schools."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from sync.errors import MendableError
from sync.i18n import gettext as _
from sync.office import OpenOffice
from sync.progress import Progress
from sync.workspace import write_atomically


@dataclass
class Written:
    """Which files of a period were written, and which were there already; names inside the folder of workbooks."""

    period: str
    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


def write_templates(office: OpenOffice, key: str | None, schools: Collection[str], progress: Progress) -> Written:
    """Writes the workbook of each school (or of the codes in `schools`) for the period `key` (None: the current one).

    Raises UnknownPeriod, UnknownSchool.
    """
    from sync.outputs.school_workbook import Form, build

    period = office.period(key)
    chosen = [s for s in office.control.schools.reporting_in(period) if not schools or s.code in schools]
    _refuse_unknown(set(schools) - {school.code for school in chosen})
    result = Written(period.key)
    folder = office.workspace.templates / period.key.replace("/", "-")
    folder.mkdir(exist_ok=True)
    for done, school in enumerate(chosen):
        progress(_("Writing workbooks"), done, len(chosen))
        seal = office.seal_of(school.code, period.key)
        own = replace(period, schools_due=period.due_for(school.code))
        content = build(Form(office.plan, school, own, office.settings.office, seal))
        path = folder / f"{school.code}.xlsx"
        if path.is_file() and path.read_bytes() == content:
            result.unchanged.append(f"{folder.name}/{path.name}")
        else:
            result.written.append(f"{folder.name}/{write_atomically(path, content).name}")
    progress(_("Writing workbooks"), len(chosen), len(chosen))
    return result


class UnknownSchool(MendableError):
    """Schools were asked for that do not report in the period; the message names them."""


def _refuse_unknown(codes: Collection[str]) -> None:
    if codes:
        raise UnknownSchool(
            _("These schools do not report in the period: {codes}.").format(codes=", ".join(sorted(codes)))
        )
