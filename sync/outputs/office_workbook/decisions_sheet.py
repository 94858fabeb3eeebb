"""`Nhật ký quyết định`: every decision of the period that the officer typed, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from sync.consolidate import Consolidated
from sync.decisions import COLUMNS, Decision, due_in, log
from sync.decisions.log import Outcome
from sync.outputs.office_workbook import cells, lists
from sync.outputs.office_workbook.book import Book
from sync.outputs.office_workbook.lists import ListColumn
from sync.periods import END_OF_DAY, Period

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

SHEET = "Nhật ký quyết định"
OUTCOMES: Mapping[Outcome, str] = {
    "holds": "Đang áp dụng",
    "replaced": "Đã thay bằng nội dung khác",
    "overwritten": "Bị bản lưu sau thay, hai nơi cùng sửa",
    "answered": "Trường đã gửi bản mới",
    "not_understood": "Không hiểu được",
    "taken_back": "Đã xoá ô",
}
CLEARED = "(xoá ô)"


def write(book: Book, sheet: Worksheet, consolidated: Consolidated) -> None:
    """One row per decision, the newest first."""
    rows = log.log(consolidated.decisions, consolidated.period, consolidated.answered)
    names = {str(code): str(name) for code, name in consolidated.progress[["code", "name"]].itertuples(index=False)}
    made = [row.decision for row in rows]
    columns = [
        ListColumn("Lúc", 16, "moment", _moments(book, [each.decided_at for each in made])),
        ListColumn("Mã trường", 11, "code", [each.school for each in made]),
        ListColumn("Tên trường", 28, "text", [names.get(each.school) for each in made]),
        ListColumn("Cột", 12, "code", [COLUMNS[each.field] for each in made]),
        ListColumn("Nội dung", 34, "text", [_text(each, each.value, consolidated.period) for each in made]),
        ListColumn("Trước đó", 28, "text", [_text(row.decision, row.before, consolidated.period, "") for row in rows]),
        ListColumn("Kết quả", 20, "text", [OUTCOMES[row.outcome] for row in rows]),
        ListColumn("Ghi ở", 30, "text", [each.place for each in made]),
        ListColumn("Hệ thống đọc lúc", 16, "moment", _moments(book, [each.read_at for each in made])),
    ]
    subtitles = [consolidated.period.title, "Nội dung gõ ở các cột của cán bộ trên sheet Tiến độ nộp, mới nhất ở trên."]
    lists.write(book, sheet, columns, title="NHẬT KÝ QUYẾT ĐỊNH", subtitles=subtitles)
    if not rows:
        lists.empty_line(book, sheet, len(columns), "Chưa có quyết định nào.")


def _moments(book: Book, moments: list[datetime]) -> list[float | None]:
    if not moments:
        return []
    return cells.serials(pd.Series(pd.to_datetime(moments, utc=True)).astype("datetime64[us, UTC]"), book.zone)


def _text(decision: Decision, value: str, period: Period, blank: str = CLEARED) -> str | None:
    """A value as people here write it."""
    moment = due_in(value, period) if decision.field == "extended_to" and value else None
    if moment is None:
        return value or blank or None
    return f"{moment:%d/%m/%Y}" if moment.time() == END_OF_DAY else f"{moment:%d/%m/%Y %H:%M}"
