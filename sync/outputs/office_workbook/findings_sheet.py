"""`Lỗi cần sửa`: what is wrong, in which file and cell, and how to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sync.consolidate import Consolidated
from sync.outputs.office_workbook import cells, lists
from sync.outputs.office_workbook.book import Book
from sync.outputs.office_workbook.links import Links
from sync.outputs.office_workbook.lists import ListColumn
from sync.plan import Plan

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

SHEET = "Lỗi cần sửa"
SEVERITIES = {"error": "Lỗi", "warning": "Cảnh báo"}
PRIVATE = "(nội dung tự ghi – xem tệp của trường)"
"""Stands for the value of a cell of free text."""


def write(book: Book, sheet: Worksheet, consolidated: Consolidated) -> None:
    """One row per finding, in the order of the schools; files of unknown schools last."""
    findings, links = consolidated.findings, Links(consolidated.spreadsheets)
    columns = [
        ListColumn("Mã trường", 10.5, "code", cells.texts(findings["school"])),
        ListColumn("Tên trường", 22, "text", cells.texts(findings["name"])),
        ListColumn("Tệp", 26, "text", links.files(findings)),
        ListColumn("Sheet", 10, "code", cells.texts(findings["sheet"])),
        ListColumn("Ô", 7, "code", links.cells(findings)),
        ListColumn("Giá trị", 16, "text", cells.texts(_values(findings, consolidated.plan))),
        ListColumn("Mức độ", 9, "code", cells.texts(findings["severity"].map(SEVERITIES))),
        ListColumn("Vấn đề", 36, "text", cells.texts(findings["message"])),
        ListColumn("Cách sửa", 36, "text", cells.texts(findings["fix"])),
        ListColumn("Lần nhận", 14, "code", cells.receipts(findings["sha256"])),
        ListColumn("Thời điểm nhận", 16, "moment", cells.serials(findings["received_at"], book.zone)),
    ]
    errors = int((findings["severity"] == "error").sum())
    subtitle = f"{consolidated.period.title} – {errors} lỗi, {len(findings) - errors} cảnh báo"
    subtitles = [subtitle, "Bấm vào tên tệp hoặc địa chỉ ô để mở tệp của trường."]
    lists.write(book, sheet, columns, title="DANH SÁCH LỖI CẦN SỬA", subtitles=subtitles)
    if findings.empty:
        lists.empty_line(book, sheet, len(columns), "Không có lỗi nào.")


def _values(findings: pd.DataFrame, plan: Plan) -> pd.Series[str]:
    """The values seen, as texts; those of free text are not spread."""
    free = [(table.id, column.id) for table in plan.all_tables for column in table.columns if column.free]
    places = pd.MultiIndex.from_frame(findings[["table", "column"]])
    shown = findings["value"].map(_shown).astype(object)
    return shown.mask(places.isin(free) & shown.notna(), PRIVATE)


def _shown(value: object) -> str | None:
    if value is None or value == "" or (isinstance(value, float) and pd.isna(value)):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
