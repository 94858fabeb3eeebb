"""What the workbook itself says to a school about a cell or a row; formulas and cached values use the same words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sync.checks.cells import shown
from sync.outputs import layout as at
from sync.plan import Column

NOT_BEGUN = "Chưa điền"
SOUND = "Đạt"
FOREIGN = "Không áp dụng với cấp học của trường"
WARNING_PREFIX = "Nên xem lại: "
READY = "Đã điền đủ, không còn lỗi: có thể gửi báo cáo."


def kind_messages(column: Column) -> Mapping[int, str]:
    """The sentence for each value of the column's kind helper that calls for one."""
    heading = column.heading
    verb = "chọn" if column.kind == "choice" else "ghi"
    messages = {
        at.KIND_CLOSED: f"{heading}: ô này không phải điền, hãy xoá.",
        at.KIND_BLANK: f"{heading}: chưa {verb}.",
        at.KIND_WRONG: f"{heading}: {_WRONG[column.kind]}.",
        at.KIND_ERROR: f"{heading}: ô báo lỗi, hãy xoá công thức và ghi giá trị.",
    }
    if column.kind == "whole":
        messages[at.KIND_UNFIT] = f"{heading}: phải là số nguyên."
    if column.max_length is not None:
        messages[at.KIND_UNFIT] = f"{heading}: dài quá {shown(column.max_length)} ký tự."
    if column.minimum is not None:
        messages[at.KIND_LOW] = f"{heading}: {_less(column.minimum)} {shown(column.minimum)}."
    if column.maximum is not None:
        messages[at.KIND_HIGH] = f"{heading}: {_more(column.maximum)} {shown(column.maximum)}."
    return messages


_WRONG: Mapping[str, str] = {
    "choice": "hãy chọn một giá trị trong danh sách",
    "date": "phải là ngày/tháng/năm, ví dụ 15/10/2024",
    "whole": "phải là số",
    "number": "phải là số",
    "text": "phải là chữ",
}


def _less(bound: float | date) -> str:
    return "sớm hơn" if isinstance(bound, date) else "nhỏ hơn"


def _more(bound: float | date) -> str:
    return "muộn hơn" if isinstance(bound, date) else "lớn hơn"


def more_cells(count: int | str) -> str:
    """What follows the first sentence of a row where `count` other cells are wrong too."""
    return f" (và {count} ô khác)"


def progress(filled: object, rows: object, wrong: object) -> str:
    """The live line above a table."""
    return f"Đã điền {filled}/{rows} dòng; còn {wrong} ô phải sửa."


def left(wrong: object, blank: object) -> str:
    """What is left to do."""
    return f"Còn {wrong} ô phải sửa, {blank} dòng chưa điền."
