"""`Thay đổi`: what changed in the last days, newest first, and the figures that the last change moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from sync.changes import SHOWN_FOR, Change, Kind, Moved, Recent, moved
from sync.comparing import figures_from
from sync.consolidate import STANDINGS, Consolidated
from sync.decisions import COLUMNS
from sync.decisions.effects import on_one_line
from sync.decisions.model import due_in
from sync.outputs import styles
from sync.outputs.office_workbook import cells, formats, lists, paging
from sync.outputs.office_workbook.book import Book
from sync.outputs.office_workbook.data_sheet import content_of
from sync.outputs.office_workbook.fitting import shortened
from sync.outputs.office_workbook.links import Links
from sync.outputs.office_workbook.lists import ListColumn
from sync.outputs.office_workbook.references import TOTALS, References
from sync.outputs.office_workbook.standing_sheets import LABELS
from sync.sources import ADDIN, GOOGLE

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

SHEET = "Thay đổi"
_KINDS: Mapping[Kind, str] = {
    "new": "Báo cáo mới, đạt",
    "new_to_mend": "Báo cáo mới, phải sửa",
    "mended": "Đã sửa xong, đạt",
    "replaced": "Bản mới thay bản cũ, đạt",
    "worsened": "Bản mới có lỗi; bản cũ vẫn được tính",
    "still_to_mend": "Gửi lại, vẫn phải sửa",
    "refused": "Tệp không dùng được",
    "gone": "Tệp không còn ở nơi nhận; bản đã nhận vẫn được giữ",
    "extended_to": "Gia hạn đến",
    "returned": "Trả lại",
    "excused": "Miễn",
    "note": "Ghi chú",
    "taken_back": "Cán bộ xoá ô",
}
_FILLS: Mapping[Kind, str] = {
    "new": formats.GREEN,
    "mended": formats.GREEN,
    "replaced": formats.GREEN,
    "new_to_mend": formats.ORANGE,
    "worsened": formats.ORANGE,
    "still_to_mend": formats.ORANGE,
    "refused": formats.RED,
    "gone": formats.YELLOW,
}
_KIND = 5
_NUMBER, _OLD = 3, 7
_FEW = 8
"""Changes up to which the figures that moved are printed on the same page."""
_NONE = "Chưa có thay đổi nào."
_FIRST = "Đây là lần tổng hợp đầu tiên của kỳ này, chưa có lần trước để so sánh."
_SAME = "Lượt này không làm số liệu nào thay đổi."


def write(book: Book, sheet: Worksheet, consolidated: Consolidated, references: References) -> None:
    """The whole sheet. Nothing is said of figures where the period was never consolidated before."""
    recent = consolidated.recent or Recent()
    changes = recent.changes
    columns = _columns(book, consolidated, changes)
    lists.write(book, sheet, columns, title="THAY ĐỔI GẦN ĐÂY", subtitles=_subtitles(book, consolidated, recent))
    for row, change in enumerate(changes, lists.FIRST_ROW):
        fill = {"bg_color": _FILLS[change.kind]} if change.kind in _FILLS else {}
        sheet.write_string(row, _KIND, _told(book, consolidated, change), book.formats.boxed(**fill))
    if not changes:
        lists.empty_line(book, sheet, len(columns), _NONE)
    _Figures(book, sheet, consolidated, recent, references, [5.0, *(column.width for column in columns)]).write()


def _subtitles(book: Book, consolidated: Consolidated, recent: Recent) -> list[str]:
    if recent.newest_at is None:
        return [consolidated.period.title]
    newest = f"Thay đổi mới nhất: {cells.local(recent.newest_at, book.zone)}"
    more = f"; còn {recent.left_out} thay đổi cũ hơn không ghi ở đây" if recent.left_out else ""
    return [
        f"{consolidated.period.title} – {newest}",
        f"Ghi các thay đổi trong {SHOWN_FOR.days} ngày đến lần đó, mới nhất ở trên{more}.",
    ]


def _columns(book: Book, consolidated: Consolidated, changes: Sequence[Change]) -> list[ListColumn]:
    frame = pd.DataFrame(changes, columns=list(Change.__dataclass_fields__), dtype=object)
    names = dict(zip(consolidated.progress["code"], consolidated.progress["name"], strict=True))
    moments = {name: pd.to_datetime(frame[name], utc=True) for name in ("passed_at", "at")}
    return [
        ListColumn("Lượt đồng bộ lúc", 16, "moment", cells.serials(moments["passed_at"], book.zone)),
        ListColumn("Lượt số", 7, "whole", cells.numbers(frame["run"])),
        ListColumn("Mã trường", 12, "code", cells.texts(frame["school"])),
        ListColumn("Tên trường", 32, "text", cells.texts(frame["school"].map(names))),
        ListColumn("Thay đổi", 38, "text", [_told(book, consolidated, change) for change in changes]),
        ListColumn("Tệp", 36, "text", Links(consolidated.spreadsheets).files(frame)),
        ListColumn("Lần nhận", 14.5, "code", cells.receipts(frame["sha256"])),
        ListColumn("Thời điểm nhận", 16, "moment", cells.serials(moments["at"], book.zone)),
        ListColumn("Nguồn", 14, "code", [_source(change) for change in changes]),
    ]


_SOURCES = {GOOGLE: "Google Sheets", ADDIN: "Nộp trực tiếp"}


def _source(change: Change) -> str:
    if change.field is not None:
        return "Cán bộ"
    return _SOURCES.get(str(change.source), "Tệp")


def _told(book: Book, consolidated: Consolidated, change: Change) -> str:
    if change.field is None:
        return _KINDS[change.kind]
    if change.kind == "taken_back":
        return f"{_KINDS[change.kind]} {COLUMNS[change.field]}"
    words = on_one_line(change.words)
    due = due_in(change.words, consolidated.period) if change.kind == "extended_to" else None
    return f"{_KINDS[change.kind]} {cells.local(due, book.zone)}" if due else f"{_KINDS[change.kind]}: {words}"


class _Figures:
    """The figures that moved, below the list."""

    def __init__(
        self,
        book: Book,
        sheet: Worksheet,
        consolidated: Consolidated,
        recent: Recent,
        references: References,
        widths: Sequence[float],
    ) -> None:
        self.book, self.sheet, self.consolidated, self.recent = book, sheet, consolidated, recent
        self.references, self.widths = references, widths
        self.row = lists.FIRST_ROW + max(len(recent.changes), 1) + 1

    def write(self) -> None:
        self._across("SỐ LIỆU ĐÃ THAY ĐỔI", bold=True, font_size=12)
        before = self.recent.before
        if before is None:
            self._across(_FIRST, italic=True)
            return
        figures = moved(self.consolidated.plan, before, figures_from(self.consolidated))
        if figures and len(self.recent.changes) > _FEW:
            self.sheet.set_print_scale(paging.scale(self.sheet))
            self.sheet.set_h_pagebreaks([self.row - 1])
        since = f"Lượt mới nhất có thay đổi so với lượt lúc {self._moment()}."
        self._across(f"{since} {'' if figures else _SAME}".strip(), italic=True)
        if figures:
            self._write_headings()
        for number, figure in enumerate(figures, 1):
            self._write_figure(number, figure)

    def _moment(self) -> str:
        return cells.local(self.recent.before_at, self.book.zone) if self.recent.before_at else ""

    def _write_headings(self) -> None:
        header = self.book.formats.heading()
        for columns, text in (
            ((0, 0), "Stt"),
            ((1, 2), "Xem sheet"),
            ((3, 3), "Mã"),
            ((4, 5), "Nội dung"),
            ((6, 6), "Số liệu"),
            ((7, 7), "Trước"),
            ((8, 8), "Nay"),
            ((9, 9), "Tăng/giảm"),
        ):
            formats.merge(self.sheet, (self.row, columns[0], self.row, columns[1]), text, header)
        self.sheet.set_row(self.row, 20)
        self.row += 1

    def _write_figure(self, number: int, figure: Moved) -> None:
        sheet, code, content, called = self._words(figure)
        form = self.book.formats
        centred = form.boxed(align="center")
        self.sheet.write_number(self.row, 0, number, centred)
        formats.merge(self.sheet, (self.row, 1, self.row, 2), sheet, centred)
        self.sheet.write_string(self.row, _NUMBER, code, centred)
        room = self.widths[4] + self.widths[5]
        content = shortened(content, room, formats.FONT_SIZE, lines=2)
        formats.merge(self.sheet, (self.row, 4, self.row, 5), content, form.boxed())
        self.sheet.write_string(self.row, 6, called, form.boxed())
        count = form.count(num_format=formats.NUMBER if figure.new % 1 or figure.old % 1 else formats.WHOLE)
        self.sheet.write_number(self.row, _OLD, figure.old, count)
        self.sheet.write_formula(self.row, _OLD + 1, self._formula(figure), count, figure.new)
        signed = form.count(num_format="+#,##0.##;-#,##0.##;0" if figure.difference % 1 else "+#,##0;-#,##0;0")
        difference = f"=I{self.row + 1}-H{self.row + 1}"
        self.sheet.write_formula(self.row, _OLD + 2, difference, signed, figure.difference)
        shown = [(content, room), (called, self.widths[6])]
        self.sheet.set_row(self.row, formats.height_for(shown))
        self.row += 1

    def _words(self, figure: Moved) -> tuple[str, str, str, str]:
        """Sheet, code, content and which figure."""
        table = figure.table
        if table is None:
            called = TOTALS.get(figure.key) or next(LABELS[each] for each in STANDINGS if each == figure.key)
            return "Tiến độ nộp", "", called, "Số trường"
        row = table.rows_by_code[figure.code]
        called = table.columns_by_id[figure.key].heading if figure.key != "done" else self._done(figure)
        return table.summary_sheet, figure.code, content_of(table, row), called

    def _done(self, figure: Moved) -> str:
        status = figure.table.status_column if figure.table else None
        done = [choice.value for choice in status.choices if choice.stage == "done"] if status else []
        return f"Số trường: {', '.join(done)}"

    def _formula(self, figure: Moved) -> str:
        if figure.table is not None:
            return self.references.of_row(figure.table.id, figure.code, figure.key)
        standing = next((each for each in STANDINGS if each == figure.key), None)
        return self.references.of_standing(standing) if standing else self.references.of_schools(figure.key)

    def _across(self, text: str, **look: object) -> None:
        columns = (0, len(self.widths) - 1)
        styles.across(self.sheet, self.row, columns, text, self.book.formats.get(text_wrap=True, **look))
        self.sheet.set_row(self.row, formats.height_for([(text, sum(self.widths))]) + 2)
        self.row += 1
