"""Drawing up the report of a period: its figures from the ledger, the template, one .docx in tong-hop/."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sync.errors import MendableError
from sync.i18n import gettext as _
from sync.ledger import Output
from sync.office import OpenOffice, UnknownPeriod
from sync.periods import Period
from sync.workspace import places, write_atomically

if TYPE_CHECKING:
    from sync.ledger import Ledger
    from sync.reporting import Subject


class ReportError(MendableError):
    """The report cannot be put where it belongs."""


@dataclass(frozen=True)
class DrawnUp:
    """A report that was written. `report` and `template` are relative to the workspace; `template` is "" where the
    shipped one was used. gaps: the places that are marked to be filled in. kept: an earlier report that somebody
    worked on and that was left as it is, "" where there was none.
    """

    period: str
    kind: str
    report: str
    gaps: int
    template: str
    for_others: bool
    kept: str = ""


def draw_up(office: OpenOffice, ledger: Ledger, key: str | None = None, *, for_others: bool = False) -> DrawnUp:
    """Writes the report on the period `key` (None: the current one). Raises UnknownPeriod, ReportError, TemplateError.

    A report that was edited since it was written is never replaced: the new one then lies beside it. On a sealed period
    it says what the next addendum would seal.
    """
    from sync.outputs import word_report
    from sync.reporting import report_kind

    office = office.informed(ledger, open_again=period_of(office, key).key)
    period = period_of(office, key)
    content, gaps = render(office, ledger, period, for_others=for_others)
    name = report_name(period, for_others=for_others)
    path, kept = _place(office, ledger, name, content)
    written = write_atomically(path, content).relative_to(office.workspace.path).as_posix()
    ledger.record_output(Output(written, hashlib.sha256(content).hexdigest(), office.now))
    own = word_report.own_template(office.workspace.report_templates, report_kind(office.plan, period))
    template = own.relative_to(office.workspace.path).as_posix() if own else ""
    return DrawnUp(
        period.key, report_kind(office.plan, period), written, gaps, template, for_others, name if kept else ""
    )


def render(office: OpenOffice, ledger: Ledger, period: Period, *, for_others: bool = False) -> tuple[bytes, int]:
    """The report on `period` as the bytes of a .docx, and how many gaps it has. Raises TemplateError.

    The same ledger, settings, template and moment give the same bytes.
    """
    from sync.outputs import word_report

    return word_report.build(
        subject_of(office, ledger, period, for_others=for_others), office.workspace.report_templates
    )


def report_name(period: Period, *, for_others: bool = False) -> str:
    """The file's name of the report on `period`, relative to the workspace."""
    ending = " (bản gửi nơi khác)" if for_others else ""
    return f"tong-hop/bao-cao-{period.key.replace('/', '-')}{ending}.docx"


def period_of(office: OpenOffice, key: str | None) -> Period:
    """The period `key`, of schools or of the office alone; the current one of schools where none is named.

    Raises UnknownPeriod.
    """
    if key is None:
        return office.period(None)
    period = office.control.periods.by_key.get(key)
    if period is None:
        known = ", ".join(each.key for each in office.control.periods) or _("none yet")
        message = _("There is no period {period}; there are: {known}.")
        raise UnknownPeriod(message.format(period=key, known=known))
    return period


def subject_of(office: OpenOffice, ledger: Ledger, period: Period, *, for_others: bool = False) -> Subject:
    """What the report on `period` is about, with all figures that it needs."""
    from sync import facts, reporting
    from sync.period_figures import figures_over

    covered = figures_over(office, ledger, period)
    earlier = reporting.before(office.plan, office.control.periods, period)
    spans = reporting.spans_of(covered, office.now) or tuple(covered)
    return reporting.Subject(
        plan=office.plan,
        period=period,
        office=office.settings.office,
        now=office.now,
        covered=covered,
        state=facts.figures_of(office, ledger, spans[-1].period) if spans else None,
        earlier=figures_over(office, ledger, earlier) if earlier else (),
        earlier_title=earlier.title if earlier else "",
        masking=reporting.Masking(for_others),
    )


def _place(office: OpenOffice, ledger: Ledger, name: str, content: bytes) -> tuple[Path, bool]:
    """Where the report goes, and whether that is not its own name because somebody worked on what lies there."""
    path = office.workspace.path / name
    for place in places(path):
        if _is_ours(office, ledger, place, content):
            return place, place != path
    raise ReportError(_("{file}: there are too many edited reports; move some of them away.").format(file=path))


def _is_ours(office: OpenOffice, ledger: Ledger, place: Path, content: bytes) -> bool:
    """Whether nothing lies there but what was written there before."""
    try:
        there = place.read_bytes()
    except FileNotFoundError:
        return True
    last = ledger.output(place.relative_to(office.workspace.path).as_posix())
    return there == content or (last is not None and last.fingerprint == hashlib.sha256(there).hexdigest())
