"""Tables of a plan with a share per period: how many are done, of how many, in per cent; and how it stands last."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sync.comparing import PeriodFigures, Review
from sync.consolidate import DENOMINATOR, NUMERATOR
from sync.outputs.office_workbook import cells, formats, paging
from sync.outputs.office_workbook.book import Book
from sync.outputs.office_workbook.leaves import NOTHING
from sync.plan import Row, Section, Stage, Table
from sync.text import address

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

HEAD_ROW = 7
"""Zero-based row of the upper of two heading rows: period, figure."""
FIRST_ROW = HEAD_ROW + 2
_FIGURE = 7.0
_LEAST, _PAGE, _SQUEEZED = 56.0, 165.0, 0.15
"""Characters: a column of long texts; a page across, and the part of one more that is rather made to fit."""
_LATEST: tuple[Stage, ...] = ("not_begun", "under_way", "done", "not_applicable")


def has_shares(table: Table) -> bool:
    """Whether the table has stages, or a numerator and a denominator."""
    return table.status_column is not None or _is_ratio(table)


def _is_ratio(table: Table) -> bool:
    return {NUMERATOR, DENOMINATOR} <= {column.id for column in table.columns if column.is_number}


def write(book: Book, sheet: Worksheet, review: Review, table: Table) -> None:
    """The whole sheet: a group of three columns per period from the first with reports on, then the latest state."""
    _Sheet(book, sheet, review, table).write()


class _Sheet:
    def __init__(self, book: Book, sheet: Worksheet, review: Review, table: Table) -> None:
        self.book, self.sheet, self.review, self.table = book, sheet, review, table
        self.periods = review.shown
        self.is_ratio = _is_ratio(table)
        self.fixed = [*(min(fixed.width, _LEAST) for fixed in table.fixed)]
        self.latest = review.latest if table.status_column else None
        self.row = FIRST_ROW
        self.across = 1

    @property
    def after(self) -> int:
        """The first column after those of the periods."""
        return len(self.fixed) + 3 * len(self.periods)

    def write(self) -> None:
        states = len(self._stages())
        widths = [*self.fixed, *([_FIGURE] * (3 * len(self.periods))), *([9.0] * states)]
        self.across = math.ceil(sum(widths) / _PAGE - _SQUEEZED)
        formats.set_widths(self.sheet, widths)
        breaks, repeated = self._breaks(), min(1, len(self.fixed) - 1)
        first_page = widths[: breaks[0]] if breaks else widths
        self.book.head(self.sheet, *self._titles(), first_page, repeated if breaks else None)
        self._write_headings()
        self._write_rows()
        self.sheet.freeze_panes(FIRST_ROW, min(2, len(self.fixed)))
        self.sheet.repeat_columns(0, repeated)
        formats.set_up_page(self.sheet, self.book.office, repeat=(HEAD_ROW, HEAD_ROW + 1), across=self.across)
        if breaks:
            self.sheet.set_v_pagebreaks(breaks)
            self.sheet.set_print_scale(paging.scale(self.sheet, breaks, repeated + 1))

    def _breaks(self) -> list[int]:
        """Pages across begin with a period and never within one."""
        each = math.ceil(len(self.periods) / self.across)
        return [self._column(at) for at in range(each, len(self.periods), each)]

    def _titles(self) -> tuple[str, list[str]]:
        document, plan = self.review.plan.document, self.review.plan
        period = f"{self.review.period.title} – mỗi kỳ là số liệu đã tổng hợp của kỳ đó"
        if self.table.id != "activities":
            return self.table.title, [period]
        return document.appendix_title or self.table.title, [document.appendix_subject or plan.subject, period]

    def _stages(self) -> list[Stage]:
        status = self.table.status_column if self.latest else None
        stages = {choice.stage for choice in status.choices if choice.stage} if status else set()
        return [stage for stage in _LATEST if stage in stages]

    def _write_headings(self) -> None:
        header = self.book.formats.heading()
        for number, fixed in enumerate(self.table.fixed):
            formats.merge(self.sheet, (HEAD_ROW, number, HEAD_ROW + 1, number), fixed.heading, header)
        above, below = self._called()
        column = len(self.fixed)
        for figures in self.periods:
            formats.merge(self.sheet, (HEAD_ROW, column, HEAD_ROW, column + 2), figures.period.title, header)
            for number, text in enumerate((above, below, "Tỉ lệ"), column):
                self.sheet.write_string(HEAD_ROW + 1, number, text, header)
            column += 3
        if self.latest is not None:
            title = f"Mới nhất: {self.latest.period.title}"
            last = self.after + len(self._stages()) - 1
            formats.merge(self.sheet, (HEAD_ROW, self.after, HEAD_ROW, last), title, header)
            for number, text in enumerate(self._stage_words(), self.after):
                self.sheet.write_string(HEAD_ROW + 1, number, text, header)
        titles = [(figures.period.title, 3 * _FIGURE - 2) for figures in self.periods]
        self.sheet.set_row(HEAD_ROW, formats.height_for([*titles, ("Mới nhất: Học kỳ I năm học", 20)], bold=True))
        words = [(text, _FIGURE - 1.5) for text in (above, below, *self._stage_words())]
        self.sheet.set_row(HEAD_ROW + 1, formats.height_for(words, bold=True))

    def _stage_words(self) -> list[str]:
        status = self.table.status_column if self.latest else None
        choices = status.choices if status else ()
        return [", ".join(each.value for each in choices if each.stage == stage) for stage in self._stages()]

    def _called(self) -> tuple[str, str]:
        if self.is_ratio:
            headings = self.table.columns_by_id
            return headings[NUMERATOR].heading, headings[DENOMINATOR].heading
        status = self.table.status_column
        done = [choice.value for choice in status.choices if choice.stage == "done"] if status else []
        return " + ".join(done), "Áp dụng"

    def _write_rows(self) -> None:
        parts: list[tuple[int, int]] = []
        for section in self.table.sections:
            rows = self.table.rows_of(section.code)
            parts.append((self.row + 1, self.row + len(rows)))
            self._write_section(section, parts[-1])
            for row in rows:
                self._write_row(row)
        for row in self.table.rows if not self.table.sections else ():
            self._write_row(row)
        if not self.is_ratio:
            self._write_total(parts)

    def _write_row(self, row: Row) -> None:
        form = self.book.formats
        for number, fixed in enumerate(self.table.fixed):
            align = "center" if fixed.width <= 12 else "left"
            self.sheet.write_string(self.row, number, row.text(fixed.id), form.boxed(align=align))
        for number, figures in enumerate(self.periods):
            self._write_figures(self._column(number), figures, self._pair(figures, row.code))
        for number, stage in enumerate(self._stages(), self.after):
            stages = self.latest.tables[self.table.id].stages if self.latest else {}
            self.sheet.write_number(self.row, number, stages[stage][row.code], form.count())
        texts = [(row.text(each.id), 0.95 * width) for each, width in zip(self.table.fixed, self.fixed, strict=True)]
        self.sheet.set_row(self.row, formats.height_for(texts))
        self.row += 1

    def _column(self, number: int) -> int:
        return len(self.fixed) + 3 * number

    def _pair(self, figures: PeriodFigures, code: str) -> tuple[float, float]:
        totals = figures.tables[self.table.id]
        if self.is_ratio:
            return totals.sums[NUMERATOR].get(code, 0.0), totals.sums[DENOMINATOR].get(code, 0.0)
        return totals.done([code]), totals.applies[code]

    def _write_figures(
        self,
        column: int,
        figures: PeriodFigures,
        pair: tuple[float, float],
        formulas: tuple[str, str] | None = None,
        look: Mapping[str, object] = {},
    ) -> None:
        """Done, of how many, and the share of it; nothing where no report counts."""
        form = self.book.formats
        if not figures.counted:
            for number in range(column, column + 3):
                self.sheet.write_blank(self.row, number, None, form.boxed(bg_color=formats.CLOSED_FILL))
            return
        for at, value in enumerate(pair):
            if formulas is None:
                self.sheet.write_number(self.row, column + at, value, form.count(**look))
            else:
                self.sheet.write_formula(self.row, column + at, formulas[at], form.count(**look), value)
        above, below = address(self.row, column), address(self.row, column + 1)
        share = f"=IF({below}=0,{cells.quoted(NOTHING)},{above}/{below})"
        shown = pair[0] / pair[1] if pair[1] else NOTHING
        self.sheet.write_formula(self.row, column + 2, share, form.count(num_format=formats.SHARE, **look), shown)

    def _write_section(self, section: Section, part: tuple[int, int]) -> None:
        look = {"bold": True, "bg_color": formats.SECTION_FILL}
        # Further pages across repeat the first two columns alone: a title over more would be cut off there.
        last = min(len(self.fixed) - 1, 1 if self.across > 1 else len(self.fixed) - 1)
        for column in range(last + 1, len(self.fixed)):
            self.sheet.write_blank(self.row, column, None, self.book.formats.boxed(**look))
        self.sheet.write_string(self.row, 0, f"{section.code}.", self.book.formats.boxed(align="center", **look))
        if last:
            formats.merge(self.sheet, (self.row, 1, self.row, last), section.title, self.book.formats.boxed(**look))
        self._write_sums([row.code for row in self.table.rows_of(section.code)], [part], look)
        self.sheet.set_row(
            self.row, formats.height_for([(section.title, 0.9 * sum(self.fixed[1 : last + 1]))], bold=True)
        )
        self.row += 1

    def _write_total(self, parts: Sequence[tuple[int, int]]) -> None:
        look = {"bold": True, "bg_color": formats.HEADER_FILL}
        area = (self.row, 0, self.row, len(self.fixed) - 1)
        formats.merge(self.sheet, area, "Tổng cộng", self.book.formats.boxed(align="center", **look))
        self._write_sums([row.code for row in self.table.rows], parts or [(FIRST_ROW, self.row - 1)], look)
        self.sheet.set_row(self.row, 21)
        self.row += 1

    def _write_sums(self, codes: Sequence[str], parts: Sequence[tuple[int, int]], look: Mapping[str, object]) -> None:
        """Sums over the rows `parts` (first, last), which have these codes."""

        def total(column: int) -> str:
            return (
                "=SUM(" + ",".join(f"{address(first, column)}:{address(last, column)}" for first, last in parts) + ")"
            )

        for number, figures in enumerate(self.periods):
            pairs = [self._pair(figures, code) for code in codes]
            both = sum(above for above, _ in pairs), sum(below for _, below in pairs)
            column = self._column(number)
            self._write_figures(column, figures, both, (total(column), total(column + 1)), look)
        for column, stage in enumerate(self._stages(), self.after):
            stages = self.latest.tables[self.table.id].stages if self.latest else {}
            value = sum(stages[stage][code] for code in codes)
            self.sheet.write_formula(self.row, column, total(column), self.book.formats.count(**look), value)
