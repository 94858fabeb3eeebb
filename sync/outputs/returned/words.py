"""What a school is told: findings with their words, a note on the receipt, and the texts of them, in Vietnamese."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from sync.outputs import layout as at
from sync.text import fold

VALUE_LENGTH = 200
"""Characters of a value that are shown; the rest stands in its cell."""
_TEXT_LENGTH = 700
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

Status = Literal["accepted", "to_mend", "refused"]


class ReturnedFinding(NamedTuple):
    """A finding in words; `sheet` and `cell` are those of the received file, None where it lies in none."""

    code: str
    severity: str
    message: str
    fix: str
    table: str | None = None
    sheet: str | None = None
    cell: str | None = None
    value: str | float | int | None = None


@dataclass(frozen=True)
class ReceiptNote:
    """What became of a file: moments are in the office's time zone."""

    received_at: datetime
    status: Status
    version: int | None = None
    """Which of the school's files of the period it is, from 1."""
    accepted_at: datetime | None = None
    counted: int | None = None
    """Which version counts meanwhile, where this one is not accepted."""


def ordered(findings: Iterable[ReturnedFinding], sheets: Sequence[str]) -> list[ReturnedFinding]:
    """`findings` in the order of the sheets, of rows and of columns; those of the whole file first."""
    places = {fold(name): index for index, name in enumerate(sheets)}

    def place(finding: ReturnedFinding) -> tuple[int, int, int, str, str, str, str]:
        sheet = places.get(fold(finding.sheet), len(places)) if finding.sheet else -1
        row, column = position(finding.cell)
        return (sheet, row, column, finding.severity, finding.sheet or "", finding.code, finding.message)

    return sorted(findings, key=place)


def position(cell: str | None) -> tuple[int, int]:
    """Row and column of an address from 1, (0, 0) where there is none: for sorting."""
    found = _CELL.fullmatch(cell or "")
    if found is None:
        return 0, 0
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def fitting(findings: Sequence[ReturnedFinding], room: int) -> tuple[list[ReturnedFinding], int]:
    """The findings that `room` rows hold, and how many are left out; then a row stays free to say so.

    Warnings are left out before errors; the order stays.
    """
    if len(findings) <= room:
        return list(findings), 0
    by_weight = sorted(range(len(findings)), key=lambda index: (findings[index].severity != "error", index))
    kept = sorted(by_weight[: room - 1])
    return [findings[index] for index in kept], len(findings) - len(kept)


def left_out(count: int) -> str:
    """What the last row says where findings are left out."""
    return f"Còn {count} lỗi và cảnh báo nữa không ghi hết ở đây. Sửa những mục trên rồi gửi lại."


def cells(finding: ReturnedFinding) -> dict[int, str]:
    """The texts of a finding's row by column of `Kiểm tra`."""
    in_cell = finding.table and finding.cell
    return {
        at.FINDINGS_KEY_COLUMN: at.finding_key(str(finding.table), str(finding.cell)) if in_cell else finding.code,
        at.FINDINGS_SEVERITY_COLUMN: severity(finding),
        at.FINDINGS_SHEET_COLUMN: safe(finding.sheet or ""),
        at.FINDINGS_CELL_COLUMN: finding.cell or "",
        at.FINDINGS_VALUE_COLUMN: shown(finding.value),
        at.FINDINGS_MESSAGE_COLUMN: safe(finding.message),
        at.FINDINGS_FIX_COLUMN: safe(finding.fix),
    }


def rows(findings: Sequence[ReturnedFinding]) -> list[list[str]]:
    """What stands in the place for findings of `Kiểm tra`, all of it: a blank clears what stood there before."""
    told, more = fitting(findings, at.FINDINGS_ROWS)
    lines = [cells(finding) for finding in told]
    if more:
        lines.append({at.FINDINGS_KEY_COLUMN: "…", at.FINDINGS_MESSAGE_COLUMN: left_out(more)})
    lines += [{}] * (at.FINDINGS_ROWS - len(lines))
    columns = range(at.FINDINGS_KEY_COLUMN, at.FINDINGS_FIX_COLUMN + 1)
    return [[line.get(column, "") for column in columns] for line in lines]


def severity(finding: ReturnedFinding) -> str:
    """The severity as the column `Mức độ` has it."""
    return at.SEVERITY_TEXTS[finding.severity]


