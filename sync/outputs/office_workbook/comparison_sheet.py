"""`So sánh các kỳ`: this period beside earlier ones of its kind, then all periods in order of time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sync.comparing import figures_from, of_kind, reported
from sync.consolidate import Consolidated
from sync.outputs.office_workbook import development, formats, paging
from sync.outputs.office_workbook.book import Book
from sync.outputs.office_workbook.leaves import NOTHING
from sync.outputs.office_workbook.period_table import (
    NUMBER_WIDTH,
    TEXT_WIDTH,
    FigureRow,
    Group,
    PeriodColumn,
    Writer,
    done_words,
    groups_of,
)
from sync.outputs.office_workbook.references import References
from sync.text import address

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

SHEET = "So sánh các kỳ"
HEAD_ROW = 6
"""Zero-based row of the uppermost of three heading rows: block, period, workbook."""
FIRST_ROW = HEAD_ROW + 3
_WIDTH = 10.5
_UPRIGHT = 120.0
"""Characters up to which the columns are printed on upright pages."""
_OWN = "Sổ này"


def write(book: Book, sheet: Worksheet, consolidated: Consolidated, references: References) -> None:
    """The whole sheet. Figures of this period are formulas, those of earlier ones values."""
    _Sheet(book, sheet, consolidated, references).write()


class _Sheet:
    def __init__(self, book: Book, sheet: Worksheet, consolidated: Consolidated, references: References) -> None:
        self.book, self.sheet, self.plan = book, sheet, consolidated.plan
        self.period = consolidated.period
        own = PeriodColumn(figures_from(consolidated), references)
        known = reported([*consolidated.outlook.earlier, own.figures])
        self.left_out = [each for each in consolidated.outlook.earlier if each not in known]
        same = of_kind(self.plan, known, self.period)
        self.same = [PeriodColumn(each) for each in same[:-1]] + [own]
        everything = [PeriodColumn(each) for each in known[:-1]] + [own]
        self.all = everything if len(known) > len(same) else []
        self.writer = Writer(book, sheet)

    @property
    def change(self) -> int:
        """The column of differences."""
        return 2 + len(self.same)

    @property
    def last(self) -> int:
        return self.change + len(self.all)

    def columns(self) -> list[tuple[int, PeriodColumn]]:
        """Each period with its column; those of the second block stand after the differences."""
        return [*enumerate(self.same, 2), *enumerate(self.all, self.change + 1)]

    def write(self) -> None:
        # The heading of the administration needs its room also where there is one period alone.
        widths = [NUMBER_WIDTH, TEXT_WIDTH, *([_WIDTH] * max(self.last - 1, 5))]
        formats.set_widths(self.sheet, widths)
        self.book.head(self.sheet, "SO SÁNH CÁC KỲ BÁO CÁO", self._subtitles(), widths)
        self._write_headings()
        row, share = self._write_groups(groups_of(self.plan))
        portrait = sum(widths) <= _UPRIGHT
        formats.set_up_page(self.sheet, self.book.office, portrait=portrait, repeat=(HEAD_ROW, HEAD_ROW + 2))
        if share is not None:
            self._write_chart(row + 1, share)
        self.sheet.freeze_panes(FIRST_ROW, 2)

    def _subtitles(self) -> list[str]:
        before = "Chưa có kỳ nào trước kỳ này có báo cáo." if len(self.same) + len(self.all) == 1 else ""
        gap = f"Các kỳ đến hết {self.left_out[-1].period.title} không có báo cáo." if self.left_out else ""
        told = "Kỳ năm học gồm cả học kỳ: không cộng các kỳ với nhau. Ô xám: kỳ không có báo cáo."
        return [self.period.title, " ".join(filter(None, (before or told, "" if before else gap)))]

    def _write_headings(self) -> None:
        header = self.book.formats.heading()
        for column, text in enumerate(("Stt", "Nội dung")):
            formats.merge(self.sheet, (HEAD_ROW, column, HEAD_ROW + 2, column), text, header)
        formats.merge(self.sheet, (HEAD_ROW, 2, HEAD_ROW, self.change), "Các kỳ cùng loại", header)
        if self.all:
            area = (HEAD_ROW, self.change + 1, HEAD_ROW, self.last)
            formats.merge(self.sheet, area, "Tất cả các kỳ, theo thời gian", header)
        for column, each in self.columns():
            self._write_heading(column, each)
        area = (HEAD_ROW + 1, self.change, HEAD_ROW + 2, self.change)
        formats.merge(self.sheet, area, self._change_heading(), header)
        titles = [(each.figures.period.title, _WIDTH - 1.5) for each in self.same + self.all]
        sources = [(_source(each), (_WIDTH - 1.5) * 1.2) for each in self.same + self.all]
        self.sheet.set_row(HEAD_ROW, 19)
        self.sheet.set_row(HEAD_ROW + 1, formats.height_for(titles, bold=True))
        self.sheet.set_row(HEAD_ROW + 2, formats.height_for(sources))

    def _write_heading(self, column: int, each: PeriodColumn) -> None:
        fill = formats.YELLOW if each.references else formats.HEADER_FILL
        form = self.book.formats.heading(bg_color=fill)
        self.sheet.write_string(HEAD_ROW + 1, column, each.figures.period.title, form)
        small = self.book.formats.heading(bold=False, italic=True, font_size=9, bg_color=fill)
        self.sheet.write_string(HEAD_ROW + 2, column, _source(each), small)

    def _change_heading(self) -> str:
        before = self._before()
        return f"Tăng/giảm so với {self.same[before].figures.period.key}" if before is not None else "Tăng/giảm"

    def _before(self) -> int | None:
        """Which of the same kind the differences are from: the last one with reports."""
        earlier = [at for at, each in enumerate(self.same[:-1]) if each.figures.has_reports]
        return earlier[-1] if earlier else None

    def _write_groups(self, groups: Sequence[Group]) -> tuple[int, int | None]:
        """Writes all figures; gives the next row, and the row of the share of all activities."""
        at, share = FIRST_ROW, None
        for group in groups:
            self.writer.write_group(at, group.title, self.last)
            at += 1
            for row in group.rows:
                self._write_row(at, row)
                if row.look == "share" and share is None:
                    share = at
                at += 1
        return at, share

    def _write_row(self, at: int, row: FigureRow) -> None:
        self.writer.write_labels(at, row)
        for column, each in self.columns():
            self.writer.write((at, column), row, each)
        before = self._before()
        if before is None:
            self.sheet.write_string(at, self.change, NOTHING, self.book.formats.count())
            return
        places = address(at, 2 + before), address(at, self.change - 1)
        values = self.same[before].value(row), self.same[-1].value(row)
        self.writer.write_change((at, self.change), row, places, values)

    def _write_chart(self, at: int, share: int) -> None:
        """How the share of activities that is done went on; periods without figures are gaps."""
        first, periods = (self.change + 1, self.all) if self.all else (2, self.same)
        told = [each.figures for each in periods]
        last = first + len(told) - 1 - (0 if told[-1].counted else 1)
        if sum(1 for each in told if each.counted) < 2:
            return
        rows, name = (HEAD_ROW + 1, share), self.sheet.get_name()
        question = f"Tỉ lệ {done_words(self.plan)} qua các kỳ ra sao?"
        chart = development.share(self.book.workbook, name, rows, (first, last), question)
        chart.set_size({"width": 900, "height": 300})
        self.sheet.set_print_scale(paging.scale(self.sheet))
        self.sheet.set_h_pagebreaks([at])
        self.sheet.insert_chart(at, 1, chart, {"object_position": 1})
        for row in range(at, at + 16):
            self.sheet.set_row(row, 20)


def _source(column: PeriodColumn) -> str:
    return _OWN if column.references else column.figures.workbook
