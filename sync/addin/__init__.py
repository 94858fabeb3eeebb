"""What runs in an open workbook: judging, handing in, bringing up to date, reminding; over xlwings' `Book`.

One set of functions for the desktop engine (macros), the remote engine and the server (task pane, Google Sheets). Only
values are written, because that is what every client can do. xlwings itself is never imported here: whoever calls has
opened the book already.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sync.addin.outcome import Outcome

if TYPE_CHECKING:
    from xlwings import Book

    from sync.office import OpenOffice

__all__ = ["Outcome", "check", "refresh", "remind", "submit"]


def check(book: Book, office: OpenOffice | None, school: str | None = None) -> Outcome:
    """Judges the open workbook as `baocao check` judges its file, and writes what was found into its `Kiểm tra`.

    `office` is None outside a workspace: there are no schools and no seals then. `school` is whose key opened the way
    here; a workbook of another school raises OtherSchool, and nothing is written into it. A workbook that is no report
    is told so in the message, and nothing is written into it either. Raises PlanError, ControlError, LedgerError.
    """
    from sync.addin import checking

    return checking.check(book, office, school)


def submit(book: Book, office: OpenOffice, school: str | None, now: datetime) -> Outcome:
    """Judges the open workbook and, where no finding is an error, hands the report to the service.

    `now` is the service's own moment: that is when the report counts as received. The rest as `check`.
    """
    from sync.addin import submitting

    return submitting.submit(book, office, school, now)


def refresh(book: Book, office: OpenOffice) -> Outcome:
    """Brings the open consolidated workbook up to date in place; see sync.addin.refreshing."""
    from sync.addin import refreshing

    return refreshing.refresh(book, office)


def remind(book: Book, office: OpenOffice, confirmed: bool) -> Outcome:
    """Shows what is owed to schools now, and sends it where `confirmed`; see sync.addin.reminding."""
    from sync.addin import reminding

    return reminding.remind(book, office, confirmed)
