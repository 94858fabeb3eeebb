"""The hidden sheet behind the charts of `Tổng quan`: figures that stand nowhere else, in the order of the charts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sync.consolidate import Consolidated
from sync.outputs.office_workbook import cells, formats
from sync.outputs.office_workbook.book import Book
from sync.outputs.office_workbook.data_sheet import content_of
from sync.outputs.office_workbook.fitting import shortened
from sync.outputs.office_workbook.standing_sheets import LABELS, ProgressNames
from sync.outputs.office_workbook.summary_sheets import Summary
from sync.standing import Standing
from sync.text import address

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

SHEET = "Số liệu biểu đồ"
STANDINGS: tuple[Standing, ...] = ("on_time", "late", "to_mend", "missing", "due_soon", "not_due", "excused")
_ALWAYS: tuple[Standing, ...] = ("on_time", "late", "to_mend", "missing")
_POINTS = 36
_LABEL_WIDTH, _LABEL_SIZE = 30.0, 9.0


@dataclass(frozen=True)
class Places:
    """Where a chart's figures stand: sheet, first and last row, zero-based; column A has the categories."""

    sheet: str
    first: int
    last: int

    def down(self, column: int) -> list[str | int]:
        """The figures of a column, as XlsxWriter takes a range."""
        return [self.sheet, self.first, column, self.last, column]

    def heading(self, column: int) -> list[str | int]:
        """The cell above them."""
        return [self.sheet, self.first - 1, column]


class ChartData:
    """The sheet while it is written, from top to bottom; `progress` are the names of ranges of `Tiến độ nộp`."""

    def __init__(self, book: Book, consolidated: Consolidated, progress: ProgressNames) -> None:
        self.book, self.consolidated, self.progress = book, consolidated, progress
        self.sheet: Worksheet = book.add_sheet(SHEET)
        self.sheet.hide()
        formats.set_widths(self.sheet, [36, 14, 14, 14])
        self.row = 0

    def standings(self) -> tuple[Places, tuple[Standing, ...]]:
        """Schools by standing, in column B: those that everybody asks for, and those that have schools."""
        counts = self.consolidated.standings
        shown = tuple(each for each in STANDINGS if each in _ALWAYS or counts[each])
        self._head("Tình trạng nộp", "Số trường")
        for standing in shown:
            self._text(LABELS[standing])
            self._formula(1, count_of(self.progress, standing), counts[standing])
            self.row += 1
        return self._places(len(shown)), shown

    def lagging(self, summary: Summary, most: int) -> Places | None:
        """The share that is done (column B) of the rows of `summary` with the least of it, lowest first.

        At most `most` rows; None where nothing is done or left undone by anybody.
        """
        leaves = {leaf.key: leaf for leaf in summary.leaves.all}
        table, share = summary.leaves.table, leaves["done_share"].value
        shares = {row.code: share([row.code]) for row in table.rows}
        rows = [row for row in table.rows if not isinstance(shares[row.code], str)]
        rows = sorted(rows, key=lambda row: float(shares[row.code]))[:most]
        if not rows:
            return None
        self._head(table.row_name, leaves["done_share"].heading)
        for row in rows:
            self._text(shortened(f"{row.code} {content_of(table, row)}", _LABEL_WIDTH, _LABEL_SIZE))
            self._formula(1, "=" + summary.reference(row.code, "done_share"), shares[row.code], formats.SHARE)
            self.row += 1
        return self._places(len(rows))

    def receipts(self) -> Places:
        """How many schools had reported by the end of each day: B up to the due day, C after it; D: all schools."""
        received = self.consolidated.progress["received_at"].dropna().dt.tz_convert(self.book.zone)
        days = sorted(moment.date() for moment in received)
        due = self.consolidated.period.schools_due
        limit = due.astimezone(self.book.zone).date() if due else None
        points = list(_points(days, limit, self.book.now.date()))
        by_due = sum(limit is None or day <= limit for day in days)
        self._receipt_heads(limit, by_due, len(days) - by_due)
        for day, is_known in points:
            self._receipt_line(day, limit, sum(each <= day for each in days) if is_known else None)
        return self._places(len(points))

    def _receipt_heads(self, limit: date | None, by_due: int, after: int) -> None:
        names, schools = self.progress, len(self.consolidated.progress)
        self._head("Ngày")
        before = f'COUNTIF({names.received},"<"&{_serial(limit) + 1})' if limit else f"COUNT({names.received})"
        label = f"Đến hạn {limit:%d/%m}: " if limit else "Đã gửi: "
        row = self.row - 1
        for column, words, formula, value in (
            (1, label, before, by_due),
            (2, "Sau hạn: ", f"COUNT({names.received})-{before}", after),
            (3, "Phải nộp: ", f"COUNTA({names.code})", schools),
        ):
            text = f"={cells.quoted(words)}&{formula}"
            self.sheet.write_formula(row, column, text, self._form(), f"{words}{value}")

    def _receipt_line(self, day: date, limit: date | None, known: int | None) -> None:
        self.sheet.write_number(self.row, 0, _serial(day), self._form(num_format="dd/mm"))
        if known is not None:
            formula = f'=COUNTIF({self.progress.received},"<"&{address(self.row, 0)}+1)'
            self._formula(2 if limit and day > limit else 1, formula, known)
        self._formula(3, f"=COUNTA({self.progress.code})", len(self.consolidated.progress))
        self.row += 1

    def _head(self, *texts: str) -> None:
        self.row += 1 if self.row else 0
        for column, text in enumerate(texts):
            self.sheet.write_string(self.row, column, text, self._form(bold=True))
        self.row += 1

    def _text(self, text: str) -> None:
        self.sheet.write_string(self.row, 0, cells.clean(text), self._form())

    def _formula(self, column: int, formula: str, value: float | str, shown: str = formats.WHOLE) -> None:
        self.sheet.write_formula(self.row, column, formula, self._form(num_format=shown), value)

    def _form(self, **look: object) -> object:
        return self.book.formats.get(**look)

    def _places(self, rows: int) -> Places:
        return Places(self.sheet.get_name(), self.row - rows, self.row - 1)


def count_of(progress: ProgressNames, standing: Standing) -> str:
    """The formula that counts the schools with this standing."""
    return f"=COUNTIF({progress.standing},{cells.criterion(LABELS[standing])})"


def _points(days: Sequence[date], due: date | None, today: date) -> Iterator[tuple[date, bool]]:
    """The days to show, the due day among them, and whether what came in by then is known at all.

    From the first report on, at least the week before the due day; where that takes too many days, only some of them.
    """
    centre = due or (days[-1] if days else today)
    first = min([centre - timedelta(days=6), *days[:1]])
    last = max([centre, *days[-1:]])
    step = timedelta(days=math.ceil(((last - first).days + 1) / _POINTS))
    day = centre - step * math.ceil((centre - first) / step)
    while True:
        yield day, day - step < today
        if day >= last:
            return
        day += step


def _serial(day: date) -> int:
    return (day - date(1899, 12, 30)).days
