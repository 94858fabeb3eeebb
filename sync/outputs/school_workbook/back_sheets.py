"""The sheets after the tables: `Kiểm tra`, where the workbook counts and the office answers, and the hidden `_meta`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xlsxwriter.worksheet import Worksheet

from sync.landmarks import META_KEYS
from sync.outputs import layout as at
from sync.outputs import styles as st
from sync.outputs.school_workbook import wording
from sync.outputs.school_workbook.form import Draft
from sync.outputs.school_workbook.formulas import CountFormulas, literal
from sync.outputs.school_workbook.verdicts import TableVerdict
from sync.text import address, column_letters

_WIDTHS = {
    at.FINDINGS_KEY_COLUMN: 16.0,
    at.FINDINGS_SEVERITY_COLUMN: 11.0,
    at.FINDINGS_SHEET_COLUMN: 18.0,
    at.FINDINGS_CELL_COLUMN: 10.0,
    at.FINDINGS_VALUE_COLUMN: 24.0,
    at.FINDINGS_MESSAGE_COLUMN: 48.0,
    at.FINDINGS_FIX_COLUMN: 54.0,
}
_FIRST, _LAST = at.FINDINGS_SEVERITY_COLUMN, at.FINDINGS_FIX_COLUMN
_ANSWER: Mapping[str, Any] = {"num_format": "@", "locked": False}
"""Cells for answers: the add-in writes into the open workbook, where the sheet is protected; and never a formula."""
_DONE = "Xong"
_COUNT_HEADINGS = ("Stt", "Sheet", "Đã điền", "Số dòng phải điền", "Số ô phải sửa", "Còn phải làm")


def draw_findings(sheet: Worksheet, styles: st.Styles, draft: Draft, verdicts: Mapping[str, TableVerdict]) -> None:
    """Live counts, and an empty place for the findings that a service writes."""
    for column, width in _WIDTHS.items():
        hidden = {"hidden": True} if column == at.FINDINGS_KEY_COLUMN else {}
        sheet.set_column(column, column, width, None, hidden)
    title = styles.get(bold=True, font_size=14, align="center")
    st.across(sheet, 0, (_FIRST, _LAST), "KIỂM TRA TRƯỚC KHI GỬI", title)
    sheet.set_row(0, 24)
    for row in range(at.RECEIPT_FIRST_ROW, at.RECEIPT_FIRST_ROW + at.RECEIPT_ROWS):
        st.across(sheet, row, (_FIRST, _LAST), "", styles.get(italic=True, text_wrap=True, **_ANSWER))
    _counts(sheet, styles, draft, verdicts)
    _total(sheet, styles, draft, verdicts)
    _places(sheet, styles)
    # No print area: the rows of findings that are empty are not printed then.
    st.page(sheet, footer=draft.footer, repeat_row=at.FINDINGS_HEADING_ROW)
    sheet.freeze_panes(at.TOTAL_ROW + 1, 0)
    sheet.hide_gridlines(2)
    st.protect(sheet)


def _counts(sheet: Worksheet, styles: st.Styles, draft: Draft, verdicts: Mapping[str, TableVerdict]) -> None:
    for column, text in enumerate(_COUNT_HEADINGS, start=_FIRST):
        sheet.write_string(at.COUNT_HEADING_ROW, column, text, styles.heading())
    sheet.set_row(at.COUNT_HEADING_ROW, 22)
    number = styles.boxed(align="center")
    for index, (name, place) in enumerate(draft.sheets.items()):
        row, verdict, counts = at.COUNT_FIRST_ROW + index, verdicts[name], CountFormulas(place)
        sheet.write_number(row, _FIRST, index + 1, number)
        sheet.write_string(row, _FIRST + 1, place.sheet, styles.boxed(bold=True))
        values = (verdict.all - verdict.blank, verdict.all, verdict.wrong)
        formulas = (f"{counts.rows()}-{counts.blank()}", counts.rows(), counts.wrong())
        for offset, (formula, value) in enumerate(zip(formulas, values, strict=True), start=2):
            sheet.write_formula(row, _FIRST + offset, f"={formula}", number, value)
        _what_is_left(sheet, styles, row, verdict)


def _what_is_left(sheet: Worksheet, styles: st.Styles, row: int, verdict: TableVerdict) -> None:
    filled, every, wrong = (address(row, _FIRST + offset) for offset in (2, 3, 4))
    left = _joined(wording.left("\n", "\n"), wrong, f"({every}-{filled})")
    formula = f'=IF(AND({every}={filled},{wrong}=0),"{_DONE}",{left})'
    text = wording.left(verdict.wrong, verdict.blank) if verdict.wrong or verdict.blank else _DONE
    sheet.write_formula(row, _FIRST + 5, formula, styles.boxed(), text)
    sheet.set_row(row, 20)
    for test, colour in (
        (f"={wrong}>0", st.ERROR_FILL),
        (f"={every}>{filled}", st.TODO_FILL),
        (f"=AND({wrong}=0,{every}={filled})", st.DONE_FILL),
    ):
        sheet.conditional_format(row, _FIRST + 5, row, _FIRST + 5, _rule(styles, test, colour))


def _total(sheet: Worksheet, styles: st.Styles, draft: Draft, verdicts: Mapping[str, TableVerdict]) -> None:
    last = at.COUNT_FIRST_ROW + len(draft.sheets) - 1
    filled, every, wrong = (
        f"SUM({at.absolute_range(at.COUNT_FIRST_ROW, _FIRST + offset, last, _FIRST + offset)})" for offset in (2, 3, 4)
    )
    severities, cells = (
        at.findings_range(column).split("!")[1] for column in (at.FINDINGS_SEVERITY_COLUMN, at.FINDINGS_CELL_COLUMN)
    )
    error = literal(at.SEVERITY_TEXTS["error"])
    # Findings that lie in no cell, such as a missing sheet, are marked nowhere else.
    others = f'SUMPRODUCT(({severities}={error})*({cells}=""))'
    left = _joined(wording.left("\n", "\n"), wrong, f"({every}-{filled})")
    more = f'IF({others}>0," Ngoài ra còn "&{others}&" lỗi của cả tệp, xem bên dưới.","")'
    formula = f"=IF(AND({every}={filled},{wrong}=0,{others}=0),{literal(wording.READY)},{left}&{more})"
    blank_rows = sum(verdict.blank for verdict in verdicts.values())
    wrong_cells = sum(verdict.wrong for verdict in verdicts.values())
    value = wording.left(wrong_cells, blank_rows) if blank_rows or wrong_cells else wording.READY
    style = styles.boxed(bold=True, font_size=13, align="center")
    sheet.merge_range(at.TOTAL_ROW, _FIRST, at.TOTAL_ROW, _LAST, "", style)
    sheet.write_formula(at.TOTAL_ROW, _FIRST, formula, style, value)
    sheet.set_row(at.TOTAL_ROW, 26)
    ready = f"AND({every}={filled},{wrong}=0,{others}=0)"
    for test, colour in ((f"={ready}", st.DONE_FILL), (f"={wrong}+{others}>0", st.ERROR_FILL)):
        sheet.conditional_format(at.TOTAL_ROW, _FIRST, at.TOTAL_ROW, _LAST, _rule(styles, test, colour))
    todo = _rule(styles, f"={every}>{filled}", st.TODO_FILL)
    sheet.conditional_format(at.TOTAL_ROW, _FIRST, at.TOTAL_ROW, _LAST, todo)


def _places(sheet: Worksheet, styles: st.Styles) -> None:
    row = at.FINDINGS_COUNT_ROW
    st.across(sheet, row, (_FIRST, _LAST), "Lỗi và cảnh báo do đơn vị quản lý trả về", styles.get(bold=True))
    # NOW() makes every program calculate the marks when it opens the file, also one that trusts stored values; so the
    # marks follow findings that were written into the file itself.
    keys = at.findings_range(at.FINDINGS_KEY_COLUMN).split("!")[1]
    sheet.write_formula(row, at.FINDINGS_KEY_COLUMN, f"=COUNTA({keys})+0*NOW()", None, 0)
    for column, text in enumerate(at.FINDINGS_HEADINGS):
        sheet.write_string(at.FINDINGS_HEADING_ROW, column, text, styles.heading())
    sheet.set_row(at.FINDINGS_HEADING_ROW, 22)
    style = styles.get(align="left", font_size=11, text_wrap=True, **_ANSWER)
    for row in range(at.FINDINGS_FIRST_ROW, at.FINDINGS_FIRST_ROW + at.FINDINGS_ROWS):
        # Each cell is there already, so that findings can be put into the file itself.
        for column in range(at.FINDINGS_KEY_COLUMN, _LAST + 1):
            sheet.write_blank(row, column, None, style)
    first, last = at.FINDINGS_FIRST_ROW, at.FINDINGS_FIRST_ROW + at.FINDINGS_ROWS - 1
    severity = f"${column_letters(_FIRST)}{first + 1}"
    for text, colour in ((at.SEVERITY_TEXTS["error"], st.ERROR_FILL), (at.SEVERITY_TEXTS["warning"], st.WARNING_FILL)):
        shade = styles.fill(colour, framed=True)
        rule = {"type": "formula", "criteria": f"={severity}={literal(text)}", "format": shade}
        sheet.conditional_format(first, _FIRST, last, _FIRST, rule)
    frame = {"type": "formula", "criteria": f"=LEN({severity})>0", "format": styles.frame()}
    sheet.conditional_format(first, _FIRST, last, _LAST, frame)


def _rule(styles: st.Styles, test: str, colour: str) -> dict[str, object]:
    return {"type": "formula", "criteria": test, "format": styles.fill(colour)}


def _joined(text: str, *parts: str) -> str:
    """A formula of `text` with `parts` in the place of its line breaks."""
    pieces = [literal(piece) for piece in text.split("\n")]
    joined = [pieces[0]]
    for part, piece in zip(parts, pieces[1:], strict=True):
        joined += [part, piece]
    return "&".join(joined)


def draw_meta(sheet: Worksheet, draft: Draft) -> None:
    """What says whose workbook this is; out of sight, and not in the list of sheets to unhide."""
    values = {
        "plan": draft.plan.code,
        "template_version": draft.plan.version,
        "school": draft.school.code if draft.school else "",
        "period": draft.period.key if draft.period else "",
        "seal": draft.seal,
    }
    for row, key in enumerate(META_KEYS):
        sheet.write_string(row, 0, key)
        sheet.write_string(row, 1, values[key])
    sheet.very_hidden()
    st.protect(sheet)
