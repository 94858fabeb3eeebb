"""The charts of `Tổng quan`: plain bars that can be told apart on a black-and-white print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sync.outputs import styles
from sync.plan import Stage

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.chart import Chart

_COLOURS: Mapping[Stage, str] = {"done": "#548235", "under_way": "#FFD966", "not_begun": "#F8CBAD"}
_FONT = {"name": styles.FONT, "size": 9}
_FRAME = {"color": "#595959", "width": 0.75}


@dataclass(frozen=True)
class Places:
    """Where a chart's figures stand: sheet, first and last row, column of the categories, zero-based."""

    sheet: str
    first: int
    last: int
    categories: int

    def down(self, column: int) -> list[Any]:
        return [self.sheet, self.first, column, self.last, column]


def standings(book: Workbook, places: Places, values: int) -> Chart:
    """Schools by standing."""
    chart = book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "categories": places.down(places.categories),
            "values": places.down(values),
            "fill": {"color": "#8EA9DB"},
            "border": _FRAME,
            "gap": 45,
            "data_labels": {"value": True, "font": _FONT},
        }
    )
    chart.set_title({"name": "Số trường theo tình trạng nộp", "name_font": {**_FONT, "size": 10}, "overlay": False})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True, "num_font": _FONT, "major_tick_mark": "none"})
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0})
    return chart


def progress(book: Workbook, places: Places, heading_row: int, series: Sequence[tuple[int, Stage]]) -> Chart:
    """Shares of the stages, one bar a section; `series` gives each stage's column."""
    chart = book.add_chart({"type": "bar", "subtype": "percent_stacked"})
    for column, stage in series:
        chart.add_series(
            {
                "name": [places.sheet, heading_row, column],
                "categories": places.down(places.categories),
                "values": places.down(column),
                "fill": {"color": _COLOURS[stage]},
                "border": _FRAME,
                "gap": 40,
                "data_labels": {"value": True, "font": {**_FONT, "bold": True}},
            }
        )
    chart.set_title({"name": "Kết quả theo mục", "name_font": {**_FONT, "size": 10}})
    chart.set_legend({"position": "bottom", "font": _FONT})
    chart.set_y_axis({"reverse": True, "num_font": {**_FONT, "size": 10}})
    chart.set_x_axis(
        {"num_font": _FONT, "num_format": "0%", "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}}
    )
    return chart
