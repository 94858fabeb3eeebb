"""The workbook's sheets in their order: what is looked at every day, the results, the data behind them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from xlsxwriter.worksheet import Worksheet

from sync.config import Office
from sync.consolidate import Consolidated
from sync.outputs.office_workbook import (
    answer_columns,
    changes_sheet,
    comparison_sheet,
    data_sheet,
    decisions_sheet,
    findings_sheet,
    groups_sheet,
    matrix_sheet,
    overview_sheet,
    standing_sheets,
    summary_sheets,
)
from sync.outputs.office_workbook.book import Book
from sync.outputs.office_workbook.references import References
from sync.outputs.office_workbook.summary_sheets import Summary
from sync.plan import TableId

_DAILY, _ANSWERS, _RESULTS, _DATA = "#5B9BD5", "#FFC000", "#70AD47", "#A6A6A6"
"""Colours of tabs; the sheet that the officer types into has its own."""


def assemble(consolidated: Consolidated, office: Office, now: datetime, note: str) -> bytes:
    """See `build`."""
    if now.tzinfo is None:
        raise ValueError(f"{now} has no time zone")
    book = Book(office, now, f"{consolidated.plan.title} – {consolidated.period.title}")
    overview = book.add_sheet(overview_sheet.SHEET, _DAILY)
    changes = book.add_sheet(changes_sheet.SHEET, _DAILY)
    progress = book.add_sheet(standing_sheets.PROGRESS_SHEET, _ANSWERS)
    overdue = book.add_sheet(standing_sheets.OVERDUE_SHEET, _DAILY)
    findings = book.add_sheet(findings_sheet.SHEET, _DAILY)
    decisions = book.add_sheet(decisions_sheet.SHEET, _DAILY)
    tables = _add_table_sheets(book, consolidated)
    groups = book.add_sheet(groups_sheet.SHEET, _RESULTS)
    comparison = book.add_sheet(comparison_sheet.SHEET, _RESULTS)
    data = book.add_sheet(data_sheet.SHEET, _DATA)
    data_names = data_sheet.name_ranges(book, data, consolidated)
    progress_names = standing_sheets.name_ranges(book, progress, consolidated)
    summaries: dict[TableId, Summary] = {}
    for name, sheet in tables.items():
        figures = consolidated.tables[name]
        summaries[name] = summary_sheets.place(sheet, consolidated, figures, data_names, progress_names)
        summary_sheets.write(book, sheet, consolidated, summaries[name])
    groups_sheet.write(book, groups, consolidated, data_names, progress_names)
    standing_sheets.write_progress(book, progress, consolidated)
    standing_sheets.write_overdue(book, overdue, consolidated)
    decisions_sheet.write(book, decisions, consolidated)
    findings_sheet.write(book, findings, consolidated)
    data_sheet.write(book, data, consolidated)
    references = References(summaries, progress_names)
    changes_sheet.write(book, changes, consolidated, references)
    comparison_sheet.write(book, comparison, consolidated, references)
    overview_sheet.write(book, overview, consolidated, summaries, progress_names, note)
    answer_columns.write_base(book, consolidated, answer_columns.shown(consolidated))
    return book.close()


def _add_table_sheets(book: Book, consolidated: Consolidated) -> Mapping[TableId, Worksheet]:
    """A summary sheet per table, the matrix after that of activities."""
    sheets: dict[TableId, Worksheet] = {}
    for table in consolidated.plan.all_tables:
        sheets[table.id] = book.add_sheet(table.summary_sheet, _RESULTS)
        if table.id == "activities" and consolidated.matrix is not None:
            matrix_sheet.write(book, book.add_sheet(matrix_sheet.SHEET, _RESULTS), consolidated)
    return sheets
