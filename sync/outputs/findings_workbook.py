"""The workbook of findings: what a school gets back where its own file cannot carry them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from typing import Any

from xlsxwriter.worksheet import Worksheet

from sync.config import Office
from sync.outputs import layout as at
from sync.outputs import styles as st
from sync.outputs.returned import words
from sync.outputs.returned.words import ReceiptNote, ReturnedFinding
from sync.periods import Period
from sync.plan import Plan
from sync.schools import School

SHEET = "Lỗi cần sửa"
HEADINGS = ("Stt", "Mức độ", "Sheet", "Ô", "Giá trị", "Vấn đề", "Cách sửa")
_WIDTHS = (6.0, 11.0, 16.0, 8.0, 24.0, 46.0, 46.0)
_LAST = len(HEADINGS) - 1
_TITLE_ROW = 3
_SIZE = 11
_FILLS: Mapping[str, str] = {"error": st.ERROR_FILL, "warning": st.WARNING_FILL}


def findings_workbook(
    findings: Iterable[ReturnedFinding],
    school: School,
    period: Period,
    note: ReceiptNote | None,
    plan: Plan,
    office: Office,
    file: str = "",
) -> bytes:
    """The workbook (xlsx) of `findings` on the `file` that `school` sent for `period`; equal input, equal bytes."""
    told = words.ordered(findings, [table.sheet for table in plan.all_tables])
    buffer = io.BytesIO()
    created = datetime.combine(plan.starts_on, time())
    book = st.new_workbook(buffer, title=f"{SHEET} – {school.name}", author=office.name, created=created)
    styles = st.Styles(book)
    sheet = book.add_worksheet(SHEET)
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    row = _head(sheet, styles, _lines(told, school, period, note, file), office)
    _table(sheet, styles, told, row)
    st.page(sheet, footer=f"{school.name} – {period.title}", repeat_row=row)
    sheet.freeze_panes(row + 1, 0)
    sheet.hide_gridlines(2)
    book.close()
    return buffer.getvalue()


def _lines(
    told: Sequence[ReturnedFinding], school: School, period: Period, note: ReceiptNote | None, file: str
) -> list[str]:
    lines = [f"{school.name} ({school.code}) – {period.title}"]
    if file:
        lines.append(f"Tệp: {words.safe(file)}")
    return [*lines, *(words.receipt_lines(note, told, in_file=False) if note else ())]


def _head(sheet: Worksheet, styles: st.Styles, lines: Sequence[str], office: Office) -> int:
    """Writes everything above the table; gives the row of its headings."""
    st.administrative_heading(sheet, styles, _WIDTHS, office.parent, office.name)
    title = styles.get(bold=True, font_size=14, align="center")
    st.across(sheet, _TITLE_ROW, (0, _LAST), "KẾT QUẢ KIỂM TRA BÁO CÁO", title)
    sheet.set_row(_TITLE_ROW, 24)
    row = _TITLE_ROW + 1
    for row, line in enumerate(lines, _TITLE_ROW + 1):
        look: dict[str, Any] = {"bold": True} if row == _TITLE_ROW + 1 else {"italic": True}
        st.across(sheet, row, (0, _LAST), line, styles.get(align="center", text_wrap=True, **look))
        sheet.set_row(row, st.height([(line, sum(_WIDTHS), 12, True)]))
    return row + 2


def _table(sheet: Worksheet, styles: st.Styles, told: Sequence[ReturnedFinding], row: int) -> None:
    for column, text in enumerate(HEADINGS):
        sheet.write_string(row, column, text, styles.heading(font_size=_SIZE))
    sheet.set_row(row, 22)
    if not told:
        st.across(sheet, row + 1, (0, _LAST), "Không có lỗi nào.", styles.boxed(font_size=_SIZE, align="center"))
    for number, finding in enumerate(told, 1):
        _finding(sheet, styles, row + number, number, finding)


def _finding(sheet: Worksheet, styles: st.Styles, row: int, number: int, finding: ReturnedFinding) -> None:
    centred, text = styles.boxed(font_size=_SIZE, align="center"), styles.boxed(font_size=_SIZE)
    shade = styles.boxed(font_size=_SIZE, align="center", bg_color=_FILLS[finding.severity])
    shown = words.cells(finding)
    sheet.write_number(row, 0, number, centred)
    columns = (
        (at.FINDINGS_SEVERITY_COLUMN, shade),
        (at.FINDINGS_SHEET_COLUMN, centred),
        (at.FINDINGS_CELL_COLUMN, centred),
        (at.FINDINGS_VALUE_COLUMN, text),
        (at.FINDINGS_MESSAGE_COLUMN, text),
        (at.FINDINGS_FIX_COLUMN, text),
    )
    texts = []
    for place, (column, style) in enumerate(columns, 1):
        sheet.write_string(row, place, shown[column], style)
        texts.append((shown[column], _WIDTHS[place], _SIZE, False))
    sheet.set_row(row, st.height(texts))
