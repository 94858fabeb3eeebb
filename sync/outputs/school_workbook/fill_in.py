"""A fill-in cell: how a value is written into it, and what Excel lets a school type."""

from __future__ import annotations

from datetime import date, datetime

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from sync.expression.grammar import FIRST_DATE, LAST_DATE
from sync.outputs import layout as at
from sync.outputs.school_workbook import wording
from sync.plan import Column

_FAR = 999_999_999
"""Excel's validation wants two bounds."""


def write_value(sheet: Worksheet, row: int, column: int, value: object, style: Format) -> None:
    """Writes `value` as what it is, never as a formula."""
    match value:
        case None | "":
            sheet.write_blank(row, column, None, style)
        case bool():
            sheet.write_boolean(row, column, value, style)
        case int() | float():
            sheet.write_number(row, column, value, style)
        case datetime() | date():
            sheet.write_datetime(row, column, value, style)
        case _:
            sheet.write_string(row, column, str(value), style)


def validation(column: Column) -> dict[str, object]:
    """XlsxWriter's data validation of a fill-in column."""
    rule: dict[str, object] = {"ignore_blank": True, "error_title": "Chưa đúng", "error_type": "stop"}
    if column.help:
        rule |= {"input_title": _clipped(column.heading, 32), "input_message": _clipped(column.help, 255)}
    rule["error_message"] = _clipped(_explained(column), 255)
    return rule | _criteria(column)


def _criteria(column: Column) -> dict[str, object]:
    low, high = column.minimum, column.maximum
    match column.kind:
        case "choice":
            return {"validate": "list", "source": list(column.values)}
        case "date":
            first, last = low or FIRST_DATE, high or LAST_DATE
            return {"validate": "date", "criteria": "between", "minimum": first, "maximum": last}
        case "whole" | "number":
            first, last = _plain(low, -_FAR), _plain(high, _FAR)
            kind = "integer" if column.kind == "whole" else "decimal"
            return {"validate": kind, "criteria": "between", "minimum": first, "maximum": last}
    if column.max_length is None:
        return {"validate": "any"}
    return {"validate": "length", "criteria": "<=", "value": column.max_length, "error_type": "warning"}


def _plain(bound: float | date | None, otherwise: int) -> float | date:
    """`bound`, as an int where it is whole."""
    if bound is None:
        return otherwise
    return int(bound) if isinstance(bound, float) and bound.is_integer() else bound


def _explained(column: Column) -> str:
    if column.help:
        return column.help
    messages = wording.kind_messages(column)
    return messages[at.KIND_UNFIT] if column.kind == "text" and column.max_length else messages[at.KIND_WRONG]


def _clipped(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
