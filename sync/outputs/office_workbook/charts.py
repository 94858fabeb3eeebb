"""The charts of `Tổng quan`. Each answers the question that is its title, in colour and on a black-and-white print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sync.outputs import styles
from sync.outputs.office_workbook.chart_data import Places
from sync.standing import Standing

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.chart import Chart

_FONT = {"name": styles.FONT, "size": 9}
_TITLE = {"name": styles.FONT, "size": 10, "bold": True}
_FRAME = {"color": "#404040", "width": 0.75}
_NAMES = {"reverse": True, "num_font": _FONT, "major_tick_mark": "none", "line": _FRAME, "interval_unit": 1}
_ROOM_FOR_LABELS = 1.15
_GRID = {"visible": True, "line": {"color": "#D9D9D9", "width": 0.5}}


def _hatched(pattern: str, colour: str, ground: str = "#FFFFFF") -> dict[str, Any]:
    return {"pattern": {"pattern": pattern, "fg_color": colour, "bg_color": ground}}


_BARS: Mapping[Standing, dict[str, Any]] = {
    "on_time": {"fill": {"color": "#A9D18E"}},
    "late": _hatched("wide_upward_diagonal", "#BF9000", "#FFF2CC"),
    "to_mend": _hatched("narrow_horizontal", "#C55A11", "#FBE5D6"),
    "missing": {"fill": {"color": "#D9534F"}},
    "due_soon": _hatched("percent_20", "#2F5597", "#DDEBF7"),
    "not_due": {"fill": {"color": "#FFFFFF"}},
    "excused": {"fill": {"color": "#D9D9D9"}},
}
"""Fill of each standing: no two look alike in grey."""


def standings(book: Workbook, places: Places, shown: Sequence[Standing]) -> Chart:
    """Schools by standing, one bar each."""
    chart = book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "categories": places.down(0),
            "values": places.down(1),
            "points": [{**_BARS[standing], "border": _FRAME} for standing in shown],
            "border": _FRAME,
            "gap": 40,
            "data_labels": {"value": True, "font": {**_FONT, "bold": True}},
        }
    )
    chart.set_legend({"none": True})
    chart.set_y_axis(_NAMES)
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0})
    return _finished(chart, "Các trường đang ở đâu?")


def lagging(book: Workbook, places: Places, what: str) -> Chart:
    """Shares that are done, the lowest on top; `what` they are."""
    chart = book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "categories": places.down(0),
            "values": places.down(1),
            "fill": {"color": "#9DC3E6"},
            "border": _FRAME,
            "gap": 35,
            "data_labels": {"value": True, "num_format": "0%", "font": {**_FONT, "bold": True}},
        }
    )
    chart.set_legend({"none": True})
    chart.set_y_axis(_NAMES)
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0, "max": _ROOM_FOR_LABELS})
    return _finished(chart, f"Hoạt động nào chậm? ({what.lower()})")


def receipts(book: Workbook, places: Places, schools: int) -> Chart:
    """Reports that had come in by the end of each day, before and after the due day, against the number of schools."""
    chart = book.add_chart({"type": "column"})
    for column, look in ((1, {"fill": {"color": "#9DC3E6"}}), (2, _hatched("wide_upward_diagonal", "#C00000"))):
        chart.add_series(
            {
                "name": places.heading(column),
                "categories": places.down(0),
                "values": places.down(column),
                **look,
                "border": {"color": "#404040", "width": 0.5},
                "gap": 20,
                "overlap": 100,
            }
        )
    line = book.add_chart({"type": "line"})
    line.add_series(
        {
            "name": places.heading(3),
            "categories": places.down(0),
            "values": places.down(3),
            "line": {"color": "#000000", "width": 1.25, "dash_type": "dash"},
            "marker": {"type": "none"},
        }
    )
    chart.combine(line)
    chart.set_legend({"position": "bottom", "font": _FONT})
    days = places.last - places.first + 1
    every = -(-days // 9)
    chart.set_x_axis(
        {"num_font": _FONT, "num_format": "dd/mm", "text_axis": True, "interval_unit": every, "interval_tick": every}
    )
    unit = _unit(schools)
    chart.set_y_axis({"num_font": _FONT, "num_format": "#,##0", "min": 0, "major_unit": unit, "major_gridlines": _GRID})
    return _finished(chart, "Báo cáo về khi nào so với hạn?")


def _unit(most: int) -> int:
    """The step of an axis of whole numbers up to `most`: at most six of them, and 1, 2 or 5 with noughts."""
    steps = (step * 10**power for power in range(9) for step in (1, 2, 5))
    return next(int(step) for step in steps if step * 6 >= most)


def _finished(chart: Chart, question: str) -> Chart:
    chart.set_title({"name": question, "name_font": _TITLE, "overlay": False})
    chart.set_chartarea({"border": {"color": styles.BORDER, "width": 0.75}})
    # The figures stand on a hidden sheet.
    chart.show_hidden_data()
    return chart
