"""What the task pane and Google Sheets call: judging the open workbook, and handing it in."""

from __future__ import annotations

from collections.abc import Callable

import xlwings as xw
from anyio import to_thread
from xlwings.server import script
from xlwings_server.models import CurrentUser

from sync import addin
from sync.addin.outcome import Outcome
from sync.office import OpenOffice
from sync.serving import desk, outcomes

__all__ = ["check", "submit"]

_desk = desk.of_environment()
_sheets = _desk.sheets()


@script(name="Kiểm tra", include=_sheets)
async def check(book: xw.Book, user: CurrentUser) -> None:
    """Judges the report and writes what was found into its sheet `Kiểm tra`."""
    await _note(lambda office: addin.check(book, office, user.id))


@script(name="Nộp", include=_sheets)
async def submit(book: xw.Book, user: CurrentUser) -> None:
    """Judges the report and, where it has no error, hands it to the service."""
    await _note(lambda office: addin.submit(book, office, user.id, office.now))


async def _note(work: Callable[[OpenOffice], Outcome]) -> None:
    """Does it in a thread, so that the server goes on answering; what is raised becomes an answer in the guard."""
    outcome = await to_thread.run_sync(lambda: work(_desk.office()))
    outcomes.note(outcome)
