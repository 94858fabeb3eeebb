"""The sheets before the tables: instructions on one page, and whose report it is."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from xlsxwriter.worksheet import Worksheet

from sync.landmarks import CODE_HEADING, INFO_SHEET, VERDICT_HEADING
from sync.outputs import layout as at
from sync.outputs import styles as st
from sync.outputs.school_workbook import wording
from sync.outputs.school_workbook.form import Draft
from sync.plan import Plan

_GUIDE_WIDTHS = (5.0, 24.0, 30.0, 40.0, 36.0)
_INFO_WIDTHS = (30.0, 62.0, 8.0, 48.0)

Paragraph = tuple[str, str]
"""What a paragraph of the instructions is about, and its text."""


def draw_guide(sheet: Worksheet, styles: st.Styles, draft: Draft) -> None:
    """The instructions, on one printed page."""
    row = _head(sheet, styles, draft, _GUIDE_WIDTHS, "HƯỚNG DẪN ĐIỀN BÁO CÁO")
    last, width = len(_GUIDE_WIDTHS) - 1, sum(_GUIDE_WIDTHS[2:])
    body = styles.boxed(align="left", indent=1)
    for number, (subject, text) in enumerate(_paragraphs(draft), start=1):
        sheet.write_number(row, 0, number, styles.boxed(align="center"))
        sheet.write_string(row, 1, subject, styles.boxed(bold=True, align="left", indent=1))
        st.across(sheet, row, (2, last), text, body)
        sheet.set_row(
            row, st.height([(text, width - 2, 12, False), (subject, _GUIDE_WIDTHS[1] - 2, 12, True)], least=22) + 6
        )
        row += 1
    row = _legend(sheet, styles, row + 1)
    st.page(sheet, print_area=(0, 0, row, len(_GUIDE_WIDTHS) - 1), footer=draft.footer, one_page=True)
    sheet.hide_gridlines(2)
    st.protect(sheet)


def _head(sheet: Worksheet, styles: st.Styles, draft: Draft, widths: tuple[float, ...], title: str) -> int:
    """The administrative heading, the title and the plan's name; returns the first free row."""
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    st.administrative_heading(sheet, styles, widths, draft.superior, draft.issuer)
    sheet.set_row(2, 6)
    centre: dict[str, Any] = {"align": "center", "text_wrap": True, "bold": True}
    everywhere = (0, len(widths) - 1)
    st.across(sheet, at.TITLE_ROW, everywhere, title, styles.get(font_size=14, **centre))
    text = f"{draft.plan.title} – {draft.plan.subject}"
    st.across(sheet, at.SUBJECT_ROW, everywhere, text, styles.get(**centre))
    sheet.set_row(at.TITLE_ROW, 24)
    sheet.set_row(at.SUBJECT_ROW, st.height([(text, sum(widths), 12, True)]) + 6)
    return at.SUBJECT_ROW + 1


def _paragraphs(draft: Draft) -> list[Paragraph]:
    return [
        ("Trường điền những gì", _what_to_fill(draft.plan)),
        (
            "Cách điền",
            "Chỉ điền vào ô nền xanh nhạt. Chọn giá trị trong danh sách của ô; ngày ghi dạng ngày/tháng/năm, "
            "ví dụ 15/10/2024; số chỉ ghi chữ số, không có thì ghi 0. Bấm vào một ô để đọc lời nhắc của ô đó.",
        ),
        (
            "Không thay đổi",
            f"Không sửa cột {CODE_HEADING} và các ô có sẵn; không xoá, đổi tên, thêm sheet, cột, dòng. "
            "Cần thêm chỗ thì kéo cho cột rộng hơn hoặc dòng cao hơn.",
        ),
        (
            "Xem chỗ còn sai",
            f"Cột {VERDICT_HEADING} ở cuối mỗi dòng cho biết dòng đã đạt hay còn gì phải sửa; ô sai đổi sang màu đỏ "
            f"nhạt ngay khi nhập. Sheet {at.FINDINGS_SHEET} đếm những việc còn lại và ghi những lỗi mà đơn vị quản lý "
            "trả về.",
        ),
        ("Gửi báo cáo", _how_to_send(draft)),
        (
            "Bảo vệ trẻ em",
            "Chỉ ghi số liệu tổng hợp. Tuyệt đối không ghi tên, lớp, ngày sinh, địa chỉ hoặc chi tiết khác có thể "
            "nhận ra một trẻ em, ở bất kỳ ô nào.",
        ),
        ("Khi cần hỏi", _whom_to_ask(draft)),
    ]


def _what_to_fill(plan: Plan) -> str:
    parts = [f"{table.sheet} ({len(table.rows)} dòng)" for table in plan.all_tables]
    return f"Các sheet: {', '.join(parts)}. Sheet {INFO_SHEET} đã ghi sẵn; chỉ thêm tên người lập báo cáo."


