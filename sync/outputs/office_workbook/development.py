"""The chart of how a share went on from period to period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.outputs import styles

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.chart import Chart

_FONT = {"name": styles.FONT, "size": 10}
_LINE = {"color": "#1F3864", "width": 2}


def share(book: Workbook, sheet: str, rows: tuple[int, int], columns: tuple[int, int], question: str) -> Chart:
    """A line over the columns (first, last) of `rows`: headings, shares. Empty cells are gaps, never zero."""
    first, last = columns
    return _line(book, [sheet, rows[0], first, rows[0], last], [sheet, rows[1], first, rows[1], last], question)


def share_down(book: Workbook, sheet: str, rows: tuple[int, int], columns: tuple[int, int], question: str) -> Chart:
    """The same down the rows (first, last) of `columns`: headings, shares."""
    first, last = rows
    return _line(
        book, [sheet, first, columns[0], last, columns[0]], [sheet, first, columns[1], last, columns[1]], question
    )


def _line(book: Workbook, headings: list[str | int], values: list[str | int], question: str) -> Chart:
    chart = book.add_chart({"type": "line"})
    chart.add_series(
        {
            "categories": headings,
            "values": values,
            "line": _LINE,
            "marker": {"type": "circle", "size": 7, "fill": {"color": "#FFFFFF"}, "border": _LINE},
            "data_labels": {"value": True, "num_format": "0.0%", "position": "above", "font": {**_FONT, "bold": True}},
        }
    )
    chart.set_title({"name": question, "name_font": {**_FONT, "size": 12, "bold": True}, "overlay": False})
    chart.set_legend({"none": True})
    grid = {"visible": True, "line": {"color": "#D9D9D9", "width": 0.5}}
    chart.set_y_axis({"min": 0, "max": 1, "num_format": "0%", "num_font": _FONT, "major_gridlines": grid})
    chart.set_x_axis({"num_font": _FONT})
    chart.show_blanks_as("gap")
    chart.set_chartarea({"border": {"color": styles.BORDER, "width": 0.75}})
    return chart
