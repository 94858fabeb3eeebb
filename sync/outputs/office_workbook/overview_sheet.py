"""`Tổng quan`: one portrait page that says where the period stands and what needs attention today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sync.consolidate import Consolidated
from sync.outputs import styles
from sync.outputs.office_workbook import cells, charts, formats
from sync.outputs.office_workbook.book import Book
from sync.outputs.office_workbook.data_sheet import content_of
from sync.outputs.office_workbook.leaves import NOTHING
from sync.outputs.office_workbook.standing_sheets import LABELS, ProgressNames
from sync.outputs.office_workbook.summary_sheets import Summary
from sync.plan import Stage, TableId
from sync.standing import Standing
from sync.text import address

if TYPE_CHECKING:
    from datetime import datetime

    from xlsxwriter.worksheet import Worksheet

SHEET = "Tổng quan"
STANDINGS: tuple[Standing, ...] = ("on_time", "late", "to_mend", "missing", "due_soon", "not_due", "excused")
_SHOWN_STAGES: tuple[Stage, ...] = ("not_begun", "under_way", "done", "not_applicable")
_NAMES_SHOWN = 12
_CODE, _TEXT, _FIGURE = 5.0, 34.0, 9.5
_FEWEST = 6


def write(
    book: Book,
    sheet: Worksheet,
    consolidated: Consolidated,
    summaries: Mapping[TableId, Summary],
    progress: ProgressNames,
    note: str,
) -> None:
    """The whole sheet."""
    _Writer(book, sheet, consolidated, summaries, progress).write(note)


class _Writer:
    def __init__(
        self,
        book: Book,
        sheet: Worksheet,
        consolidated: Consolidated,
        summaries: Mapping[TableId, Summary],
        progress: ProgressNames,
    ) -> None:
        self.book, self.sheet, self.consolidated = book, sheet, consolidated
        self.summaries, self.progress = summaries, progress
        most = max(len(_keys(summary)) for summary in summaries.values())
        self.widths = [_CODE, _TEXT, *([_FIGURE] * max(most, _FEWEST))]
        self.last = len(self.widths) - 1
        self.row = formats.TITLE_ROW

    def write(self, note: str) -> None:
        formats.set_widths(self.sheet, self.widths)
        self._write_head()
        self._write_standings()
        self._write_attention(note)
        self._write_progress()
        self._write_targets()
        formats.set_up_page(self.sheet, self.book.office, portrait=True)

    def _write_head(self) -> None:
        period, plan = self.consolidated.period, self.consolidated.plan
        title = f"TỔNG HỢP BÁO CÁO {period.title.upper()}"
        self.book.head(self.sheet, title, [plan.subject], self.widths)
        self.row += 3
        span = f"{period.starts_on:%d/%m/%Y} – {period.ends_on:%d/%m/%Y}"
        lines = {
            "Kỳ báo cáo": f"{period.title} ({span})",
            "Hạn nộp của trường": self._moment(period.schools_due),
            "Hạn báo cáo của đơn vị": self._moment(period.office_due),
            "Theo công văn": period.dispatch,
            "Số liệu tính đến": self._moment(self.book.now),
        }
        for label, text in lines.items():
            if text:
                self._across(0, 1, label, bold=True)
                self._across(2, self.last, text)
                self._next([(text, sum(self.widths[2:]))])

    def _moment(self, moment: datetime | None) -> str:
        return cells.local(moment, self.book.zone) if moment else ""

    def _write_standings(self) -> None:
        self._write_title("Tình hình nộp báo cáo")
        self._write_headings((0, 1, "Tình trạng"), (2, 2, "Số trường"), (3, 3, "Tỉ lệ"))
        first = self.row
        for label, formula, value in self._standing_lines():
            self._write_standing(label, formula, value, first)
        places = charts.Places(self.sheet.get_name(), first + 3, self.row - 1, categories=0)
        chart = charts.standings(self.book.workbook, places, values=2)
        chart.set_size({"width": int(7.3 * sum(self.widths[4:])), "height": (self.row - first + 1) * 24})
        self.sheet.insert_chart(first - 1, 4, chart, {"x_offset": 8, "object_position": 1})

    def _standing_lines(self) -> list[tuple[str, str, int]]:
        progress, names = self.consolidated.progress, self.progress
        return [
            ("Trường phải báo cáo", f"=COUNTA({names.code})", len(progress)),
            ("Đã gửi báo cáo", f"=COUNT({names.received})", int(progress["received_at"].notna().sum())),
            ("Có báo cáo được tính", f"=COUNT({names.counted})", int(progress["counted"].sum())),
            *(
                (
                    LABELS[standing],
                    f"=COUNTIF({names.standing},{cells.criterion(LABELS[standing])})",
                    self.consolidated.standings[standing],
                )
                for standing in STANDINGS
            ),
        ]

    def _write_standing(self, label: str, formula: str, value: int, first: int) -> None:
        look: dict[str, Any] = {"bold": True} if self.row < first + 3 else {}
        form, schools = self.book.formats, len(self.consolidated.progress)
        formats.merge(self.sheet, (self.row, 0, self.row, 1), label, form.boxed(**look))
        self.sheet.write_formula(self.row, 2, formula, form.count(**look), value)
        whole, part = address(first, 2), address(self.row, 2)
        share = f"=IF({whole}=0,{cells.quoted(NOTHING)},{part}/{whole})"
        shown = value / schools if schools else NOTHING
        self.sheet.write_formula(self.row, 3, share, form.count(num_format=formats.SHARE, **look), shown)
        self._next([])

    def _write_attention(self, note: str) -> None:
        self._write_title("Cần chú ý hôm nay")
        items = [*attention(self.consolidated, self.book), *([note] if note else [])]
        for item in items or ["Không có việc gì cần chú ý."]:
            text = cells.clean(f"• {item}" if items else item)
            self._across(0, self.last, text, text_wrap=True)
            self._next([(text, sum(self.widths))])

    def _write_progress(self) -> None:
        summary = self.summaries["activities"]
        table, keys = summary.leaves.table, _keys(summary)
        if table.status_column is None:
            return
        self._write_title("Kết quả các hoạt động (số lượt trường × hoạt động)")
        self._write_table_headings(table.row_name if not table.sections else "Mục", summary, keys)
        first = self.row
        for section in table.sections:
            codes = [row.code for row in table.rows_of(section.code)]
            self._write_line(summary, keys, (section.code, section.code, section.title), codes)
        if not table.sections:
            for row in table.rows:
                self._write_line(summary, keys, (row.code, row.number, content_of(table, row)), [row.code])
        last = self.row - 1
        everything = [row.code for row in table.rows]
        self._write_line(summary, keys, ("", "", "Tổng cộng"), everything, bold=True, bg_color=formats.SECTION_FILL)
        if self.consolidated.progress["counted"].any():
            self._write_progress_chart(summary, keys, first, last)

    def _write_progress_chart(self, summary: Summary, keys: Sequence[str], first: int, last: int) -> None:
        places = charts.Places(self.sheet.get_name(), first, last, categories=0)
        column = self.last - len(keys) + 1
        series = [
            (column + number, stage)
            for number, key in enumerate(keys)
            if (stage := _stage_of(summary, key)) and stage != "not_applicable"
        ]
        chart = charts.progress(self.book.workbook, places, first - 1, series)
        height = 90 + 26 * (last - first + 1)
        chart.set_size({"width": int(7.3 * sum(self.widths)), "height": height})
        self.sheet.insert_chart(self.row, 0, chart, {"y_offset": 8, "object_position": 1})
        # A chart has no cells of its own: rows of the usual height are left free for it.
        for row in range(self.row, self.row + height // 24 + 2):
            self.sheet.set_row(row, 18)
        self.row += height // 24 + 1

    def _write_targets(self) -> None:
        summary = self.summaries.get("targets")
        if summary is None or not _keys(summary):
            return
        table, keys = summary.leaves.table, _keys(summary)
        self.sheet.set_h_pagebreaks([self.row])
        self._write_title(table.title.capitalize() if table.title.isupper() else table.title)
        self._write_table_headings(table.row_name, summary, keys)
        for row in table.rows:
            self._write_line(summary, keys, (row.code, row.number, content_of(table, row)), [row.code])

    def _write_table_headings(self, name: str, summary: Summary, keys: Sequence[str]) -> None:
        first = self.last - len(keys) + 1
        leaves = {leaf.key: leaf.heading for leaf in summary.leaves.all}
        headings = [(number, number, leaves[key]) for number, key in enumerate(keys, first)]
        self._write_headings((0, 0, "Stt"), (1, first - 1, name), *headings)

    def _write_line(
        self, summary: Summary, keys: Sequence[str], texts: tuple[str, str, str], codes: Sequence[str], **look: Any
    ) -> None:
        """A row of figures: code on its own sheet, printed number, text; the figures are that sheet's."""
        first = self.last - len(keys) + 1
        form = self.book.formats
        self.sheet.write_string(self.row, 0, texts[1], form.boxed(align="center", **look))
        formats.merge(self.sheet, (self.row, 1, self.row, first - 1), texts[2], form.boxed(**look))
        leaves = {leaf.key: leaf for leaf in summary.leaves.all}
        for number, key in enumerate(keys, first):
            shown = formats.SHARE if leaves[key].look == "share" else formats.WHOLE
            reference = "=" + summary.reference(texts[0], key)
            self.sheet.write_formula(
                self.row, number, reference, form.count(num_format=shown, **look), leaves[key].value(codes)
            )
        self._next([(texts[2], sum(self.widths[1:first]))])

    def _write_title(self, text: str) -> None:
        self.sheet.set_row(self.row, 9)
        self.row += 1
        self._across(0, self.last, text, bold=True, font_size=12)
        self._next([])

    def _write_headings(self, *headings: tuple[int, int, str]) -> None:
        for first, last, text in headings:
            formats.merge(self.sheet, (self.row, first, self.row, last), text, self.book.formats.heading())
        texts = [(text, sum(self.widths[first : last + 1])) for first, last, text in headings]
        self.sheet.set_row(self.row, formats.height_for(texts, bold=True))
        self.row += 1

    def _across(self, first: int, last: int, text: str, **look: Any) -> None:
        styles.across(self.sheet, self.row, (first, last), cells.clean(text), self.book.formats.get(**look))

    def _next(self, texts: Sequence[tuple[str, float]]) -> None:
        self.sheet.set_row(self.row, formats.height_for(texts))
        self.row += 1


