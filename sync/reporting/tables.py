"""The shape of every table of a report: headings with widths, then rows of cells, some of them headings themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, TypedDict

Align = Literal["left", "center", "right"]


_NARROWEST = 40
"""Millimetres of a column of text."""


class Heading(TypedDict):
    """A column: its heading, its width in millimetres, how its cells stand."""

    heading: str
    width: float
    align: Align


class Line(TypedDict):
    """A row: `section` is the text of a row that is a heading (then `cells` is empty), else ""."""

    section: str
    cells: list[str]


class ReportTable(TypedDict):
    """A table of a report; `count` columns."""

    columns: list[Heading]
    rows: list[Line]
    count: int


def table(columns: Sequence[tuple[str, float, Align]], rows: Iterable[Line], width: float) -> ReportTable:
    """A table of `width` mm. Columns have their own widths in mm; those of width 0 share what is left.

    Where they are wider than the page, all columns are made narrower alike.
    """
    rest = sum(1 for each in columns if not each[1])
    left = max(width - sum(each[1] for each in columns), _NARROWEST * rest) / max(rest, 1)
    widths = [each[1] or left for each in columns]
    scale = width / sum(widths) if not rest or sum(widths) > width else 1
    headings: list[Heading] = [
        {"heading": heading, "width": round(own * scale, 2), "align": align}
        for (heading, _given, align), own in zip(columns, widths, strict=True)
    ]
    return {"columns": headings, "rows": list(rows), "count": len(headings)}


def line(*cells: str) -> Line:
    """An ordinary row."""
    return {"section": "", "cells": list(cells)}


def section(text: str) -> Line:
    """A row that is a heading over all columns."""
    return {"section": text, "cells": []}
