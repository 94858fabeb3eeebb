"""The sheets of the control workbook and their columns: one description that writing and reading share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sync.plan import CalendarEntry, Plan

FILE = "dieu-hanh.xlsx"


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is found by its heading. `help` is shown in Excel where the column is typed in.

    A column of kind school holds the code of a school of the list.
    """

    id: str
    heading: str
    width: float
    kind: Literal["text", "level", "school", "day", "days", "due"] = "text"
    required: bool = False
    help: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet; its first column is its key, no two rows have the same.

    But for rows that give schools more time, and for a first column of kind school.
    """

    name: str
    title: str
    note: str
    columns: tuple[Column, ...]
    required: bool = True

    @property
    def headings(self) -> dict[str, Column]:
        """Columns by heading."""
        return {column.heading: column for column in self.columns}


_DAY = "Ghi ngày theo dạng ngày/tháng/năm, ví dụ 15/10/2024."
_DUE = "Ghi ngày, ví dụ 22/01/2025; hết ngày đó mới là quá hạn. Muốn có giờ thì ghi 22/01/2025 17:00."
_DAYS = "Nhiều ngày thì cách nhau bằng dấu ;, ví dụ 08/01/2025; 15/01/2025."
_EMAILS = "Nhiều địa chỉ thì cách nhau bằng dấu ; hoặc dấu phẩy."

SCHOOLS = Sheet(
    "Trường",
    "DANH SÁCH TRƯỜNG",
    "Mỗi trường một dòng. Cột nền vàng là bắt buộc. Mã trường không được trùng và không nên đổi khi đã gửi mẫu. "
    "Trường đóng cửa thì ghi Ngày đóng, đừng xoá dòng; đóng vì sáp nhập thì ghi thêm Nhập vào. Trường đổi tên, đổi cấp "
    "học hay chuyển xã/phường thì sửa ở đây, và ghi lại như trước ở sheet Trường trước đây. Được thêm cột, thêm dòng, "
    "đổi thứ tự cột; đừng đổi tên cột.",
    (
        Column("code", "Mã", 14, required=True, help="Chữ, số và các dấu . - _, ví dụ MN01."),
        Column("name", "Tên trường", 46, required=True),
        Column("level", "Cấp học", 12, "level", required=True, help="Chọn trong danh sách."),
        Column("unit", "Xã/phường", 18),
        Column("emails", "Email", 36, help=f"Nơi nhận thông báo. {_EMAILS}"),
        Column("head_emails", "Email hiệu trưởng", 36, help=f"Nơi nhận thông báo khi quá hạn lâu. {_EMAILS}"),
        Column("phone", "Điện thoại", 14),
        Column("opened_on", "Ngày mở", 13, "day", help=f"Để trống nếu trường có từ trước. {_DAY}"),
        Column("closed_on", "Ngày đóng", 13, "day", help=f"Để trống nếu trường còn hoạt động. {_DAY}"),
        Column(
            "merged_into",
            "Nhập vào",
            12,
            "school",
            help="Trường đóng vì sáp nhập thì ghi mã của trường nhận vào. Trường khác thì để trống.",
        ),
        Column(
            "spreadsheet",
            "Google Sheets",
            24,
            help="Trường báo cáo trên Google Sheets thì dán đường liên kết của bảng tính vào đây.",
        ),
        Column("note", "Ghi chú", 24),
    ),
)
PERIODS = Sheet(
    "Lịch báo cáo",
    "LỊCH BÁO CÁO",
    "Mỗi kỳ báo cáo một dòng; các kỳ có sẵn lấy từ kế hoạch. Cột nền vàng là bắt buộc, và phải có ít nhất một trong "
    "hai hạn. Hạn không ghi giờ là hết ngày đó. Kỳ mà trường không phải báo cáo thì để trống Hạn nộp của trường. Muốn "
    "gia hạn cho một số trường thì thêm một dòng chỉ ghi Mã kỳ của kỳ đó, Hạn nộp của trường (hạn mới) và Riêng trường "
    "(mã các trường được gia hạn).",
    (
        Column("key", "Mã kỳ", 16, required=True),
        Column("title", "Tên kỳ", 30, required=True),
        Column("starts_on", "Từ ngày", 12, "day", required=True, help=_DAY),
        Column("ends_on", "Đến ngày", 12, "day", required=True, help=_DAY),
        Column("schools_due", "Hạn nộp của trường", 16, "due", help=_DUE),
        Column("office_due", "Hạn của đơn vị", 16, "due", help=_DUE),
        Column(
            "reminders",
            "Ngày nhắc trường",
            24,
            "days",
            help=f"{_DAYS} Kỳ chỉ có đơn vị báo cáo thì là ngày nhắc đơn vị. Để trống, hoặc không hợp với hạn nộp, thì "
            "nhắc theo số ngày trong config.toml.",
        ),
        Column("frozen_on", "Ngày chốt số liệu", 12, "day", help=f"Ngày đơn vị chốt số liệu để viết báo cáo. {_DAY}"),
        Column("sign_on", "Ngày ký", 12, "day", help=f"Ngày ký báo cáo của đơn vị. {_DAY}"),
        Column(
            "office_reported_on",
            "Đơn vị đã báo cáo",
            12,
            "day",
            help=f"Ghi ngày đơn vị đã gửi báo cáo; từ đó không còn nhắc đơn vị về kỳ này. {_DAY}",
        ),
        Column(
            "only",
            "Riêng trường",
            16,
            help="Chỉ ghi ở dòng gia hạn: mã các trường được gia hạn, cách nhau bằng dấu ;, ví dụ TH01; TH02. Dòng của "
            "cả kỳ thì để trống.",
        ),
        Column("dispatch", "Công văn", 18, help="Số, ngày công văn yêu cầu báo cáo đột xuất."),
        Column("note", "Ghi chú", 14),
    ),
)
DAYS_OFF = Sheet(
    "Ngày nghỉ",
    "NGÀY NGHỈ THÊM",
    "Chỉ ghi những ngày nghỉ thêm của địa phương: nghỉ bù, hoán đổi, nghỉ do thiên tai. Không cần ghi thứ bảy, "
    "chủ nhật, Tết và các ngày lễ của Nhà nước. Ngày nghỉ dời ngày gửi thông báo, không dời hạn nộp.",
    (
        Column("day", "Ngày", 14, "day", required=True, help=_DAY),
        Column("name", "Tên", 40),
    ),
    required=False,
)
FORMER = Sheet(
    "Trường trước đây",
    "TRƯỜNG TRƯỚC ĐÂY",
    "Chỉ ghi khi trường đổi tên, đổi cấp học hoặc chuyển xã/phường. Sheet Trường luôn ghi trường như hiện nay; mỗi "
    "dòng ở đây ghi trường đã từng như thế nào cho đến hết một ngày, ô nào không đổi thì để trống. Kỳ báo cáo có "
    "ngày cuối kỳ không muộn hơn ngày đó vẫn tính trường theo tên, cấp học và xã/phường cũ. Đổi nhiều lần "
    "thì ghi nhiều dòng.",
    (
        Column("code", "Mã", 14, "school", required=True, help="Mã của trường trong sheet Trường."),
        Column("until", "Đến hết ngày", 13, "day", required=True, help=f"Ngày cuối cùng còn như dòng này. {_DAY}"),
        Column("name", "Tên trường", 46, help="Tên cũ. Để trống nếu tên không đổi."),
        Column("level", "Cấp học", 12, "level", help="Cấp học cũ. Để trống nếu cấp học không đổi."),
        Column("unit", "Xã/phường", 18, help="Xã/phường cũ. Để trống nếu không chuyển."),
        Column("note", "Ghi chú", 24, help="Ví dụ số, ngày quyết định."),
    ),
    required=False,
)
SHEETS = (SCHOOLS, PERIODS, DAYS_OFF, FORMER)
"""All sheets, in their order."""


@dataclass(frozen=True, slots=True)
class KeyForm:
    """A form of period key that the plan's calendar allows."""

    example: str
    pattern: re.Pattern[str]

    def fits(self, key: str) -> bool:
        """Whether `key` has this form; a school year is two years in a row."""
        found = self.pattern.fullmatch(key)
        years = found.groups() if found else ()
        return found is not None and (len(years) < 2 or int(years[1]) == int(years[0]) + 1)


def key_forms(plan: Plan) -> tuple[KeyForm, ...]:
    """The forms of period keys, in the order of the plan's calendar."""
    return tuple(form for entry in plan.calendar for form in _forms(entry, plan.ends_on.year))


def _forms(entry: CalendarEntry, year: int) -> Iterator[KeyForm]:
    code = re.escape(entry.code)
    match entry.every:
        case "school_year":
            yield KeyForm(f"{year - 1}-{year}/{entry.code}", re.compile(rf"(\d{{4}})-(\d{{4}})/{code}"))
        case "calendar_year":
            yield KeyForm(f"{year}/{entry.code}", re.compile(rf"\d{{4}}/{code}"))
        case "on_demand":
            yield KeyForm(f"{year}/{entry.code}-01", re.compile(rf"\d{{4}}/{code}-[A-Z0-9][A-Z0-9-]*"))
        case "once":
            yield KeyForm(entry.code, re.compile(code))