def _how_to_send(draft: Draft) -> str:
    due = draft.period.schools_due if draft.period else None
    until = f"trước {due:%H:%M} ngày {due:%d/%m/%Y}" if due else "đúng hạn nộp"
    email = draft.office.email if draft.office else ""
    where = f"đến {email}" if email else "theo cách đơn vị quản lý đã báo"
    return (
        f"Khi sheet {at.FINDINGS_SHEET} báo “{wording.READY}”, lưu tệp ở dạng .xlsx và gửi {where} {until}. "
        "Được trả lại thì sửa trên chính tệp này rồi gửi lại; tên tệp đặt thế nào cũng được."
    )


def _whom_to_ask(draft: Draft) -> str:
    office = draft.office
    parts = [office.contact, office.phone, office.email] if office else []
    known = ", ".join(part for part in parts if part)
    return f"{draft.superior}{': ' + known if known else ''}."


def _legend(sheet: Worksheet, styles: st.Styles, row: int) -> int:
    """The colours and their meaning; returns the last row."""
    st.across(sheet, row, (0, 4), "Màu của các ô", styles.get(bold=True))
    colours = (
        (st.OPEN_FILL, "Ô để trường điền"),
        (st.TODO_FILL, "Ô bắt buộc chưa điền; dòng chưa điền"),
        (st.ERROR_FILL, "Ô sai, phải sửa; dòng còn lỗi"),
        (st.WARNING_FILL, "Nên xem lại; vẫn gửi được"),
        (st.DONE_FILL, "Dòng đã đạt"),
        (st.CLOSED_FILL, "Không phải điền"),
    )
    for offset, (colour, meaning) in enumerate(colours, start=1):
        sheet.write_blank(row + offset, 1, None, styles.boxed(bg_color=colour))
        sheet.write_string(row + offset, 2, meaning, styles.get(indent=1))
        sheet.set_row(row + offset, 18)
    return row + len(colours)


def draw_info(sheet: Worksheet, styles: st.Styles, draft: Draft) -> None:
    """Whose report it is and of which period; the rules read the period's dates here."""
    _head(sheet, styles, draft, _INFO_WIDTHS, "THÔNG TIN BÁO CÁO")
    label_style = styles.boxed(bold=True, align="left", indent=1)
    # In the generic template somebody may still have to say whose report it is.
    lock = {} if draft.school else {"locked": False, "bg_color": st.OPEN_FILL}
    for key, value in _info(draft).items():
        row = at.INFO_ROWS[key]
        if key == "unit" and draft.school and not value:
            sheet.set_row(row, None, None, {"hidden": True})
            continue
        sheet.write_string(row, at.INFO_LABEL_COLUMN, at.INFO_LABELS[key], label_style)
        style = {"align": "left", "indent": 1, **(lock if key != "plan" else {})}
        _write(sheet, row, value, styles, style)
        sheet.set_row(row, st.height([(str(value or ""), _INFO_WIDTHS[1], 12, False)], least=21))
    for offset, label in enumerate(at.INFO_OPEN_LABELS):
        row = at.INFO_OPEN_FIRST_ROW + offset
        sheet.write_string(row, at.INFO_LABEL_COLUMN, label, label_style)
        fill = styles.boxed(align="left", bg_color=st.OPEN_FILL, locked=False, num_format="@")
        sheet.write_blank(row, at.INFO_VALUE_COLUMN, None, fill)
        sheet.set_row(row, 21)
    last = at.INFO_OPEN_FIRST_ROW + len(at.INFO_OPEN_LABELS) - 1
    st.page(sheet, print_area=(0, 0, last, len(_INFO_WIDTHS) - 1), footer=draft.footer, one_page=True)
    sheet.hide_gridlines(2)
    st.protect(sheet)


def _info(draft: Draft) -> dict[str, str | date | datetime | None]:
    school, period = draft.school, draft.period
    due = period.schools_due if period else None
    values: dict[str, str | date | datetime | None] = dict.fromkeys(at.INFO_LABELS)
    values["plan"] = draft.plan.code
    if school:
        values |= {"school": school.code, "school_name": school.name, "level": draft.level_name, "unit": school.unit}
    if period:
        values |= {"period": period.key, "period_title": period.title}
        values |= {"starts_on": period.starts_on, "ends_on": period.ends_on}
        values["due"] = due.replace(tzinfo=None) if due else None
    return values


def _write(
    sheet: Worksheet, row: int, value: str | date | datetime | None, styles: st.Styles, style: dict[str, Any]
) -> None:
    column = at.INFO_VALUE_COLUMN
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, value, styles.boxed(num_format='hh:mm "ngày" dd/mm/yyyy', **style))
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, styles.boxed(num_format="dd/mm/yyyy", **style))
    else:
        sheet.write(row, column, value or None, styles.boxed(num_format="@", **style))