def shown(value: str | float | int | None) -> str:
    """The value seen, as text of bearable length."""
    if value is None or value != value:  # noqa: PLR0124  # NaN differs from itself
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    text = str(value)
    return safe(text if len(text) <= VALUE_LENGTH else text[:VALUE_LENGTH] + "…")


def safe(text: str) -> str:
    """`text` with a sign in place of each character that XML or a screen cannot show."""
    return _UNSAFE.sub("\ufffd", text[:_TEXT_LENGTH].replace("\r\n", "\n").replace("\r", "\n"))


def receipt_lines(note: ReceiptNote, findings: Sequence[ReturnedFinding], *, in_file: bool = True) -> tuple[str, str]:
    """When the file was received, and what became of it; `in_file` where the findings mark the cells of that file."""
    times = f" (lần nhận thứ {note.version})" if note.version else ""
    return f"Đã nhận lúc {_moment(note.received_at)}{times}.", _outcome(note, findings, in_file)


def checked_lines(
    checked_at: datetime | None, status: Status, findings: Sequence[ReturnedFinding], known: str = ""
) -> tuple[str, str]:
    """That an open workbook was checked, and what is to be done next; `known` is what became of the same report."""
    when = f" lúc {_moment(checked_at)}" if checked_at else ""
    if status == "accepted":
        said = known or "Báo cáo không có lỗi và chưa nộp: bấm Nộp để nộp."
        return f"Đã kiểm tra{when}.", f"{said}{_warned(findings)}"
    if status == "refused":
        return f"Đã kiểm tra{when}.", "Không nộp được báo cáo này: xem lý do bên dưới."
    return f"Đã kiểm tra{when}.", f"Chưa đạt: {counted(findings)}. Sửa các ô được tô rồi bấm Kiểm tra lại."


def given_back_line(reason: str) -> str:
    """That the office gave this very report back; `reason` are the officer's words."""
    return f"Đơn vị quản lý đã trả lại bản này: “{safe(reason)}”. Sửa theo đó rồi nộp lại."


def handed_in_before_line(received_at: datetime) -> str:
    """That this very report was handed in already."""
    return f"Báo cáo không có lỗi; bản này đã nộp lúc {_moment(received_at)}."


def handed_in_lines(
    received_at: datetime, school: str, period: str, findings: Sequence[ReturnedFinding]
) -> tuple[str, str]:
    """That an open workbook was handed in; `school` and `period` are their names."""
    whose = safe(f"{school} – {period}")
    return f"Đã nộp lúc {_moment(received_at)}: {whose}.", f"Đơn vị quản lý đã nhận báo cáo.{_warned(findings)}"


def _warned(findings: Sequence[ReturnedFinding]) -> str:
    return f" {counted(findings)} cần xem lại bên dưới." if findings else ""


def _outcome(note: ReceiptNote, findings: Sequence[ReturnedFinding], in_file: bool) -> str:
    if note.status == "accepted":
        accepted = _moment(note.accepted_at or note.received_at)
        return f"Đạt lúc {accepted}; bản này được tính.{_warned(findings)}"
    kept = f" Bản nhận lần thứ {note.counted} đã đạt và vẫn được tính." if note.counted else ""
    if note.status == "refused":
        return f"Tệp này không dùng được: xem lý do bên dưới.{kept}"
    if any(finding.code == "returned-by-office" for finding in findings):
        return f"Đơn vị quản lý trả lại báo cáo này: xem lý do bên dưới. Sửa rồi gửi lại.{kept}"
    how = "Sửa các ô được tô ngay trong tệp này" if in_file else "Sửa những mục dưới đây trong tệp của trường"
    return f"Chưa đạt: {counted(findings)}. {how} rồi gửi lại.{kept}"


def counted(findings: Sequence[ReturnedFinding]) -> str:
    """How many errors and warnings there are."""
    by_severity: Mapping[str, int] = {
        name: sum(finding.severity == name for finding in findings) for name in at.SEVERITY_TEXTS
    }
    told = [f"{count} {at.SEVERITY_TEXTS[name].lower()}" for name, count in by_severity.items() if count]
    return ", ".join(told) or "không có lỗi"


def _moment(moment: datetime) -> str:
    return f"{moment:%H:%M} ngày {moment:%d/%m/%Y}"