def _keys(summary: Summary) -> list[str]:
    """The figures of a table that `Tổng quan` shows: its stages, to how many it applies, the share that is done."""
    leaves = summary.leaves
    if leaves.table.status_column is None:
        return []
    return [*leaves.keys_in_order(*_SHOWN_STAGES), "applies", "done_share"]


def _stage_of(summary: Summary, key: str) -> Stage | None:
    return next((stage for stage in _SHOWN_STAGES if key in summary.leaves.keys_of(stage)), None)


def attention(consolidated: Consolidated, book: Book) -> list[str]:
    """What needs the officer today, one sentence each."""
    due = consolidated.period.schools_due
    soon = f"sắp đến hạn ({cells.local(due, book.zone)}) chưa nộp" if due else "sắp đến hạn"
    kinds: tuple[tuple[Standing, str], ...] = (
        ("missing", "quá hạn chưa nộp"),
        ("to_mend", "phải sửa báo cáo (xem sheet Lỗi cần sửa)"),
        ("due_soon", soon),
    )
    found = [(consolidated.schools_standing(standing), f"trường {words}") for standing, words in kinds]
    files = [str(path).rsplit("/", 1)[-1] for path in consolidated.refused["path"]]
    found.append((files, "tệp không dùng được (xem sheet Lỗi cần sửa)"))
    return [f"{len(names)} {words}: {_listed(names)}." for names, words in found if names] + list(consolidated.notes)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMES_SHOWN
    shown = "; ".join(names[:_NAMES_SHOWN])
    return f"{shown}; và {more} nữa" if more > 0 else shown
