"""How sheets lie on paper: no column that falls off the page, no last page with a few rows on it."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

# Pixels, 96 an inch, of an A4 page between the margins (see formats.set_up_page).
_LONG, _SHORT = 297 / 25.4 * 96, 210 / 25.4 * 96
_BESIDE, _ABOVE = 0.8 * 96, 1.0 * 96
_LITTLE, _SMALLEST = 0.4, 0.7
"""A last page that is filled less is saved, where the print need not become smaller than so much of what it was."""
_WIDER, _SPARE = 1.05, 0.9
"""Columns are as wide as digits, which programs and printers measure differently: 7 to 8 pixels, XlsxWriter says 7."""


def scale(sheet: Worksheet, breaks: Sequence[int] = (), repeated: int = 0) -> int:
    """The per cent, at most 100, at which all columns of `sheet` fit on one page across, or on more.

    For a sheet with page breaks of its own: Excel heeds none where it is told to fit a sheet to pages. Each column of
    `breaks` begins a page across, on which the first `repeated` columns stand before it.
    """
    ends = [*breaks, max(sheet.col_info, default=0) + 1]
    spans = [(0, ends[0]), *pairwise(ends)]
    beside = _width(sheet, range(repeated))
    widest = max(_width(sheet, range(*span)) + (beside if span[0] else 0) for span in spans)
    return max(10, min(100, int(100 * _SPARE * _page(sheet)[0] / widest)))


def settle(sheet: Worksheet) -> None:
    """Once a sheet is written: fits it to as many pages as it takes, one less where the last would be nearly empty.

    Measures differ a little from program to program, and none may put a row or two on one more page. Sheets that are
    not fitted to one page across, or are to a number of pages, are left as they are.
    """
    if not sheet.fit_page or (sheet.fit_width, sheet.fit_height) != (1, 0) or sheet.dim_rowmax is None:
        return
    heights = [sheet.row_sizes.get(row, (20,))[0] for row in range(sheet.dim_rowmax + 1)]
    width, height = _page(sheet)
    again = _repeated(sheet, heights)
    natural = int(100 * min(1.0, width / _width(sheet)))
    pages, used = _pages(heights, again, 100 * height / natural)
    if pages > 1 and used - again < _LITTLE * 100 * height / natural:
        smaller = range(natural - 1, int(_SMALLEST * natural), -1)
        pages -= any(_pages(heights, again, 100 * height / percent)[0] < pages for percent in smaller)
    sheet.fit_to_pages(1, pages)


def _page(sheet: Worksheet) -> tuple[float, float]:
    across, down = (_LONG, _SHORT) if sheet.orientation == 0 else (_SHORT, _LONG)
    return across - _BESIDE, down - _ABOVE


def _width(sheet: Worksheet, columns: Container[int] | None = None) -> float:
    shown = [info for column, info in sheet.col_info.items() if columns is None or column in columns]
    return _WIDER * sum(info.width or 0 for info in shown if not info.hidden) or 1.0


def _repeated(sheet: Worksheet, heights: Sequence[float]) -> float:
    """How high the rows are that stand on top of every page."""
    found = re.search(r"\$(\d+):\$(\d+)$", sheet.repeat_row_range)
    return sum(heights[int(found[1]) - 1 : int(found[2])]) if found else 0.0


def _pages(heights: Sequence[float], again: float, room: float) -> tuple[int, float]:
    """How many pages rows of these heights take, and how much of the last one."""
    pages, used = 1, 0.0
    for height in heights:
        if used and used + height > room:
            pages, used = pages + 1, again
        used += height
    return pages, used
