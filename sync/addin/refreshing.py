"""Bringing the open consolidated workbook up to date in place, while Excel stays open.

The officer's columns are heard first, then a pass goes over the office; what it built (the same workbook that would lie
in `tong-hop/`) is written into the open one, where that differs. Nothing here decides what stands in a cell. The file
is left to Excel: the officer saves it, and a pass that sees it unsaved builds it again.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sync import i18n, passes
from sync.addin import in_place
from sync.addin.built import BuiltBook
from sync.addin.errors import AddinError
from sync.addin.in_place import LiveSheets, Written
from sync.addin.outcome import Outcome
from sync.answers.document import Base, Document, read
from sync.answers.memory import Memory
from sync.answers.opened import Opened
from sync.comparing import workbook_name
from sync.i18n import gettext as _

if TYPE_CHECKING:
    import xlwings as xw

    from sync.office import OpenOffice
    from sync.passes import PassResult


_SAME_MOMENT = timedelta(seconds=1)


class NotConsolidated(AddinError):
    """The open workbook is none of this office's consolidated workbooks, or what it is to become is not there."""

    status = 422


class AlreadySealed(AddinError):
    """The open workbook is of a sealed period."""

    status = 409


def refresh(book: xw.Book, office: OpenOffice) -> Outcome:
    """Brings the open consolidated workbook `book` up to date; the officer's columns are decisions first.

    What was typed outside of them is kept as a copy in `tong-hop/`, as a pass does. The book is not saved. Raises
    NotConsolidated, AlreadySealed, and what a pass raises: WorkspaceBusy, LedgerBusy, LedgerError, ControlError,
    PlanError.
    """
    with i18n.using("vi"):
        before = LiveSheets(book)
        document = _document(before, office)
        period = office.any_period(document.base.period if document.base else "").key
        _refuse_sealed(office, period)
        opened = _opened(book, office, period, before)
        was = _built_before(office, opened.built_as, document.base)
        result = passes.run(office, period=period, opened=opened)
        content = Memory.read(office.workspace).newest_build(opened.built_as)
        if content is None:
            raise NotConsolidated(_("No pass has built the workbook of {period} yet.").format(period=period))
        written = in_place.bring_up(book, BuiltBook(content), was, before)
        return Outcome(True, False, _message(office, period, written, result), period=period)


def _document(sheets: LiveSheets, office: OpenOffice) -> Document:
    document, folder = read(sheets), f"{office.workspace.outputs.name}/"
    if document.base is None:
        message = _(
            "This workbook is no consolidated workbook. Open the one of the period in {folder} and click again."
        )
        raise NotConsolidated(message.format(folder=folder))
    if _is_foreign(office, document.base):
        message = _(
            "This workbook was built by another office, or before this one was restored from a backup. Open the one in "
            "{folder} and click again."
        )
        raise NotConsolidated(message.format(folder=folder))
    return document


def _is_foreign(office: OpenOffice, base: Base) -> bool:
    """Whether the pass that built the workbook had another moment than the pass of that number here."""
    from sync.ledger import Ledger

    if base.run is None or base.built_at is None:
        return False
    with Ledger.open(office.ledger_url) as ledger:
        moment = ledger.run_moments([base.run]).get(base.run)
    return moment is not None and abs(moment - base.built_at) > _SAME_MOMENT


def _refuse_sealed(office: OpenOffice, period: str) -> None:
    """A sealed workbook is not built again: what the officer typed beside it is not to be written over."""
    from sync.ledger import Ledger

    with Ledger.open(office.ledger_url) as ledger:
        if period not in office.informed(ledger).sealed:
            return
    message = _("{period} is sealed: its workbook does not change any more, and nothing was written.")
    raise AlreadySealed(message.format(period=office.any_period(period).title))


def _opened(book: xw.Book, office: OpenOffice, period: str, sheets: LiveSheets) -> Opened:
    name = workbook_name(office.any_period(period))
    path = office.workspace.outputs / name
    if _is_file(book, path):
        return Opened(f"{path.parent.name}/{name}", period, name, sheets, path)
    return Opened(_fullname(book), period, name, sheets)


def _is_file(book: xw.Book, path: Path) -> bool:
    """Whether the open workbook is the file `path`; where its folder is not known, by its name alone."""
    there = Path(_fullname(book))
    if not there.is_absolute():
        return there.name == path.name
    try:
        return there.samefile(path)
    except OSError:
        return there == path


def _fullname(book: xw.Book) -> str:
    from xlwings import XlwingsError

    try:
        return str(book.fullname)
    except XlwingsError:
        # A workbook in OneDrive has an address; xlwings does not always find the folder of it.
        return str(book.name)


def _built_before(office: OpenOffice, name: str, base: Base | None) -> BuiltBook | None:
    """The workbook as it was built that is open now; None where it is not kept any more."""
    run = base.run if base else None
    builds = Memory.read(office.workspace).builds(name, run)
    return BuiltBook(builds[0]) if run is not None and len(builds) == 1 else None


def _message(office: OpenOffice, period: str, written: Written, result: PassResult) -> str:
    if written.sheets:
        done = _(
            "The workbook of {period} is up to date as of {time}; {count} sheets changed. Press Ctrl+S to save it."
        )
    else:
        done = _("The workbook of {period} was up to date already, as of {time}.")
    said = done.format(period=period, time=f"{office.now:%H:%M %d/%m/%Y}", count=len(written.sheets))
    return " ".join([said, *result.notes, *result.problems])
