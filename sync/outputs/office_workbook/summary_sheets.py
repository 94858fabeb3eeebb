"""The plan's tables (`Phụ lục tổng hợp`, `Chỉ tiêu`, …) as they are printed, with the figures of all schools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from sync.consolidate import Consolidated, TableFigures
from sync.outputs import styles
from sync.outputs.office_workbook import cells, formats
from sync.outputs.office_workbook.book import Book
from sync.outputs.office_workbook.data_sheet import DataNames
from sync.outputs.office_workbook.leaves import Leaf, Leaves
from sync.outputs.office_workbook.standing_sheets import ProgressNames
from sync.plan import Row, Section, Table
from sync.text import address, column_letters

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

GROUP_ROW = 7
"""Zero-based row of the upper of the two heading rows."""
FIRST_ROW = GROUP_ROW + 2
_PAGE = 132.0
"""Characters across a landscape page; a printed column is wider than LEAST only where that leaves room."""
_LEAST = 46.0
_RESULT = "Kết quả thực hiện:"


@dataclass(frozen=True)
class Summary:
    """Where the figures of a table stand on its sheet, for formulas of other sheets."""

    sheet: str
    leaves: Leaves
    rows: Mapping[str, int]
    """Row and section codes → zero-based row; "" is the row of the grand total, where there is one."""

    def reference(self, code: str, key: str) -> str:
        """The cell of a figure."""
        return f"{cells.in_sheet(self.sheet)}!{address(self.rows[code], self.leaves.column_of(key))}"


def place(
    sheet: Worksheet, consolidated: Consolidated, figures: TableFigures, data: DataNames, progress: ProgressNames
) -> Summary:
    """Where everything will stand."""
    table = figures.table
    rows: dict[str, int] = {}
    for section in table.sections:
        rows[section.code] = FIRST_ROW + len(rows)
        for row in table.rows_of(section.code):
            rows[row.code] = FIRST_ROW + len(rows)
    for row in table.rows if not table.sections else ():
        rows[row.code] = FIRST_ROW + len(rows)
    leaves = Leaves(consolidated.plan, figures, data, progress, len(table.fixed))
    if any(leaf.totals != "none" for leaf in leaves.all):
        rows[""] = FIRST_ROW + len(rows)
    return Summary(sheet.get_name(), leaves, rows)


def write(book: Book, sheet: Worksheet, consolidated: Consolidated, summary: Summary) -> None:
    """The whole sheet."""
    _Writer(book, sheet, consolidated, summary).write()


class _Writer:
    def __init__(self, book: Book, sheet: Worksheet, consolidated: Consolidated, summary: Summary) -> None:
        self.book, self.sheet, self.consolidated, self.summary = book, sheet, consolidated, summary
        self.table: Table = summary.leaves.table
        self.leaves = summary.leaves.all
        self.widths = [*self._fixed_widths(), *(leaf.width for leaf in self.leaves)]

    def write(self) -> None:
        formats.set_widths(self.sheet, self.widths)
        title, *subtitles = self._titles()
        self.book.head(self.sheet, title, subtitles, self.widths)
        self._write_headings()
        for section in self.table.sections:
            self._write_section(section)
        for row in self.table.rows:
            self._write_row(row)
        if "" in self.summary.rows:
            self._write_total()
        self.sheet.freeze_panes(FIRST_ROW, self._frozen_columns())
        formats.set_up_page(self.sheet, self.book.office, repeat=(GROUP_ROW, GROUP_ROW + 1))
        last = max(self.summary.rows.values())
        who = ("Người lập bảng", "Thủ trưởng đơn vị")
        styles.signatures(self.sheet, self.book.formats, last + 2, self.widths, *who, place=self.book.office.place)

    def _fixed_widths(self) -> list[float]:
        widths = [min(fixed.width, _LEAST) for fixed in self.table.fixed]
        room = max(_PAGE - sum(widths) - sum(leaf.width for leaf in self.leaves), 0.0)
        return [width + min(fixed.width - width, room) for fixed, width in zip(self.table.fixed, widths, strict=True)]

    def _titles(self) -> list[str]:
        """The title and the lines below it; of activities those of the plan's printed appendix."""
        progress, period = self.consolidated.progress, self.consolidated.period
        counted = f"{period.title} – tổng hợp từ {int(progress['counted'].sum())}/{len(progress)} trường"
        document, plan = self.consolidated.plan.document, self.consolidated.plan
        if self.table.id != "activities":
            return [self.table.title, counted]
        printed = (document.appendix_subject or plan.subject, document.appendix_note)
        return [document.appendix_title or self.table.title, *filter(None, printed), f"{_RESULT} {counted}"]

    def _frozen_columns(self) -> int:
        # What scrolls must keep most of a small screen.
        return min(2, len(self.table.fixed)) if self.widths[0] + self.widths[1] <= 60 else 0

    def _write_headings(self) -> None:
        header = self.book.formats.heading()
        for number, fixed in enumerate(self.table.fixed):
            formats.merge(self.sheet, (GROUP_ROW, number, GROUP_ROW + 1, number), fixed.heading, header)
        column = len(self.table.fixed)
        for group, members in groupby(self.leaves, key=lambda leaf: leaf.group):
            leaves = list(members)
            self._write_group(group, leaves, column, header)
            column += len(leaves)
        headings = [(leaf.heading, leaf.width - 1.5) for leaf in self.leaves]
        self.sheet.set_row(GROUP_ROW, 2 * 15.0)
        self.sheet.set_row(GROUP_ROW + 1, formats.height_for(headings))

    def _write_group(self, group: str, leaves: Sequence[Leaf], column: int, header: Format) -> None:
        if not group:
            for number, leaf in enumerate(leaves, column):
                formats.merge(self.sheet, (GROUP_ROW, number, GROUP_ROW + 1, number), leaf.heading, header)
            return
        formats.merge(self.sheet, (GROUP_ROW, column, GROUP_ROW, column + len(leaves) - 1), group, header)
        for number, leaf in enumerate(leaves, column):
            self.sheet.write_string(GROUP_ROW + 1, number, leaf.heading, header)

    def _write_section(self, section: Section) -> None:
        rows = self.table.rows_of(section.code)
        at = self.summary.rows[section.code]
        look = {"bold": True, "bg_color": formats.SECTION_FILL}
        self.sheet.write_string(at, 0, f"{section.code}.", self.book.formats.boxed(align="center", **look))
        last = len(self.table.fixed) - 1
        if last:
            formats.merge(self.sheet, (at, 1, at, last), section.title, self.book.formats.boxed(**look))
        codes = [row.code for row in rows]
        self._write_sums(at, codes, [(at + 1, at + len(rows))] if rows else [], look)
        self.sheet.set_row(at, formats.height_for([(section.title, 0.92 * sum(self.widths[1 : last + 1]))]))

    def _write_row(self, row: Row) -> None:
        at = self.summary.rows[row.code]
        for number, fixed in enumerate(self.table.fixed):
            align = "center" if fixed.width <= 12 else "left"
            self.sheet.write_string(at, number, row.text(fixed.id), self.book.formats.boxed(align=align))
        for number, leaf in enumerate(self.leaves, len(self.table.fixed)):
            if leaf.is_open(row):
                self._write_figure(at, number, leaf, leaf.formula(row, at + 1), leaf.value([row.code]), {})
            else:
                closed = self.book.formats.boxed(bg_color=formats.CLOSED_FILL)
                self.sheet.write_blank(at, number, None, closed)
        texts = [(row.text(fixed.id), width) for fixed, width in zip(self.table.fixed, self.widths, strict=False)]
        self.sheet.set_row(at, formats.height_for(texts))

    def _write_total(self) -> None:
        at = self.summary.rows[""]
        look = {"bold": True, "bg_color": formats.HEADER_FILL}
        area = (at, 0, at, len(self.table.fixed) - 1)
        formats.merge(self.sheet, area, "Tổng cộng", self.book.formats.boxed(align="center", **look))
        parts = [(self.summary.rows[section.code],) * 2 for section in self.table.sections]
        self._write_sums(at, [row.code for row in self.table.rows], parts or [(FIRST_ROW, at - 1)], look)
        self.sheet.set_row(at, 15.0 + 6)

    def _write_sums(
        self, at: int, codes: Sequence[str], parts: Sequence[tuple[int, int]], look: Mapping[str, object]
    ) -> None:
        """A row of totals over the rows `parts` (first and last, zero-based) of the sheet."""
        for number, leaf in enumerate(self.leaves, len(self.table.fixed)):
            if leaf.totals == "none":
                self.sheet.write_blank(at, number, None, self.book.formats.boxed(**look))
                continue
            ranges = ",".join(_down(number, first, last) for first, last in parts)
            formula = leaf.formula(None, at + 1) if leaf.totals == "same" else f"=SUM({ranges or 0})"
            self._write_figure(at, number, leaf, formula, leaf.value(codes), look)

    def _write_figure(
        self, at: int, number: int, leaf: Leaf, formula: str, value: float | str, look: Mapping[str, object]
    ) -> None:
        form = self.book.formats.count(num_format=_NUMBER_FORMATS[leaf.look], **look)
        self.sheet.write_formula(at, number, formula, form, value)


_NUMBER_FORMATS = {"whole": formats.WHOLE, "number": formats.NUMBER, "share": formats.SHARE}


def _down(column: int, first: int, last: int) -> str:
    letters = column_letters(column)
    return f"{letters}{first + 1}" if first == last else f"{letters}{first + 1}:{letters}{last + 1}"
