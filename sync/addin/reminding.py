"""Notices from a click: what is owed now is shown, and sent once the officer said yes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sync import i18n, reminding
from sync.addin.outcome import Outcome
from sync.i18n import gettext as _
from sync.letters.words import KINDS, at, line, shortened

if TYPE_CHECKING:
    from xlwings import Book

    from sync.notices import Notice
    from sync.office import OpenOffice
    from sync.reminding import Reminded

LONGEST = 900
"""Characters of a message; a message box of Excel shows 1,024."""
_SHOWN = 6
_LINE = 110
_SECONDS = 120
"""So long letters are sent while somebody waits at the screen; what is left is owed again next time."""


def remind(book: Book, office: OpenOffice, confirmed: bool) -> Outcome:  # noqa: ARG001  # called like the others
    """Shows what is owed now, and where `confirmed` sends it, as `baocao remind` does.

    Unconfirmed, `accepted` says whether there is anything to send and to ask for. Confirmed, `submitted` says whether a
    letter left, and `accepted` whether nothing failed. What is true when a letter leaves counts and not what was shown;
    nobody is written to twice. Raises WorkspaceBusy, LedgerBusy, ControlError, PlanError, LedgerError.
    """
    with i18n.using("vi"):
        if not confirmed:
            told = reminding.preview(office)
            return Outcome(bool(told.notices) and not told.later, False, _shown(told))
        told = reminding.remind(office, force=True, seconds=_SECONDS)
        left = sum(told.outcomes[status] for status in ("sent", "written"))
        return Outcome(not told.failed, bool(left), _sent(office, told))


def _shown(told: Reminded) -> str:
    if told.later:
        said = _("Outside of working hours nothing is sent. At {moment}, if nothing comes in until then: {kinds}.")
        head = said.format(moment=at(told.next_at) if told.next_at else "", kinds=_counted(told.later))
        return _fitting(head, told, told.later)
    if told.notices:
        return _fitting(_("To be sent now: {kinds}.").format(kinds=_counted(told.notices)), told, told.notices)
    head = _("No notice is due now.")
    if told.next_at:
        head = f"{head} {_('The next notices are due at {moment}.').format(moment=at(told.next_at))}"
    return _fitting(head, told, [])


def _fitting(head: str, told: Reminded, notices: Sequence[Notice]) -> str:
    """The head, and as many notices below it as a message box has room for."""
    ends = [_("Schools without an address, to be called: {schools}.").format(schools=_schools(told.unreachable))]
    ends = [*(ends if told.unreachable else []), *told.problems]
    lines = [f"- {_line(told, notice)}" for notice in notices[:_SHOWN]]
    if len(notices) > _SHOWN:
        lines.append(_("… and {count} more").format(count=len(notices) - _SHOWN))
    return shortened("\n".join([head, *lines, *(shortened(each, _LINE) for each in ends)]), LONGEST)


def _line(told: Reminded, notice: Notice) -> str:
    """Kind, school, addresses and subject of one notice."""
    whom = ", ".join((*notice.to, *(f"cc {address}" for address in notice.cc)))
    parts = [KINDS[notice.kind], notice.school or "", whom, told.subjects[notice.key]]
    return shortened(" · ".join(line(each) for each in parts if each), _LINE)


def _counted(notices: Sequence[Notice]) -> str:
    counts = Counter(KINDS[notice.kind] for notice in notices)
    return ", ".join(f"{count} {kind}" for kind, count in counts.items())


def _schools(notices: Sequence[Notice]) -> str:
    return ", ".join(dict.fromkeys(notice.school or "" for notice in notices))


def _sent(office: OpenOffice, told: Reminded) -> str:
    parts = []
    if told.later:
        parts.append(_("Outside of working hours nothing is sent."))
    elif told.outcomes:
        parts.append(_("Notices were sent: {kinds}.").format(kinds=_counted(told.notices) or 0))
    else:
        parts.append(_("No notice is due now."))
    if told.outcomes["written"]:
        said = _("No mail server is configured: the letters lie in {folder}.")
        parts.append(said.format(folder=f"{office.workspace.outbox.name}/"))
    failed = sum(told.outcomes[status] for status in ("temporary", "permanent", "exhausted", "unknown"))
    if failed:
        parts.append(_("{count} addresses did not get theirs; the digest says why.").format(count=failed))
    if told.limited:
        parts.append(_("{count} letters wait.").format(count=told.limited))
    return shortened(" ".join([*parts, *told.problems]), LONGEST)
