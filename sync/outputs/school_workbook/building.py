"""Puts the sheets of a school's workbook together."""

from __future__ import annotations

import io
from datetime import datetime, time

from sync.landmarks import INFO_SHEET, META_SHEET
from sync.outputs import layout as at
from sync.outputs import styles as st
from sync.outputs.school_workbook import back_sheets, front_sheets
from sync.outputs.school_workbook.form import Draft, Fill, Form
from sync.outputs.school_workbook.table_sheet import FlexibleSheet, TableSheet
from sync.outputs.school_workbook.verdicts import verdicts
from sync.plan import Plan


def build(form: Form, fill: Fill | None = None) -> bytes:
    """The workbook (xlsx) of a school for a period; equal input gives equal bytes.

    `fill` puts values into fill-in cells as they are given, sound or not.
    """
    return _build(Draft.of(form), fill or {})


def build_blank(plan: Plan) -> bytes:
    """The generic template of `plan`: of no school and no period, every row open."""
    return _build(Draft(plan), {})


def _build(draft: Draft, fill: Fill) -> bytes:
    buffer = io.BytesIO()
    book = st.new_workbook(
        buffer,
        title=draft.plan.title,
        author=draft.superior,
        created=datetime.combine(draft.plan.starts_on, time()),
    )
    styles = st.Styles(book)
    found = verdicts(draft, fill)
    front_sheets.draw_guide(book.add_worksheet(at.GUIDE_SHEET), styles, draft)
    front_sheets.draw_info(book.add_worksheet(INFO_SHEET), styles, draft)
    for table in draft.plan.all_tables:
        sheet = book.add_worksheet(table.sheet, FlexibleSheet)
        TableSheet(sheet, styles, draft, table, fill, found[table.id]).draw()
    back_sheets.draw_findings(book.add_worksheet(at.FINDINGS_SHEET), styles, draft, found)
    back_sheets.draw_meta(book.add_worksheet(META_SHEET), draft)
    book.close()
    return buffer.getvalue()
