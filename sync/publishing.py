"""Publishing: the sheets of the consolidated workbook are also kept in a spreadsheet of the office, values only."""

from __future__ import annotations

import hashlib
import io
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sync.google.drive import id_in
from sync.i18n import gettext as _
from sync.ledger import Output
from sync.office import OpenOffice
from sync.sources import GOOGLE

if TYPE_CHECKING:
    from sync.google.http import Client
    from sync.google.sheets import Cell
    from sync.ledger import Ledger


def publish(
    office: OpenOffice, ledger: Ledger, client: Client | None, period: str, workbook: str, fingerprint: str
) -> str | None:
    """Keeps the workbook (its path in the workspace) in the office's spreadsheet; gives what failed, None else.

    Only that of the current period, and only where `fingerprint`, of all that it shows, is another than last time. What
    failed is tried again by the next pass. Where `client` is None nothing is done: why Google is not there is said
    elsewhere.
    """
    current = office.control.periods.current(office.now)
    if client is None or not office.settings.google.publish_to or current is None or current.key != period:
        return None
    target = id_in(office.settings.google.publish_to)
    if not target:
        return no_link()
    path, state = f"{GOOGLE}:{target}", hashlib.sha256(f"{period} {fingerprint}".encode()).hexdigest()
    last = ledger.output(path)
    if last is not None and last.fingerprint == state:
        return None
    problem = _replace(office, client, target, workbook)
    if problem is None:
        ledger.record_output(Output(path, state, office.now))
    return problem


def no_link() -> str:
    """What is said where publish_to is no spreadsheet."""
    return _("publish_to in [google] is no link to a Google Sheet.")


def _replace(office: OpenOffice, client: Client, target: str, workbook: str) -> str | None:
    from sync.google import GoogleError, sheets

    contents = values_of((office.workspace.path / workbook).read_bytes())
    try:
        sheets.replace_tabs(client, target, contents)
    except GoogleError as error:
        return _("The consolidated workbook could not be published: {reason}").format(reason=error)
    return None


def values_of(workbook: bytes) -> dict[str, list[list[Cell]]]:
    """The rows from A1 on of each sheet of an .xlsx that people see, by its title.

    Days and moments are texts as people here write them: a tab that is filled has no formats, and would show numbers.
    """
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(io.BytesIO(workbook))
    shown = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    return {
        name: [[_cell(cell) for cell in row] for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
        for name in shown
    }


def _cell(value: object) -> Cell:
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M}" if value.hour or value.minute else f"{value:%d/%m/%Y}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool | int | float | str):
        return value
    return str(value) if isinstance(value, timedelta) else f"{value:%H:%M}"
