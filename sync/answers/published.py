"""What was typed into the published spreadsheet since it was filled is heard and kept, as in a workbook.

`.baocao/published <id>.xlsx` is the workbook that fills the spreadsheet, and with it what the marked columns held.
`publishing <id>.xlsx` is the one that was about to fill it: a pass that is killed meanwhile leaves both.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sync.answers import elsewhere, merging, plain
from sync.answers.document import Cell, Document, NotReadable, Rows, Workbook, cells_of, place_of, read
from sync.answers.listening import Answers
from sync.decisions import Decisions
from sync.landmarks import PROGRESS_SHEET
from sync.sources import GOOGLE
from sync.workspace import Workspace, write_atomically

if TYPE_CHECKING:
    from sync.google.http import Client
    from sync.google.sheets import Cell as Value


def listen(answers: Answers, client: Client, target: str) -> None:
    """Records what was decided in the spreadsheet `target`, with one request. Raises GoogleError, LedgerError."""
    from sync.google import sheets

    if _is_filled(answers, target):
        _hear(answers, target, sheets.read(client, target, [PROGRESS_SHEET]))


def prepare(answers: Answers, client: Client, target: str, workbook: bytes) -> None:
    """Hears and keeps what is in the spreadsheet before `workbook` fills it; one request. Raises GoogleError."""
    from sync.google import sheets

    is_filled = _is_filled(answers, target)
    before = [values_of(each) for each in (_filled_with(answers, target) if is_filled else [workbook])]
    titles = list(dict.fromkeys(title for each in before for title in each)) or [PROGRESS_SHEET]
    there = sheets.read(client, target, titles)
    # Tabs of these names that are the office's own are filled too, once.
    _keep_changed(answers, before if is_filled else [dict.fromkeys(titles, ())], there)
    if is_filled:
        _hear(answers, target, there)
    write_atomically(_about_to_fill(answers.office.workspace, target), workbook)


def done(workspace: Workspace, target: str) -> None:
    """The spreadsheet is filled with what was prepared."""
    _about_to_fill(workspace, target).replace(_filled(workspace, target))


def values_of(workbook: bytes) -> dict[str, list[list[Value]]]:
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


def _hear(answers: Answers, target: str, there: Mapping[str, Rows]) -> None:
    rows = there.get(PROGRESS_SHEET, ())
    place = place_of(rows)
    if place is None:
        return
    cells, now = cells_of(rows, place), answers.office.now
    documents = [read(Workbook(each, is_ours=True)) for each in _filled_with(answers, target)]
    base = documents[0].base if documents else None
    for pending in documents[1:]:
        cells = _untouched_left_out(cells, pending)
    current = answers.office.control.periods.current(now)
    period = base.period if base else current.key if current else None
    if period is None:
        return
    known = Decisions(tuple(answers.ledger.decisions.all()))
    found = merging.decided(Document(base, cells), period, f"{GOOGLE}:{target}", known, now, now)
    if found:
        said = json.dumps([target, now.isoformat(), sorted((*cell, *texts) for cell, texts in cells.items())])
        answers.record(found, hashlib.sha256(said.encode()).hexdigest(), f"{GOOGLE}:{target}")


def _untouched_left_out(cells: Mapping[Cell, Sequence[str]], pending: Document) -> dict[Cell, list[str]]:
    """`cells` without those that a pass wrote that was killed before it was done."""
    written = pending.base.values if pending.base else {}
    return {cell: [*texts] for cell, texts in cells.items() if any(text != written.get(cell, "") for text in texts)}


def _keep_changed(answers: Answers, before: Sequence[Mapping[str, Rows]], there: Mapping[str, Rows]) -> None:
    """Keeps the values of the spreadsheet as a workbook where somebody typed outside of the marked columns."""
    changed: dict[str, list[str]] = {}
    for title, rows in there.items():
        written = [each[title] for each in before if title in each]
        if written and (cells := elsewhere.changed_cells(rows, *written)):
            changed[title] = cells
    if changed:
        answers.keep_published(elsewhere.told(changed), plain.workbook_of(there))


def _is_filled(answers: Answers, target: str) -> bool:
    """Whether a pass filled the spreadsheet, or may have done so before it was killed."""
    remembered = answers.ledger.output(f"{GOOGLE}:{target}") is not None
    return remembered or _about_to_fill(answers.office.workspace, target).is_file()


def _filled_with(answers: Answers, target: str) -> list[bytes]:
    """The workbooks that the spreadsheet may be filled with: the last one, and one that a pass did not finish."""
    places = (_filled(answers.office.workspace, target), _about_to_fill(answers.office.workspace, target))
    return [content for place in places if place.is_file() and _is_whole(content := place.read_bytes())]


def _is_whole(content: bytes) -> bool:
    try:
        return read(Workbook(content, is_ours=True)).base is not None
    except NotReadable:
        return False


def _filled(workspace: Workspace, target: str) -> Path:
    return workspace.state / f"published {target}.xlsx"


def _about_to_fill(workspace: Workspace, target: str) -> Path:
    return workspace.state / f"publishing {target}.xlsx"


def _cell(value: object) -> Value:
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M}" if value.hour or value.minute else f"{value:%d/%m/%Y}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool | int | float | str):
        return value
    return str(value) if isinstance(value, timedelta) else f"{value:%H:%M}"
