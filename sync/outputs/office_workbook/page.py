"""One printed page while it is filled from top to bottom: a grid of narrow columns, and the height that is used up."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sync.outputs.office_workbook import cells, formats
from sync.outputs.office_workbook.book import Book

if TYPE_CHECKING:
    from xlsxwriter.chart import Chart
    from xlsxwriter.worksheet import Worksheet

COLUMNS = 32
"""Columns of the grid, all as wide as each other."""
WIDTH = 18 / 7
_PIXELS = 23
_POINTS = _PIXELS * 0.75
_CHARACTER = 5.25
_PRINTED = 0.99
HEIGHT = 812.0
"""Points; between the margins of an A4 page (see formats.set_up_page) are 769, so that print is a little smaller."""
SMALL = 10.0


class Formula(NamedTuple):
    """A formula and the value that it gives."""

    text: str
    value: float | str


def characters(columns: int) -> float:
    """The width of so many columns, in characters, as the sizes of texts are measured; a little is kept back."""
    return columns * _POINTS / _CHARACTER * _PRINTED


class Page:
    """`row` is the row that is being written, zero-based; `used` the height of those above it, in points."""

    def __init__(self, book: Book, sheet: Worksheet) -> None:
        self.book, self.sheet = book, sheet
        self.row, self.used = 0, 0.0
        formats.set_widths(sheet, self.widths)

    @property
    def widths(self) -> list[float]:
        """Of all columns, in characters."""
        return [WIDTH] * COLUMNS

    @property
    def left(self) -> float:
        """The height that is left, in points."""
        return HEIGHT - self.used

    def next(self, height: float) -> None:
        """Ends the row, which is `height` points high (best a multiple of 0.75, a pixel)."""
        self.sheet.set_row(self.row, height)
        self.row, self.used = self.row + 1, self.used + height

    def text(self, first: int, last: int, text: str, **look: Any) -> None:
        """A text over the columns from `first` to `last`."""
        form = self._form(look)
        formats.merge(self.sheet, (self.row, first, self.row, last), cells.clean(text), form)

    def figure(self, first: int, last: int, formula: Formula, **look: Any) -> None:
        """A figure over the columns from `first` to `last`, a whole number unless told."""
        form = self._form({"num_format": formats.WHOLE, "align": "center", **look})
        if first < last:
            self.sheet.merge_range(self.row, first, self.row, last, "", form)
        self.sheet.write_formula(self.row, first, formula.text, form, formula.value)

    def number(self, first: int, last: int, number: float, **look: Any) -> None:
        """A number that no other sheet has."""
        form = self._form(look)
        if first < last:
            self.sheet.merge_range(self.row, first, self.row, last, "", form)
        self.sheet.write_number(self.row, first, number, form)

    def moment(self, first: int, last: int, moment: datetime, **look: Any) -> None:
        """A moment, as clocks show it."""
        form = self._form(look)
        if first < last:
            self.sheet.merge_range(self.row, first, self.row, last, "", form)
        self.sheet.write_datetime(self.row, first, moment, form)

    def chart(self, chart: Chart, row: int, columns: tuple[int, int], height: float) -> None:
        """A chart from `row` on over the columns (first, last), `height` points high."""
        width = (columns[1] - columns[0] + 1) * _PIXELS
        chart.set_size({"width": width - 4, "height": int(height / 0.75) - 4})
        self.sheet.insert_chart(row, columns[0], chart, {"x_offset": 2, "y_offset": 2, "object_position": 1})

    def _form(self, look: dict[str, Any]) -> Any:
        return self.book.formats.get(**{"font_size": SMALL, "text_wrap": True, **look})
