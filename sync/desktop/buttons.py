"""A button was pressed in Excel: the open workbook, the office that was set up, what is done, what is shown.

Whatever happens, the person sees one sentence and never a traceback: what a user can mend is said as it is, the rest
goes into the workspace's log.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sync import i18n
from sync.errors import MendableError
from sync.i18n import gettext as _

if TYPE_CHECKING:
    from xlwings import Book

    from sync.addin import Outcome
    from sync.office import OpenOffice

TITLE = "Báo cáo"
"""Over every message: the name of the tab with the buttons."""
LOG = "excel.log"
"""The log of the buttons, in the workspace's folder of logs."""
UNREACHABLE = "Khong tim thay tep dang mo trong Excel. Hay luu tep, dong Excel, mo lai roi bam lai."
"""Shown by RunPython itself, from stderr: in a code page of Windows, so without diacritics."""


def pressed(button: str) -> None:
    """Does what `button` ("check", "submit", "refresh" or "remind") stands for, on the workbook that it came from.

    Ends the process with status 1 where not even that workbook can be found; RunPython shows UNREACHABLE then.
    """
    import xlwings

    try:
        book = xlwings.Book.caller()
    except Exception:  # COM and Apple events have errors of their own, of which none has a common class.
        sys.stderr.write(UNREACHABLE)
        sys.exit(1)
    _told(book, _BUTTONS[button])


def _told(book: Book, act: Callable[[Book, OpenOffice], Outcome | None]) -> None:
    try:
        outcome = _in_office(book, act)
    except MendableError as error:
        _say(book, str(error), "critical")
    except Exception:  # It is in the log by now; the screen is not the place for it.
        _say(book, _("The program made a mistake of its own and stopped. The log says more."), "critical")
    else:
        if outcome is not None:
            _say(book, outcome.message, "critical" if outcome.errors else "info")


def _in_office(book: Book, act: Callable[[Book, OpenOffice], Outcome | None]) -> Outcome | None:
    from sync import logs
    from sync.desktop.installing import workspace_of_excel
    from sync.office import open_office

    office = open_office(workspace_of_excel())
    i18n.use(office.settings.language)
    with logs.open_log(office.workspace, office.settings, LOG):
        try:
            return act(book, office)
        except MendableError:
            raise
        except Exception as error:
            logs.failure("desktop", error)
            raise


def _check(book: Book, office: OpenOffice) -> Outcome:
    from sync import addin

    return _with_findings_in_view(book, addin.check(book, office))


def _submit(book: Book, office: OpenOffice) -> Outcome:
    from sync import addin

    return _with_findings_in_view(book, addin.submit(book, office, None, office.now))


def _refresh(book: Book, office: OpenOffice) -> Outcome:
    from sync import addin

    return addin.refresh(book, office)


def _remind(book: Book, office: OpenOffice) -> Outcome | None:
    """None where the officer says no. Where nothing is due, there is nothing to ask.

    Somebody may think for hours, and nobody is written to at night or about what is not true any more. So what is sent
    is what was shown last, as of the moment of the answer.
    """
    from sync import addin

    shown = addin.remind(book, office, confirmed=False)
    while shown.accepted:
        if book.app.alert(shown.message, TITLE, buttons="yes_no") != "yes":
            return None
        office = _as_of_now(office)
        before, shown = shown, addin.remind(book, office, confirmed=False)
        if shown == before:
            return addin.remind(book, office, confirmed=True)
    return shown


def _as_of_now(office: OpenOffice) -> OpenOffice:
    from sync.office import open_office

    return open_office(office.workspace.path)


def _with_findings_in_view(book: Book, outcome: Outcome) -> Outcome:
    from sync.addin.errors import is_refusal
    from sync.outputs.layout import FINDINGS_SHEET

    if outcome.findings:
        try:
            book.sheets[FINDINGS_SHEET].activate()
        except Exception as error:
            # It is hidden, and the message says how many there are.
            if not is_refusal(error):
                raise
    return outcome


def _say(book: Book, message: str, mode: str) -> None:
    book.app.alert(message, TITLE, mode=mode)


_BUTTONS: Mapping[str, Callable[[Book, OpenOffice], Outcome | None]] = {
    "check": _check,
    "submit": _submit,
    "refresh": _refresh,
    "remind": _remind,
}
